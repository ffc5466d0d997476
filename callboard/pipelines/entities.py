"""The datasets as entities: a Resource of type `dataset` each, which depends on those that it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from callboard.catalog.ingest.contract import LOCATION, ORIGIN, Connection, Deferred
from callboard.pipelines.settings import PipelinesSettings
from callboard.plugins import PluginContext

if TYPE_CHECKING:
    from callboard.pipelines.declaration import Model

NAMESPACE = "pipelines"
ANNOTATION = "callboard.io/dataset"
"""Names the dataset of an entity, such as `marts.health`."""
SYSTEM = "data-pipelines"
Entity = dict[str, Any]  # JSON
ABOUT_RAW = {
    "downloads": "Downloads of a package on a day, as npm and PyPI count them.",
    "packages": "Documents of packages, as their registries gave them on the day.",
    "repositories": "Facts of source repositories on a day.",
    "vulnerabilities": "OSV records about packages of listings, as exported on the day.",
    "listings": "The Marketplace's shelf on a day, a row a package.",
    "entities": "The entities of the catalog on a day, and whether each has an owner.",
    "events": "Usage of the portal, in the shape of Backstage's analytics events.",
    "installations": "Plugins that run in portals on a day.",
}
OWNER = "group:default/data"


def reference(layer: str, dataset: str) -> str:
    """The entity of a dataset."""
    return f"resource:{NAMESPACE}/{name_of(layer, dataset)}"


def name_of(layer: str, dataset: str) -> str:
    return f"{layer}-{dataset.replace('_', '-')}"


def entities(owner: str = "", models: Sequence[Model] | None = None) -> list[Entity]:
    """The system and all its datasets. `owner` owns them in place of those whom the models name.

    `models` are those of Callboard unless others are given.
    """
    # Here, because they take a second of Ibis and Arrow, and most processes have no pipelines.
    from callboard.pipelines.models import MODELS
    from callboard.pipelines.records import RAW

    system: Entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "System",
        "metadata": {
            "name": SYSTEM,
            "namespace": NAMESPACE,
            "title": "Data pipelines",
            "description": "From what registries and people tell to the numbers on pages.",
            "annotations": _annotations(),
        },
        "spec": {"owner": owner or OWNER},
    }
    raw = [_dataset("raw", name, ABOUT_RAW[name], owner or OWNER, []) for name in RAW]
    made = [
        _dataset(
            one.layer,
            one.name,
            one.description,
            owner or one.owner,
            [reference(each.layer, each.dataset) for each in one.inputs],
        )
        for one in (MODELS if models is None else models)
    ]
    return [system, *raw, *made]


def _dataset(layer: str, name: str, about: str, owner: str, inputs: Sequence[str]) -> Entity:
    spec: Entity = {"type": "dataset", "owner": owner, "system": SYSTEM}
    if inputs:
        spec["dependsOn"] = list(dict.fromkeys(inputs))
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Resource",
        "metadata": {
            "name": name_of(layer, name),
            "namespace": NAMESPACE,
            "title": f"{layer}.{name}",
            "description": about,
            "tags": [layer],
            "annotations": {**_annotations(), ANNOTATION: f"{layer}.{name}"},
        },
        "spec": spec,
    }


def _annotations() -> dict[str, str]:
    return {LOCATION: "pipelines:models", ORIGIN: "pipelines:models"}


class DatasetProvider:
    """Gives the datasets where the pipelines are enabled, and none where they are not."""

    name = "pipelines"

    def __init__(self, context: PluginContext) -> None:
        self._settings = context.settings(PipelinesSettings)

    async def connect(self, connection: Connection) -> None:
        # In a thread: reading the models for the first time would hold up every request.
        enabled, owner = self._settings.enabled, self._settings.owner
        found = await asyncio.to_thread(entities, owner) if enabled else []
        await connection.apply_full([Deferred(one, "pipelines:models") for one in found], guarded=False)
