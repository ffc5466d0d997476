"""The kinds of the Marketplace as data."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import ryaml

NAMES = ("listing", "release", "publisher", "plugin", "package", "plugin-collection")


def declarations() -> tuple[Mapping[str, Any], ...]:
    """Every kind, as the YAML files beside this module declare it (JSON, hence Any)."""
    folder = files(__name__)
    return tuple(
        ryaml.loads(folder.joinpath(f"{name}.yaml").read_text("utf-8"))  # type: ignore[attr-defined]  # its stubs export nothing
        for name in NAMES
    )
