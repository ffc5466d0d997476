"""Wheels of plugins that a publisher would submit: with licence, README and an honest manifest."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from tests.plugins.install.wheels import Made, Recipe, plugin

README = (
    "# Tides\n\nShows high and low water beside every harbour of the catalog, as its harbour master says. "
    "Install it, name the station in the annotation, and the card appears.\n\n"
    "It reads nothing but the catalog, keeps nothing, and works without a network.\n"
)
FIELDS: dict[str, Any] = {
    "name": "tides",
    "title": "Tides",
    "summary": "High and low water beside every harbour",
    "description": "Shows **tides**.",
    "categories": ["Monitoring"],
    "tags": ["water"],
    "license": "Apache-2.0",
    "links": [{"title": "Source", "url": "https://code.example.org/tides"}],
}


def metadata(name: str, version: str, *, readme: str = README, further: Sequence[str] = ()) -> str:
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {name}",
        f"Version: {version}",
        "License-Expression: Apache-2.0",
        "License-File: LICENSE",
        "Description-Content-Type: text/markdown",
        "Project-URL: Source, https://code.example.org/tides",
        *further,
    ]
    return "\n".join(lines) + f"\n\n{readme}"


def recipe(
    id: str = "tides",
    version: str = "1.0",
    *,
    readme: str = README,
    further: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
    further_files: Sequence[tuple[zipfile.ZipInfo, bytes]] = (),
    **changes: Any,
) -> Recipe:
    """A healthy submission until a test changes a part of it."""
    made = plugin(id, version, **changes)
    made.further = further_files
    if made.metadata is None:
        made.metadata = metadata(made.name, version, readme=readme, further=further)
    made.files = {**made.files, f"{made.folder}/licenses/LICENSE": b"Apache License\n", **(files or {})}
    return made


def wheel(id: str = "tides", version: str = "1.0", **changes: Any) -> Made:
    return recipe(id, version, **changes).made()


def png(width: int = 128, height: int = 128) -> bytes:
    packed = io.BytesIO()
    Image.new("RGB", (width, height), "#226688").save(packed, "PNG")
    return packed.getvalue()
