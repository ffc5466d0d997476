"""The kinds of the Marketplace as data, ready to be contributed."""

from __future__ import annotations

from importlib.resources import files

import ryaml

from callboard.catalog.contributions import EntityKind

NAMES = ("listing", "release", "publisher", "plugin", "package", "plugin-collection")


def entity_kinds() -> tuple[EntityKind, ...]:
    """Every kind, read from the YAML files beside this module."""
    folder = files(__name__)
    return tuple(
        EntityKind(ryaml.loads(folder.joinpath(f"{name}.yaml").read_text("utf-8")))  # type: ignore[attr-defined]  # its stubs export nothing
        for name in NAMES
    )
