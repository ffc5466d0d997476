"""One process of Callboard: the catalog's runtime behind the HTTP server, from start to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import glob
import ipaddress
import logging
import os
import stat
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from granian.constants import Interfaces
from granian.server.embed import Server as Granian
from rich.console import Console

from callboard.access.service import KNOWN_KEYS as ACCESS_KEYS
from callboard.catalog.providers import Target
from callboard.catalog.runtime import Runtime
from callboard.catalog.settings import KNOWN_KEYS as CATALOG_KEYS
from callboard.catalog.settings import read_settings
from callboard.catalog.sources.files import find_descriptors, is_glob
from callboard.catalog.watch import watch
from callboard.core.config import Config, ignored_keys
from callboard.core.errors import ConfigError, Problem
from callboard.core.reader import UrlReader
from callboard.host import Host
from callboard.marketplace.desk.settings import KNOWN_KEYS as DESK_KEYS
from callboard.marketplace.settings import KNOWN_KEYS as MARKETPLACE_KEYS
from callboard.web.titles import NAMES

SHOWN_PROBLEMS = 200
KIT = ("layout", "components/")
"""How the names of the templates begin that every page uses."""


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def configure_logs() -> None:
    """One line an event on standard error, without colour unless a person looks."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


class Server:
    """`sources` are the paths and URLs of the command line, all of whose kinds are allowed."""

    def __init__(
        self,
        config: Config,
        address: Address,
        data: Path,
        sources: Sequence[str],
        *,
        watch: bool = True,
        console: Console | None = None,
    ) -> None:
        self._config = config
        self._address = address
        self._sources = list(sources)
        self._watch = watch
        self._console = console or Console(stderr=True)
        settings = read_settings(config, data)
        self._data = data
        reader = UrlReader.from_config(config.data)
        self.runtime = Runtime(settings, reader, reader.integrations)
        self._host = Host(config, self.runtime, data, listens_on=address.host)
        _check_exposure(config, address, required=self._host.access.required)
        self._granian: Granian | None = None
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()
        if self._granian is not None:
            self._granian.stop()  # type: ignore[no-untyped-call]  # granian has no types there

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Host]:
        """Everything but the HTTP server, for commands that look at a whole catalog and end."""
        self._give_sources()
        await self._host.start()
        try:
            yield self._host
        finally:
            await self._host.stop()

    async def run(self) -> None:
        """Serve until `stop`. Raises ConfigError for a source that does not exist."""
        started = time.monotonic()
        self._give_sources()
        self._granian = Granian(
            self._host,
            address=self._address.host,
            port=self._address.port,
            interface=Interfaces.ASGINL,
            log_enabled=False,
        )
        await self._host.start()
        self._tell_ignored_keys()
        warming = asyncio.create_task(self._warm())
        self._protect_data()
        serving = asyncio.create_task(self._granian.serve())
        reporting = asyncio.create_task(self._report(started))
        watching = asyncio.create_task(self._watch_files()) if self._watch else None
        self._console.print(f"Callboard listens on {self._address.url}")
        try:
            await serving
        finally:
            for task in (warming, reporting, watching):
                if task is not None:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await task
            await self._host.stop()

    def _tell_ignored_keys(self) -> None:
        known = (
            CATALOG_KEYS
            | ACCESS_KEYS
            | DESK_KEYS
            | MARKETPLACE_KEYS
            | {"plugins.index.url", "plugins.install.enabled"}
        )
        known |= {one.plugin.key for one in self._host.live.statuses if one.plugin and one.plugin.config}
        if unclaimed := ignored_keys(self._config.data, known):
            self._console.print(f"ignored keys that nothing here reads: {', '.join(unclaimed)}")

    async def _warm(self) -> None:
        """Make what visitors would wait for: the orders by which people list, and templates.

        When the catalog is whole: before, it would take ingestion the interpreter's lock, for seconds.
        """
        await self.runtime.whole.wait()
        # As many new objects as suit the ingestion are a pause of 60 ms for whoever waits for a page, and
        # 10,000 one of 5 to 20 ms that one page in twenty has.
        gc.set_threshold(2_000, 10, 50)
        for key in NAMES:
            self.runtime.index.order(key)
            await asyncio.sleep(0.05)  # each takes up to 0.1 s at 100,000 entities; requests come between
        templates = self._host.services.templates
        # The kit first, which all pages are made of.
        for name in sorted(templates.list_templates(["html"]), key=lambda name: not name.startswith(KIT)):
            await asyncio.to_thread(templates.get_template, name)  # up to 0.1 s
            await asyncio.sleep(0.01)
        gc.freeze()  # what stands by now stays: looking through it for garbage is a pause for visitors

    def _protect_data(self) -> None:
        """The database holds everything people may not all see."""
        for path in self._data.glob("callboard.sqlite*"):
            path.chmod(stat.S_IRUSR | stat.S_IWUSR)

    def _give_sources(self) -> None:
        targets = self._targets()
        for source in self._sources:
            if "://" not in source:
                path = os.path.abspath(source)
                self.runtime.confinement.add(path if os.path.isdir(path) else os.path.dirname(path))
        for target in targets:
            self.runtime.settings.rules.allow_everything_from(target.type, target.target)
        self.runtime.given.targets = targets

    def _targets(self) -> list[Target]:
        found: dict[str, Target] = {}
        problems: list[Problem] = []
        for source in self._sources:
            for target in _expand(source, problems):
                found.setdefault(str(target), target)
        if problems:
            raise ConfigError(problems)
        return list(found.values())

    def _folders(self) -> set[str]:
        """The topmost folders that hold a source."""
        targets = (*self.runtime.given.targets, *self.runtime.configured.targets)
        folders = {
            os.path.dirname(target.target)
            for target in targets
            if target.type == "file" and not is_glob(target.target)
        }
        folders |= {os.path.abspath(source) for source in self._sources if os.path.isdir(source)}
        return {one for one in folders if not any(one.startswith(other + os.sep) for other in folders)}

    async def _watch_files(self) -> None:
        await self.runtime.engine.settled()

        async def rescan() -> None:
            with contextlib.suppress(ConfigError):  # a source that is gone for a moment, as in a checkout
                targets = self._targets()
                for target in targets:
                    self.runtime.settings.rules.allow_everything_from(target.type, target.target)
                await self.runtime.given.replace(targets)

        await watch(self._folders(), self.runtime.connection(self.runtime.given.name), rescan)

    async def _report(self, started: float) -> None:
        """Progress while the first ingestion runs, then what it found, every mistake with its place."""
        runtime, progress = self.runtime, self.runtime.engine.progress
        settled = asyncio.create_task(runtime.engine.settled())
        while not (await asyncio.wait({settled}, timeout=1.0))[0]:
            self._console.print(f"ingesting: {progress.processed} processed, {progress.stitched} ready")
        await runtime.whole.wait()
        took = time.monotonic() - started
        self._console.print(f"{len(runtime.index.everything)} entities ready after {took:.2f} s")
        self._console.print(
            f"stages: processing {progress.processing:.2f} s, writing {progress.writing:.2f} s, "
            f"stitching {progress.stitching:.2f} s"
        )
        problems = await runtime.catalog.problems()
        if not problems:
            return
        self._console.print(
            f"{len(problems)} problems (all of them: {self._address.url}/api/catalog/problems)"
        )
        for problem in problems[:SHOWN_PROBLEMS]:
            self._console.print(f"  {_problem_line(problem)}", markup=False)


def _check_exposure(config: Config, address: Address, *, required: bool) -> None:
    """Raises ConfigError for a portal that anyone who reaches it could change."""
    if required or config.boolean("backend.auth.dangerouslyDisableDefaultAuthPolicy", False):
        return
    if address.host == "localhost":
        return
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(address.host).is_loopback:
            return
    message = (
        f"nobody has to sign in, so the portal listens on this machine only, not on {address.host}; "
        "configure `auth.providers`, or set `backend.auth.dangerouslyDisableDefaultAuthPolicy: true`"
    )
    raise ConfigError([config.problem("auth.providers", message)])


def _problem_line(problem: dict[str, object]) -> str:
    place = ":".join(
        str(problem[key]) for key in ("source", "line", "column") if problem.get(key) is not None
    )
    parts = (place, problem.get("entityRef"), problem.get("field"), problem.get("message"))
    return ": ".join(str(part) for part in parts if part)


def _expand(source: str, problems: list[Problem]) -> list[Target]:
    if "://" in source:
        return [Target("url", source)]
    path = os.path.abspath(source)
    if os.path.isdir(path):
        paths = [str(file) for file in find_descriptors(Path(path))]
        if not paths:
            problems.append(
                Problem("holds no catalog-info.yaml and no other file with entities", source=source)
            )
    elif is_glob(path) and not os.path.exists(path):
        paths = sorted(glob.glob(path, recursive=True))
        if not paths:
            problems.append(Problem("matches no file", source=source))
    else:
        paths = [path]
        if not os.path.exists(path):
            problems.append(Problem("does not exist", source=source))
    return [Target("file", one) for one in paths]
