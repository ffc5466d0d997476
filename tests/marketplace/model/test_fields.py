"""Every field of the real extension files is in the documentation, as used or as not used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from callboard.catalog.ingest.contract import LOCATION, ORIGIN

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "marketplace-entities.md"
WHOLE = ("spec.appConfigExamples[].content", "spec.filter")


def paths(value: Any, path: str = "") -> Iterator[str]:
    """The paths of all fields that hold something; what is inside of `WHOLE` belongs to it."""
    if path in WHOLE:
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{path}[]")
    elif path:
        yield path


def test_every_field_of_the_real_files_is_documented(extension_entities: list[dict[str, Any]]) -> None:
    documented = set(re.findall(r"`([^`]+)`", PAGE.read_text("utf-8")))
    given = {f"metadata.annotations.{key}" for key in (LOCATION, ORIGIN)} | {"apiVersion", "kind"}
    found = {path for entity in extension_entities for path in paths(entity)} - given
    assert found - documented == set()
