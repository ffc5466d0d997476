"""One node of the catalog inside a test, with short ways to feed it and to look at it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import text

from callboard.catalog.ingest.contract import Deferred
from callboard.catalog.ingest.guard import Guard
from callboard.catalog.ingest.rules import Rules, parse_rules
from callboard.catalog.providers import Target
from callboard.catalog.runtime import Runtime
from callboard.catalog.settings import Settings
from callboard.core.reader import UrlReader

KINDS = ["Component", "API", "Location", "Group", "User", "System", "Domain", "Resource"]
Row = dict[str, Any]


@dataclass
class Options:
    """`allow` are the hosts that may be read; `interval` None refreshes nothing by the clock."""

    targets: Sequence[Target] = ()
    rules: Rules = field(default_factory=lambda: parse_rules([{"allow": KINDS}]))
    keep_orphans: bool = False
    readonly: bool = False
    interval: float | None = None
    guard: Guard = field(default_factory=Guard)
    roots: Sequence[Path] = ()
    allow: Sequence[str] = ()


class Node:
    """A started `Runtime`."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.catalog = runtime.catalog
        self._stopped = False

    async def stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            await self.runtime.stop()

    async def settled(self) -> None:
        """Everything due is processed and the index shows it."""
        await asyncio.wait_for(self.runtime.engine.settled(), 120)
        await self.catalog.caught_up()

    async def give(self, *entities: Row, provider: str = "test", guarded: bool = True) -> None:
        """The provider's whole list of entities; returns when the catalog is settled."""
        items = [deferred(entity) for entity in entities]
        await self.runtime.connection(provider).apply_full(items, guarded=guarded)
        await self.settled()

    async def change(
        self, *added: Row, removed: Sequence[str] = (), provider: str = "test", key: str | None = "test:key"
    ) -> None:
        """A delta of the provider."""
        items = [deferred(entity, key) for entity in added]
        await self.runtime.connection(provider).apply_delta(items, removed)
        await self.settled()

    async def refresh(self, *paths: Path) -> None:
        """What the file watch does when these files changed."""
        await self.runtime.connection("test").refresh([f"file:{path}" for path in paths])
        await self.settled()

    @property
    def refs(self) -> set[str]:
        """The refs of all entities that the index shows."""
        index = self.runtime.index
        return {index.ref(row) for row in index.everything}

    def names(self, kind: str) -> set[str]:
        return {ref.partition("/")[2] for ref in self.refs if ref.startswith(f"{kind}:")}

    async def entity(self, ref: str) -> Row:
        """As the index shows it; KeyError when it does not."""
        index = self.runtime.index
        row = index.row(ref)
        if row is None:
            raise KeyError(ref)
        body = (await index.bodies([row]))[0]
        assert body is not None
        entity: Row = orjson.loads(body)
        return entity

    async def relations(self, ref: str) -> set[tuple[str, str]]:
        return {(item["type"], item["targetRef"]) for item in (await self.entity(ref))["relations"]}

    async def messages(self, type: str = "error") -> list[str]:
        """What the list of problems says."""
        return [row["message"] for row in await self.catalog.problems() if row["type"] == type]

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.runtime.database.read() as connection:
            return [tuple(row) for row in await connection.execute(text(query))]


async def started(database_url: str, options: Options) -> Node:
    """A node that has read its sources once."""
    settings = Settings(
        database_url=database_url,
        rules=options.rules,
        targets=list(options.targets),
        interval=options.interval,
        keep_orphans=options.keep_orphans,
        keep_orphan_providers=True,  # the "test" provider is not one that a node is started with
        readonly=options.readonly,
        guard=options.guard,
        roots=[str(root) for root in options.roots],
    )
    allow = [{"host": host} for host in options.allow]
    reader = UrlReader.from_config({"backend": {"reading": {"allow": allow}}})
    runtime = Runtime(settings, reader, reader.integrations)
    await runtime.start()
    node = Node(runtime)
    await node.settled()
    return node


def deferred(entity: Row, key: str | None = "test:key") -> Deferred:
    return Deferred(entity, key)


def entity(kind: str, name: str, *, source: str = "test:made-up", **spec: Any) -> Row:
    """A healthy entity as a provider gives it."""
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {
            "name": name,
            "annotations": {
                "backstage.io/managed-by-location": source,
                "backstage.io/managed-by-origin-location": source,
            },
        },
        "spec": spec,
    }


def component(name: str, **spec: Any) -> Row:
    return entity(
        "Component", name, **{"type": "service", "lifecycle": "production", "owner": "team", **spec}
    )


def location(*targets: Path | str, kind: str = "file", name: str = "root", **spec: Any) -> Row:
    """A Location that reads these targets."""
    given = [str(target) for target in targets]
    return entity("Location", name, source=f"{kind}:{given[0]}", type=kind, targets=given, **spec)


def component_yaml(name: str, **spec: str) -> str:
    fields = {"type": "service", "lifecycle": "production", "owner": "team", **spec}
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\nspec:\n"
        + "".join(f"  {key}: {value}\n" for key, value in fields.items())
    )


def write(path: Path, *documents: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("---\n".join(documents))
    return path


async def until(condition: Callable[[], bool], limit: float = 5.0) -> float:
    """Waits for the condition; returns how many seconds that took."""
    started_at = time.monotonic()
    while not condition():
        assert time.monotonic() - started_at < limit, "it did not happen in time"
        await asyncio.sleep(0.01)
    return time.monotonic() - started_at


def types(relations: Iterable[tuple[str, str]]) -> set[str]:
    return {kind for kind, _ in relations}
