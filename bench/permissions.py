"""Compares reads of one who sees everything with those of one under a conditional policy of three rules.

usage: python -m bench.permissions [--entities 10000] [--seconds 2] [--only NAME]

Both send the same requests to the same application, in turns and without a network between, so that what
differs is the work of showing a part of the catalog. The target: at least 80 % of the figure without.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Scope

from bench.company import generate
from bench.reads import scenarios
from bench.report import verdict
from callboard.access.principals import OPEN, SCOPE_KEY, Principal
from callboard.catalog.permissions import ENTITY_READ
from callboard.catalog.providers import Target
from tests.catalog.apps import api_of
from tests.catalog.nodes import Options, started
from tests.catalog.rights import ADA, Rights, rule, under

TARGET = 0.8
ROUNDS = 6
CONDITIONS = {
    "allOf": [
        {
            "anyOf": [
                rule("IS_ENTITY_KIND", kinds=["API", "Group", "Location", "System", "User"]),
                rule("HAS_SPEC", key="lifecycle", value="production"),
            ]
        },
        {"not": rule("HAS_SPEC", key="type", value="library")},
    ]
}


class Asker:
    """Sends requests of one principal to an application of this process."""

    def __init__(self, app: ASGIApp, principal: Principal) -> None:
        self._app = app
        self._principal = principal

    async def send(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        path, _, query = target.partition("?")
        scope: Scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"host", b"bench"), (b"content-type", b"application/json")],
            "scheme": "http",
            "server": ("bench", 80),
            "client": ("127.0.0.1", 1),
            SCOPE_KEY: self._principal,
        }
        status, parts = 0, []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.append(message.get("body", b""))

        await self._app(scope, receive, answered)
        return status, b"".join(parts)

    async def load(self, requests: Sequence[tuple[str, str, bytes]], seconds: float) -> float:
        """Requests a second, one after the other. Raises RuntimeError for any that fails."""
        count, begun = 0, time.perf_counter()
        while (passed := time.perf_counter() - begun) < seconds:
            method, target, body = requests[count % len(requests)]
            status, answer = await self.send(method, target, body)
            if status != 200:
                raise RuntimeError(f"{method} {target}: {status} {answer[:200]!r}")
            count += 1
        return count / passed


async def bench(entities: int, seconds: float, only: Sequence[str]) -> bool:
    """Print both figures of each scenario; whether all meet the target."""
    met = True
    with tempfile.TemporaryDirectory(prefix="callboard-bench-") as folder:
        generate(Path(folder) / "company", entities)
        target = Target("file", str(Path(folder) / "company" / "catalog-info.yaml"))
        node = await started(f"sqlite+aiosqlite:///{folder}/catalog.db", Options(targets=[target]))
        rights = Rights()
        rights.give(ADA, ENTITY_READ, decision=under(CONDITIONS))
        app = api_of(node.catalog, node.runtime.index, rights.over(node.runtime.index))
        every, part = Asker(app, OPEN), Asker(app, ADA)
        total = [await seen(one) for one in (every, part)]
        print(f"  {total[0]:,} entities, of which the conditions let {total[1]:,} through")
        for name, requests in (await prepared(part)).items():
            if only and name not in only:
                continue
            figures: list[list[float]] = [[], []]
            for _ in range(ROUNDS):
                for at, asker in enumerate((every, part)):
                    figures[at].append(await asker.load(requests, seconds / ROUNDS))
            best = [max(one) for one in figures]
            share = best[1] / best[0]
            met = met and share >= TARGET
            print(
                f"  {name:<20}{best[0]:>9,.0f}/s   with conditions {best[1]:>9,.0f}/s   {share:6.1%}"
                f"   {verdict(share >= TARGET)}",
                flush=True,
            )
        await node.stop()
    return met


async def seen(asker: Asker) -> int:
    answer = orjson.loads((await asker.send("GET", "/api/catalog/entities/by-query?limit=0", b""))[1])
    return int(answer["totalItems"])


async def prepared(asker: Asker) -> dict[str, list[tuple[str, str, bytes]]]:
    """The requests of `bench.reads`, from what one asker sees, as method, target and body."""
    loop = asyncio.get_running_loop()

    def ask(base: str, path: str) -> dict[str, Any]:
        answer = asyncio.run_coroutine_threadsafe(asker.send("GET", f"/api/catalog{path}", b""), loop)
        found: dict[str, Any] = orjson.loads(answer.result()[1])
        return found

    raw = await asyncio.to_thread(scenarios, "http://bench", ask)
    return {name: [_parsed(one) for one in requests] for name, requests in raw.items()}


def _parsed(request: bytes) -> tuple[str, str, bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
    return method, target, body


def main() -> None:
    """Read the command line and run; the status is 1 when the target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entities", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", action="append", default=[])
    options = parser.parse_args()
    raise SystemExit(not asyncio.run(bench(options.entities, options.seconds, options.only)))


if __name__ == "__main__":
    main()
