"""What the catalog takes from the configuration: Backstage's keys, and a few of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from callboard.catalog.ingest.guard import Guard
from callboard.catalog.ingest.rules import Rules, parse_rules
from callboard.catalog.providers import Target
from callboard.core.config import Config
from callboard.core.errors import ConfigError, Problem
from callboard.model import Kind, load_kind

# The keys that some part of Callboard reads; `serve` lists every other one once.
KNOWN_KEYS = {
    "app.title",
    "app.baseUrl",
    "organization.name",
    "backend.baseUrl",
    "backend.listen",
    "backend.database",
    "backend.reading.allow",
    "catalog.rules",
    "catalog.locations",
    "catalog.readonly",
    "catalog.processingInterval",
    "catalog.orphanStrategy",
    "catalog.orphanProviderStrategy",
    "catalog.defaultLocationConflictStrategy",
    "catalog.processorOptions",
    "catalog.deletionGuard",
    "catalog.kinds",
    "catalog.index",
    "integrations",
    "search.maxPageLimit",
    "search.maxTermLength",
    "apiDocs.tryIt.allow",
}
DEFAULT_INTERVAL = 100.0
MEBIBYTE = 1024 * 1024


@dataclass(slots=True)
class Settings:
    """`database_url` is a SQLAlchemy URL; `interval` is in seconds, None never refreshes."""

    database_url: str
    rules: Rules
    targets: list[Target] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    interval: float | None = DEFAULT_INTERVAL
    keep_orphans: bool = False
    keep_orphan_providers: bool = False
    readonly: bool = False
    guard: Guard = field(default_factory=Guard)
    max_body_bytes: int = 256 * MEBIBYTE
    processor_options: Mapping[str, Any] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)
    """Folders whose files descriptors may name."""


def read_settings(config: Config, data: Path) -> Settings:
    """`data` is the folder for SQLite's file. Raises ConfigError naming every field that is wrong."""
    problems: list[Problem] = []
    targets, own_rules = _locations(config, problems)
    interval: float | None = None
    if config.get("catalog.processingInterval") is not False:
        given = config.duration("catalog.processingInterval", None)
        interval = max(1.0, given.total_seconds()) if given is not None else DEFAULT_INTERVAL
    share = config.get("catalog.deletionGuard.share", 0.5)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        problems.append(config.problem("catalog.deletionGuard.share", "must be a number from 0 to 1"))
        share = 0.5
    kinds = _kinds(config, problems)
    if problems:
        raise ConfigError(problems)
    return Settings(
        database_url=_database_url(config, data),
        rules=parse_rules(config.get("catalog.rules"), own_rules),
        targets=targets,
        kinds=kinds,
        interval=interval,
        keep_orphans=config.string("catalog.orphanStrategy", "delete") == "keep",
        keep_orphan_providers=config.string("catalog.orphanProviderStrategy", "delete") == "keep",
        readonly=config.boolean("catalog.readonly", False),
        guard=Guard(float(share), config.integer("catalog.deletionGuard.minimum", 10)),
        max_body_bytes=config.integer("catalog.index.maxBodyMegabytes", 256) * MEBIBYTE,
        processor_options=config.mapping("catalog.processorOptions", {}),
        roots=[str(config.folder_of("catalog.locations"))] if targets else [],
    )


def _locations(config: Config, problems: list[Problem]) -> tuple[list[Target], list[tuple[str, str, Any]]]:
    targets: list[Target] = []
    rules: list[tuple[str, str, Any]] = []
    for index, item in enumerate(config.sequence("catalog.locations", [])):
        key = f"catalog.locations[{index}]"
        if not isinstance(item, dict):
            problems.append(config.problem(key, "must be an object with `type` and `target`"))
            continue
        kind, target = item.get("type"), item.get("target")
        if not isinstance(kind, str) or not isinstance(target, str) or not target:
            problems.append(config.problem(key, "needs the strings `type` and `target`"))
            continue
        if kind == "file":
            target = os.path.normpath(os.path.join(config.folder_of(f"{key}.target"), target))
        targets.append(Target(kind, target, item.get("presence") or "required"))
        rules.append((kind, target, item.get("rules")))
    return targets, rules


def _kinds(config: Config, problems: list[Problem]) -> list[Kind]:
    """`catalog.kinds`: declarations of own kinds, or paths of YAML files that hold one."""
    kinds: list[Kind] = []
    for index, item in enumerate(config.sequence("catalog.kinds", [])):
        key = f"catalog.kinds[{index}]"
        try:
            if isinstance(item, str):
                path = Path(config.folder_of(key)) / item
                item = yaml.safe_load(path.read_text("utf-8"))  # noqa: PLW2901 - the file stands for the item
            kinds.append(load_kind(item))
        except OSError as error:
            problems.append(config.problem(key, f"cannot be read: {error.strerror}"))
        except ConfigError as error:
            problems += [config.problem(key, str(problem)) for problem in error.problems]
        except yaml.YAMLError as error:
            problems.append(config.problem(key, f"is not valid YAML: {error}"))
    return kinds


def _database_url(config: Config, data: Path) -> str:
    client = config.string("backend.database.client", "better-sqlite3")
    connection = config.get("backend.database.connection")
    if client == "pg":
        return _postgresql_url(config, connection)
    if client not in ("better-sqlite3", "sqlite3"):
        raise ConfigError([config.problem("backend.database.client", "must be `better-sqlite3` or `pg`")])
    return f"sqlite+aiosqlite:///{(data / 'callboard.sqlite').absolute()}"


def _postgresql_url(config: Config, connection: Any) -> str:
    if isinstance(connection, str):
        scheme, separator, rest = connection.partition("://")
        if not separator or scheme not in ("postgres", "postgresql", "postgresql+asyncpg"):
            problem = config.problem("backend.database.connection", "must be a postgresql:// URL")
            raise ConfigError([problem])
        return f"postgresql+asyncpg://{rest}"
    given = connection if isinstance(connection, dict) else {}
    user, password = (quote(str(given.get(name, "")), safe="") for name in ("user", "password"))
    host, port = given.get("host", "localhost"), given.get("port", 5432)
    credentials = f"{user}:{password}@" if password else f"{user}@" if user else ""
    return f"postgresql+asyncpg://{credentials}{host}:{port}/{given.get('database', 'callboard')}"
