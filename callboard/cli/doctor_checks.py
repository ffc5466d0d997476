"""The checks of `callboard doctor`: each yields what it looked at, how that is, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from callboard.core.errors import CallboardError, ConfigError

if TYPE_CHECKING:
    from callboard.core.config import Config

State = Literal["ok", "advice", "failure"]
LOW_DISK = 500 * 1024 * 1024
CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    subject: str
    state: State
    message: str


def checks(configs: list[Path], data: Path, env: Mapping[str, str]) -> Iterator[Check]:
    """Every check in turn; the ones after the configuration need it, so a broken one ends them."""
    yield _python()
    yield from data_folder(data)
    from callboard.core.config import load_config

    try:
        config = load_config(configs, env)
    except CallboardError as error:
        yield Check("configuration", "failure", str(error))
        return
    names = ", ".join(str(path) for path in configs) or "none given, defaults apply"
    yield Check("configuration", "ok", names)
    yield from access(config)
    yield from marketplace(config)
    yield from database(config, data)
    yield from locations(config)


def access(config: Config) -> Iterator[Check]:
    """Whether sign-in, permissions and what surrounds them can be read, and who is let in."""
    from callboard.access.configuration import access_problems, described

    problems = access_problems(config)
    for problem in problems:
        yield Check("access", "failure", str(problem))
    if not problems:
        yield Check("access", "ok", described(config))


def marketplace(config: Config) -> Iterator[Check]:
    """Whether what the Marketplace is told can be read, and who sees it."""
    from callboard.marketplace.desk.settings import read_desk_settings
    from callboard.marketplace.settings import read_sources
    from callboard.marketplace.site.settings import read_public

    wrong: list[str] = []
    for read in (read_sources, read_desk_settings, read_public):
        try:
            read(config)
        except ConfigError as error:
            wrong += [text for one in error.problems if (text := str(one)) not in wrong]
    for text in wrong:
        yield Check("marketplace", "failure", text)
    if not wrong:
        site = read_public(config)
        who = "everyone sees it" if site.enabled else "only who enters the portal sees it"
        yield Check("marketplace", "ok", f"{who}; mail goes to {read_desk_settings(config).mail.sink}")


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < (3, 11):  # noqa: UP036  (a wheel can be forced onto an older one)
        return Check("python", "failure", f"{version} is too old; 3.11 or newer is needed")
    return Check("python", "ok", version)


def data_folder(data: Path) -> Iterator[Check]:
    """Whether the folder can be written, who else reads the files in it, and how much room is left."""
    if not data.exists():
        parent = next(folder for folder in data.absolute().parents if folder.exists())
        state: State = "ok" if os.access(parent, os.W_OK) else "failure"
        can = "will be created" if state == "ok" else f"cannot be created: {parent} is not writable"
        yield Check("data folder", state, f"{data} does not exist yet and {can}")
        yield _disk(parent)
        return
    if not data.is_dir():
        yield Check("data folder", "failure", f"{data} is a file; give a folder")
        return
    if not os.access(data, os.W_OK | os.X_OK):
        yield Check("data folder", "failure", f"{data} is not writable for this user")
    else:
        yield Check("data folder", "ok", str(data))
    for file in sorted(data.iterdir()):
        mode = file.stat().st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
            yield Check("permissions", "advice", f"{file} is readable by others; run: chmod go-rwx '{file}'")
    yield _disk(data)


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    text = f"{free // 2**20:,} MiB free"
    if free < LOW_DISK:
        return Check("disk", "advice", f"only {text} at {folder}; the database needs room to grow")
    return Check("disk", "ok", text)


def database(config: Config, data: Path) -> Iterator[Check]:
    """Whether the configured PostgreSQL answers, or the SQLite files are whole."""
    client = str(config.get("backend.database.client", "better-sqlite3"))
    if client in ("pg", "postgres", "postgresql"):
        yield asyncio.run(_postgresql(config.get("backend.database.connection", {})))
        return
    files = [file for file in sorted(data.glob("*.db")) + sorted(data.glob("*.sqlite*")) if _is_sqlite(file)]
    if not files:
        yield Check("database", "ok", "SQLite; the file does not exist yet and will be created")
    for file in files:
        yield _sqlite(file)


def _is_sqlite(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(15) == b"SQLite format 3"
    except OSError:
        return False


def _sqlite(file: Path) -> Check:
    import sqlite3

    try:
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=CONNECT_SECONDS)
        try:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.Error as error:
        return Check("database", "failure", f"{file} cannot be opened: {error}")
    if found != "ok":
        return Check("database", "failure", f"{file} is damaged ({found}); restore it from a backup")
    return Check("database", "ok", f"SQLite, {file}")


async def _postgresql(connection: Any) -> Check:
    """`connection` is a URL or an object as Backstage has it, hence Any."""
    import asyncpg

    if isinstance(connection, str):
        options: dict[str, Any] = {"dsn": connection}
    elif isinstance(connection, dict):
        names = ("host", "port", "user", "password", "database")
        options = {name: connection[name] for name in names if connection.get(name) is not None}
        if "port" in options:
            options["port"] = int(options["port"])
    else:
        return Check("database", "failure", "backend.database.connection must be a URL or an object")
    try:
        opened = await asyncpg.connect(**options, timeout=CONNECT_SECONDS)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return Check("database", "failure", f"PostgreSQL cannot be reached: {error or type(error).__name__}")
    try:
        version = await opened.fetchval("SHOW server_version")
    finally:
        await opened.close()
    return Check("database", "ok", f"PostgreSQL {version}")


def locations(config: Config) -> Iterator[Check]:
    """Whether each configured location can be read."""
    listed = config.get("catalog.locations", [])
    if not isinstance(listed, list):
        yield Check("catalog.locations", "failure", "must be a list")
        return
    for index, one in enumerate(listed):
        subject = f"catalog.locations[{index}]"
        if not isinstance(one, dict) or not isinstance(one.get("target"), str):
            yield Check(subject, "failure", "needs a type and a target")
        elif one.get("type") == "file":
            yield _file(subject, one["target"], config)
        elif one.get("type") == "url":
            yield asyncio.run(_url(subject, one["target"], config))
        else:
            yield Check(subject, "advice", f"type {one.get('type')} is not checked")


def _file(subject: str, target: str, config: Config) -> Check:
    from callboard.catalog.sources.files import expand

    path = os.path.join(config.folder_of(f"{subject}.target"), target)
    files = [file for file in expand(path) if os.path.isfile(file)]
    unreadable = [file for file in files if not os.access(file, os.R_OK)]
    if not files:
        return Check(subject, "failure", f"{path} does not exist")
    if unreadable:
        return Check(subject, "failure", f"{unreadable[0]} is not readable for this user")
    return Check(subject, "ok", f"{path}: {len(files)} file{'s' if len(files) != 1 else ''}")


async def _url(subject: str, target: str, config: Config) -> Check:
    from callboard.core.reader import UrlReader

    reader = UrlReader.from_config(config.data)
    try:
        async with asyncio.timeout(4 * CONNECT_SECONDS):
            await (reader.search(target) if "*" in target else reader.read(target))
    except TimeoutError:
        return Check(subject, "failure", f"{target} did not answer in time")
    except CallboardError as error:
        return Check(subject, "failure", str(error))
    finally:
        await reader.aclose()
    return Check(subject, "ok", target)
