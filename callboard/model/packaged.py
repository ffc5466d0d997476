"""Reads the YAML files that this package brings along: the built-in kinds and the schema of the envelope."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import ryaml


def read_packaged(name: str) -> dict[str, Any]:
    """One YAML file, by its path inside this package."""
    text = files("callboard.model").joinpath(name).read_text("utf-8")
    data: dict[str, Any] = ryaml.loads(text)  # type: ignore[attr-defined]  # ryaml's stubs export nothing
    return data


def packaged_kinds() -> list[dict[str, Any]]:
    """The declarations of the built-in kinds, in the order of their file names."""
    names = sorted(file.name for file in files("callboard.model").joinpath("kinds").iterdir())
    return [read_packaged(f"kinds/{name}") for name in names if name.endswith(".yaml")]
