"""Makes the entities of the shelf: what is empty is left out, and where it came from is always said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard.catalog.ingest.contract import LOCATION, ORIGIN, Deferred, Entity
from callboard.marketplace.model import API_VERSION

SUMMARY = 200
"""The index finds words in texts up to this length, and a summary is one line."""


def summary(text: str) -> str:
    """One line of at most 200 characters, cut between words."""
    line = " ".join(text.split())
    if len(line) <= SUMMARY:
        return line
    cut = line[: SUMMARY - 1].rpartition(" ")[0] or line[: SUMMARY - 1]
    return f"{cut.rstrip(' ,;.')}…"


def entity(kind: str, metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> Entity:
    """An entity of the Marketplace (JSON, hence Any) without its empty fields."""
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": filled(metadata),
        "spec": filled(spec),
    }


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that hold something."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {}, ())}


def placed(made: Entity, location: str, origin: str) -> Deferred:
    """The entity as a child or a part of a provider: its location owns it."""
    metadata = made["metadata"]
    annotations = {**metadata.get("annotations", {}), LOCATION: location, ORIGIN: origin}
    return Deferred({**made, "metadata": {**metadata, "annotations": annotations}}, location, location)
