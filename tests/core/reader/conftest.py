"""Two servers, so that one can redirect to the other, and a reader that is closed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from callboard.core.reader import UrlReader
from tests.core.reader.servers import Server, running

ReaderFactory = Callable[..., UrlReader]


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def other() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
async def reader_of() -> AsyncIterator[ReaderFactory]:
    """Makes a reader that allows the given hosts; closes it after the test."""
    made: list[UrlReader] = []

    def make(*hosts: str, integrations: dict[str, Any] | None = None, **options: Any) -> UrlReader:
        allow = [{"host": host} for host in hosts]
        config = {"backend": {"reading": {"allow": allow}}, "integrations": integrations or {}}
        made.append(UrlReader.from_config(config, **options))
        return made[-1]

    yield make
    for reader in made:
        await reader.aclose()
