"""An identity on a real database, with a clock that the test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from callboard.access.identity import Identity
from callboard.core.config import Config, load_config
from callboard.core.database import Database

START = 1_800_000_000.0


class Clock:
    """Seconds since 1970, as the test says."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


class Groups:
    """A directory that knows what is put into `owned`."""

    def __init__(self) -> None:
        self.owned: dict[str, tuple[str, ...]] = {}

    async def user(self, ref: str) -> dict[str, Any] | None:
        return {"kind": "User"} if ref in self.owned else None

    async def find(
        self,
        *,
        name: str | None = None,
        email: str | None = None,
        annotation: tuple[str, str] | None = None,
    ) -> list[str]:
        return [ref for ref in self.owned if name is not None and ref.endswith(f"/{name}")]

    def ownership(self, ref: str) -> tuple[str, ...]:
        return self.owned.get(ref, ())


NewNode = Callable[..., Awaitable[Identity]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory() -> Groups:
    return Groups()


@pytest.fixture
def config(tmp_path: Path) -> Callable[[dict[str, Any]], Config]:
    """A configuration from plain values."""

    def made(values: dict[str, Any]) -> Config:
        path = tmp_path / "app-config.yaml"
        path.write_bytes(orjson.dumps(values))  # JSON is YAML
        return load_config([path], {})

    return made


@pytest.fixture
async def new_node(
    database_url: str, config: Callable[[dict[str, Any]], Config], clock: Clock
) -> AsyncIterator[NewNode]:
    """Starts one more node on the database: `await new_node({config}, directory)`."""
    opened: list[tuple[Identity, Database]] = []

    async def start(values: dict[str, Any] | None = None, directory: Groups | None = None) -> Identity:
        database = Database(database_url, pool_size=2)
        identity = Identity(database, config(values or {}), directory, clock=clock)
        opened.append((identity, database))
        await identity.start()
        return identity

    yield start
    for identity, database in opened:
        await identity.stop()
        await database.close()


@pytest.fixture
async def identity(new_node: NewNode) -> Identity:
    return await new_node()
