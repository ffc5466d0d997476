"""Where listings come from, by the configuration: `marketplace.directories`, `.wheels` and `.indexes`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callboard.core.config import Config
from callboard.core.errors import ConfigError, Path, Problem
from callboard.model.format import is_dns_label

KNOWN_KEYS = {"marketplace.directories", "marketplace.wheels", "marketplace.indexes"}
"""The keys of the configuration that are read here."""
DIRECTORY = "marketplace-directory"
WHEELS = "marketplace-wheels"
INDEX = "marketplace-index"
"""Types of location that only the configuration can name."""


@dataclass(frozen=True, slots=True)
class Source:
    """`target` is a folder or a glob; of directories also a URL, with a glob or without; of indexes a URL.

    `packages` are those of an index that are read, all of them when none are named.
    """

    type: str
    target: str
    namespace: str = "default"
    packages: tuple[str, ...] = ()


def read_sources(config: Config) -> tuple[Source, ...]:
    """All sources. Raises ConfigError that names each field that is wrong."""
    problems: list[Problem] = []
    found = []
    for key, kind in (("directories", DIRECTORY), ("wheels", WHEELS), ("indexes", INDEX)):
        given = config.get(f"marketplace.{key}")
        items = given if isinstance(given, list) else [] if given is None else [given]
        for at, item in enumerate(items):
            source = _source(item, kind, ("marketplace", key, at), problems)
            if source is not None:
                found.append(source)
    if problems:
        raise ConfigError(problems)
    return tuple(found)


PUBLIC = "marketplace.public"
PUBLIC_KEYS = ("content", "enabled", "title", "url")


def check_public(config: Config) -> None:
    """Raises ConfigError where `marketplace.public` is no mapping, or holds what nobody reads.

    A bare `true` would read as if the site were open; nothing that decides who sees what may be ignored.
    """
    given = config.get(PUBLIC)
    if given is None:
        return
    if not isinstance(given, Mapping):
        raise ConfigError([config.problem(PUBLIC, "must be a mapping, such as {enabled: true}")])
    known = ", ".join(PUBLIC_KEYS)
    problems = [
        config.problem(f"{PUBLIC}.{name}", f"is not a field here; there are {known}")
        for name in sorted(set(map(str, given)) - set(PUBLIC_KEYS))
    ]
    if problems:
        raise ConfigError(problems)


def _source(item: Any, kind: str, path: Path, problems: list[Problem]) -> Source | None:
    """One entry (JSON, hence Any): a target, or a mapping with it."""
    fields = item if isinstance(item, Mapping) else {"target": item}
    known = ["target", "namespace", *(["packages"] if kind == INDEX else [])]
    for name in sorted(set(map(str, fields)) - set(known)):
        problems.append(Problem(f"is not a field here; there are {', '.join(known)}", (*path, name)))
    target, namespace = fields.get("target"), fields.get("namespace", "default")
    packages = fields.get("packages", [])
    if not isinstance(target, str) or not target.strip():
        problems.append(Problem("must be a folder, a glob or a URL", (*path, "target")))
        return None
    if not is_dns_label(namespace):
        problems.append(Problem("must be the name of a namespace", (*path, "namespace")))
        return None
    if "://" in target and kind == WHEELS:
        problems.append(Problem("must be a folder of wheels", (*path, "target")))
        return None
    if "://" not in target and kind == INDEX:
        problems.append(Problem("must be the URL of a package index", (*path, "target")))
        return None
    if not isinstance(packages, list) or not all(isinstance(one, str) and one for one in packages):
        problems.append(Problem("must be a list of names of packages", (*path, "packages")))
        return None
    return Source(kind, target if "://" in target else os.path.abspath(target), namespace, tuple(packages))
