"""Fills an index with made-up final entities, and serves it, to measure reads without a database.

usage: python -m bench.synthetic --entities 10000 --port 7399
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import random
import time
import uuid
from collections.abc import Iterator
from typing import Any

import orjson

from callboard.catalog.index import Entry, Index

KINDS = ["component"] * 6 + ["api"] * 2 + ["resource", "system"]
TYPES = ["service", "website", "library", "job", "openapi", "grpc", "database", "queue"]
LIFECYCLES = ["production", "experimental", "deprecated"]
LANGUAGES = ["java", "python", "go", "rust", "typescript", "kotlin", "scala", "ruby", "c++", "elixir"]
WORDS = [
    "billing", "ledger", "invoice", "orders", "cart", "search", "profile", "login", "mail", "push", "audit",
    "stock", "route", "fleet", "map", "photo", "video", "chat", "quota", "price", "tax", "refund", "report",
    "batch", "stream", "cache", "proxy", "edge", "config", "metrics",
]  # fmt: skip


def teams(count: int) -> int:
    return max(5, count // 100)


def name_of(number: int) -> str:
    """The name of entity `number`; the same in every run, so that a load generator can ask for it."""
    pick = random.Random(number)
    return f"{pick.choice(WORDS)}-{pick.choice(WORDS)}-{number}"


def kind_of(number: int) -> str:
    return KINDS[number % len(KINDS)]


def team_of(number: int, count: int) -> str:
    return f"team-{number * 7919 % teams(count)}"


def entities(count: int) -> Iterator[Entry]:
    """`count` entities of about 1.8 KB and some 25 terms, behind three locations that are their parents."""
    for at, parents in enumerate(((), ("location:default/root-0",), ("location:default/root-1",))):
        yield _entry(
            "Location", f"root-{at}", {"type": "url", "target": f"https://git.example/{at}"}, [], parents
        )
    pick = random.Random(1)
    for number in range(count):
        yield _made_up(number, count, pick)


def _made_up(number: int, count: int, pick: random.Random) -> Entry:
    kind, team = kind_of(number), team_of(number, count)
    spec: dict[str, Any] = {
        "type": pick.choice(TYPES),
        "lifecycle": pick.choice(LIFECYCLES),
        "owner": team,
        "system": f"system-{number % max(1, count // 50)}",
    }
    relations = [
        {"type": "ownedBy", "targetRef": f"group:default/{team}"},
        {"type": "partOf", "targetRef": f"system:default/{spec['system']}"},
    ]
    for _ in range(2):
        target = f"component:default/{name_of(pick.randrange(count))}"
        relations.append({"type": "dependsOn", "targetRef": target})
    spec["dependsOn"] = [one["targetRef"] for one in relations[2:]]
    parents = ("location:default/root-2",)
    return _entry({"api": "API"}.get(kind, kind.title()), name_of(number), spec, relations, parents, pick)


def _entry(
    kind: str,
    name: str,
    spec: dict[str, Any],
    relations: list[dict[str, str]],
    parents: tuple[str, ...],
    pick: random.Random | None = None,
) -> Entry:
    url = f"https://git.example/company/{name}/blob/main/catalog-info.yaml"
    entity_id = str(uuid.UUID(hashlib.md5(f"{kind}/{name}".encode()).hexdigest()))
    metadata: dict[str, Any] = {
        "namespace": "default",
        "name": name,
        "title": f"The {name.replace('-', ' ').title()}",
        "description": f"{name} keeps the promises that the company made. " * 4,
        "annotations": {
            "backstage.io/managed-by-location": f"url:{url}",
            "backstage.io/managed-by-origin-location": "url:https://git.example/company/root/all.yaml",
            "backstage.io/view-url": url,
            "backstage.io/edit-url": url.replace("blob", "edit"),
            "backstage.io/source-location": f"url:https://git.example/company/{name}/tree/main/",
        },
        "uid": entity_id,
        "etag": hashlib.sha1(name.encode()).hexdigest(),
    }
    if pick is not None:
        metadata["labels"] = {"tier": str(pick.randrange(4)), "language": pick.choice(LANGUAGES)}
        metadata["tags"] = sorted(pick.sample(LANGUAGES, 2))
        metadata["links"] = [{"url": f"https://{name}.example", "title": "Dashboard", "icon": "dashboard"}]
        spec["notes"] = "x" * pick.randrange(100, 400)  # longer than a term can be, as definitions are
    entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
        "relations": relations,
    }
    return Entry(f"{kind}:default/{name}".lower(), entity_id, orjson.dumps(entity), parents)


def filled(count: int, chunk: int = 500) -> Index:
    """An index of `count` made-up entities."""
    index = Index()
    batch: list[Entry] = []
    for entry in entities(count):
        batch.append(entry)
        if len(batch) == chunk:
            index.put_many(batch)
            batch = []
    if batch:
        index.put_many(batch)
    return index


def _resident() -> float:
    """Memory of this process in MB."""
    with open("/proc/self/statm") as memory:
        return int(memory.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def _serve(count: int, port: int) -> None:
    import gc

    from granian.constants import Interfaces
    from granian.server.embed import Server
    from starlette.applications import Starlette

    from callboard.catalog.api.reads import read_routes
    from callboard.catalog.query import Queries
    from callboard.core.http import EXCEPTION_HANDLERS

    started = time.perf_counter()
    index = filled(count)
    took = time.perf_counter() - started
    gc.collect()
    gc.freeze()

    async def ready() -> None:
        return None

    app = Starlette(routes=read_routes(Queries(index), ready), exception_handlers=EXCEPTION_HANDLERS)
    resident = _resident()
    print(f"{took:.1f} s, {resident:.0f} MB, {index.stats()}", flush=True)
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI)
    await server.serve()


def main() -> None:
    import uvloop

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=10_000)
    parser.add_argument("--port", type=int, default=7399)
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(options.entities, options.port))


if __name__ == "__main__":
    main()
