"""A lake, a server that answers as registries do, and the work that sources are given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callboard.core.reader import UrlReader
from callboard.pipelines.lake import Lake
from callboard.pipelines.settings import Limits
from callboard.pipelines.sources.cache import Cache
from callboard.pipelines.sources.client import Client
from callboard.pipelines.sources.contract import Package, Shelf, Work
from callboard.pipelines.sources.state import State
from tests.core.reader.servers import Server, running

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
Worker = Callable[..., Work]


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
async def work_of(lake: Lake, server: Server) -> AsyncIterator[Worker]:
    """Makes the work of one collection: packages as `npm:left-pad`, and what else `Work` takes."""
    readers: list[UrlReader] = []

    def make(
        *packages: str,
        repositories: tuple[str, ...] = (),
        limits: Limits | None = None,
        integrations: dict[str, Any] | None = None,
        now: datetime = NOW,
        **options: Any,
    ) -> Work:
        config = {
            "backend": {"reading": {"allow": [{"host": server.host}]}},
            "integrations": integrations or {},
        }
        readers.append(UrlReader.from_config(config))
        limits = limits or Limits(per_second=100, tries=2, fresh_for=0)
        client = Client(readers[-1], Cache(lake), limits)
        named = tuple(Package(*one.split(":", 1)) for one in packages)
        return Work(lake, client, State(lake), now, shelf=Shelf(named, repositories), **options)

    yield make
    for reader in readers:
        await reader.aclose()
