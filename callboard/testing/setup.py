"""What the portal and the catalog of a test have in common: their configuration, and their runtime."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from callboard.catalog.ingest.contract import LOCATION, ORIGIN, Deferred, Entity
from callboard.catalog.ingest.rules import Rule, Rules
from callboard.catalog.runtime import Runtime
from callboard.catalog.settings import read_settings
from callboard.core.config import Config, load_config
from callboard.core.reader import UrlReader

PROVIDER = "test"
GIVEN = "test:given"
"""The location of entities that name none."""
MAX_SECONDS = 20.0  # for anything that the catalog does in a test


def config_of(folder: Path, given: Mapping[str, Any]) -> Config:
    """The configuration from a real file, so that mistakes have positions. Raises ConfigError."""
    path = folder / "app-config.yaml"
    path.write_text(yaml.safe_dump(dict(given), allow_unicode=True), encoding="utf-8")
    return load_config([path], {}, include_local=False)


def runtime_of(config: Config, folder: Path) -> Runtime:
    """A catalog on SQLite, which takes every kind, and refreshes by the clock only what is configured so."""
    settings = read_settings(config, folder)
    if config.get("catalog.rules") is None:
        settings.rules = Rules([Rule(None)])
    if config.get("catalog.processingInterval") is None:
        settings.interval = None
    settings.keep_orphan_providers = True  # the test is no provider that a plugin contributes
    reader = UrlReader.from_config(config.data)
    return Runtime(settings, reader, reader.integrations)


def deferred(entity: Entity) -> Deferred:
    """An entity as a provider gives it; where it comes from is filled in if it does not say."""
    metadata = entity.get("metadata", {})
    annotations = {LOCATION: GIVEN, **(metadata.get("annotations") or {})}
    annotations.setdefault(ORIGIN, annotations[LOCATION])
    return Deferred({**entity, "metadata": {**metadata, "annotations": annotations}}, "test:key")
