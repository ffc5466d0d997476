"""Writes every case into a folder of its own and ingests all of them at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from callboard.catalog.ingest.rules import Rule, Rules
from callboard.catalog.providers import Target
from callboard.catalog.runtime import Runtime
from callboard.catalog.settings import Settings
from callboard.core.reader import UrlReader
from tests.malformed.case import BAD, Case, component
from tests.malformed.web import web_server

HEALTHY = "healthy.yaml"
Row = dict[str, Any]


@dataclass(frozen=True)
class Ingested:
    """What one run over all cases gave."""

    folder: Path
    web: str
    served: frozenset[str]
    problems: list[Row]
    seconds: float

    def problems_of(self, case: Case) -> list[Row]:
        """The problems told about the files of one case, or about the web page that it reads."""
        own = f"{self.folder / case.name}/"
        pages = {self.source(case, mistake.file) for mistake in case.mistakes if mistake.file}
        places = [
            (str(row.get("source") or row.get("locationKey")).removeprefix("file:"), row)
            for row in self.problems
        ]
        return [row for place, row in places if place.startswith(own) or place in pages]

    def source(self, case: Case, file: str) -> str:
        return (
            file.replace("WEB", self.web) if file.startswith("WEB") else str(self.folder / case.name / file)
        )


async def _resolve(host: str, port: int) -> Sequence[str]:
    if host == "127.0.0.1":
        return [host]
    if host.startswith("inside."):
        return ["10.1.2.3"]
    raise OSError(f"{host} is unknown")


def write(case: Case, folder: Path, web: str) -> list[Target]:
    """The case's files; returns those that the catalog is told to read."""
    own = folder / case.name
    own.mkdir()

    def filled(text: str | bytes) -> bytes:
        if isinstance(text, bytes):
            return text
        return text.replace("NAME", case.name).replace("WEB", web).encode()

    text = filled(case.text)
    if not case.alone:
        before, after = component(f"{case.name}-before"), component(f"{case.name}-after")
        text = before.encode() + b"---\n" + text + b"---\n" + after.encode()
    (own / BAD).write_bytes(text)
    if case.size:
        with (own / BAD).open("r+b") as file:
            file.truncate(case.size)
    (own / HEALTHY).write_text(component(f"{case.name}-beside"))
    for name, more in case.more.items():
        (own / name).write_bytes(filled(more))
    for name, target in case.links.items():
        (own / name).symlink_to(target)
    return [Target("file", str(own / name)) for name in (*case.targets, HEALTHY)]


@contextmanager
def ingested(cases: Sequence[Case], database_url: str, folder: Path) -> Iterator[Ingested]:
    with web_server() as forbidden, web_server(forbidden) as web:
        targets = [target for case in cases for target in write(case, folder, web)]
        settings = Settings(database_url, Rules([Rule(None)]), targets, interval=None)
        started = time.monotonic()
        served, problems = asyncio.run(_ingest(settings, urlsplit(web).netloc))
        yield Ingested(folder, web, served, problems, time.monotonic() - started)


async def _ingest(settings: Settings, web: str) -> tuple[frozenset[str], list[Row]]:
    allow = [{"host": web}, {"host": "*.wild.example"}]
    reader = UrlReader.from_config({"backend": {"reading": {"allow": allow}}}, resolver=_resolve)
    runtime = Runtime(settings, reader, reader.integrations)
    await runtime.start()
    try:
        async with asyncio.timeout(60):
            while not runtime.catalog.ready:  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0.02)
        index = runtime.index
        served = frozenset(index.ref(row) for row in index.everything)
        return served, await runtime.catalog.problems()
    finally:
        await runtime.stop()
