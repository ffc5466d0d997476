"""A portal with the Marketplace on the test's database, and the real files of the example."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from callboard.catalog.ingest.contract import LOCATION, ORIGIN
from callboard.core.yaml import read_documents
from tests.portal.conftest import *  # noqa: F403 - pytest finds fixtures by their names
from tests.portal.site import Site

EXAMPLE = Path(str(files("callboard") / "example" / "marketplace"))


def example_entities() -> list[dict[str, Any]]:
    """Every document of the example's extension files."""
    return [
        located(document.value, f"file:{path}")
        for path in sorted(EXAMPLE.glob("*/*.yaml"))
        for document in read_documents(path.read_bytes(), str(path))
        if document.value is not None
    ]


def located(entity: dict[str, Any], place: str = "file:/shelf/test.yaml") -> dict[str, Any]:
    """The entity as a provider gives it, from a place."""
    metadata = entity["metadata"]
    annotations = {**metadata.get("annotations", {}), LOCATION: place, ORIGIN: place}
    return {**entity, "metadata": {**metadata, "annotations": annotations}}


@pytest.fixture(scope="session")
def extension_entities() -> list[dict[str, Any]]:
    return example_entities()


async def until(site: Site, holds: Callable[[], bool], seconds: float = 15) -> None:
    """Wait for what the Marketplace does by itself when the catalog changed, and what follows from that."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.05)
            await site.node.settled()
        await site.node.settled()
