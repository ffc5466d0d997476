"""What the pipelines contribute: a task, pages, routes, and the datasets as entities."""

from __future__ import annotations

from pathlib import Path

from callboard.catalog.contributions import EntityProvider
from callboard.pipelines.entities import ANNOTATION, DatasetProvider
from callboard.pipelines.faces import pages
from callboard.pipelines.faces.api import pipelines_routes
from callboard.pipelines.faces.pages import ID, TASK
from callboard.pipelines.faces.permissions import PIPELINES_READ, PIPELINES_RUN
from callboard.pipelines.runs import RunRequest
from callboard.pipelines.service import Pipelines
from callboard.pipelines.settings import PipelinesSettings
from callboard.plugins import Need, Plugin, PluginContext
from callboard.plugins.contributions import Router, ScheduledTask
from callboard.web.contributions import Entity, EntityCard, NavigationItem, Page, Templates

EVERY = 3600.0
LONGEST = 6 * 3600.0


async def _run(context: PluginContext) -> None:
    service = context.get(Pipelines)
    if service.enabled:
        await service.ready()
        await service.run(RunRequest(trigger="schedule"))


def _is_dataset(entity: Entity) -> bool:
    annotations = entity["metadata"].get("annotations")
    return isinstance(annotations, dict) and ANNOTATION in annotations


PLUGIN = Plugin(
    id=ID,
    title="Data pipelines",
    description="Reads registries, repositories, the catalog and usage, and makes numbers of them.",
    config=PipelinesSettings,
    needs=(
        Need("catalog.read", "Counts listings and entities."),
        Need("catalog.write", "Gives its datasets to the catalog."),
        Need("network", "Reads registries and source hosts that are configured and allowed."),
        Need(
            "identity", "Asks who may see and start runs, and tells visitors apart where usage is captured."
        ),
        Need("database", "Keeps its runs, and the key by which visitors are told apart."),
    ),
    contributions=(
        PIPELINES_READ,
        PIPELINES_RUN,
        ScheduledTask(TASK, _run, EVERY, "Collect, and make what is stale", LONGEST),
        EntityProvider(DatasetProvider.name, DatasetProvider),
        Router(pipelines_routes, root=True),
        Page("/admin/pipelines", pages.overview),
        Page("/admin/pipelines/run", pages.start, methods=("POST",)),
        Page("/admin/pipelines/runs", pages.runs),
        Page("/admin/pipelines/runs/{id}", pages.run),
        Page("/admin/pipelines/lineage", pages.lineage),
        EntityCard(
            "dataset",
            "Dataset",
            "pipelines/dataset.html",
            pages.dataset_card,
            _is_dataset,
            order=15,
            wide=True,
        ),
        NavigationItem(
            "Pipelines", "/admin/pipelines", "pipelines", order=24, section="end", permission=PIPELINES_READ
        ),
        Templates(ID, Path(__file__).parent / "faces" / "templates"),
    ),
)
