"""`/admin/pipelines`: how the pipelines stand, their runs, their datasets and the lineage."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from callboard.core.errors import NotFoundError
from callboard.pipelines.entities import ANNOTATION
from callboard.pipelines.faces.lineage import picture
from callboard.pipelines.faces.permissions import PIPELINES_READ, PIPELINES_RUN
from callboard.pipelines.service import Pipelines
from callboard.plugins.tasks import Tasks
from callboard.web.contributions import Entity
from callboard.web.view import View

if TYPE_CHECKING:
    from callboard.pipelines.faces.datasets import State

ID = "pipelines"
TASK = "run"
TABS = (
    ("/admin/pipelines", "Overview"),
    ("/admin/pipelines/runs", "Runs"),
    ("/admin/pipelines/lineage", "Lineage"),
)


async def overview(view: View) -> Response:
    """The last run, the sources, and every dataset."""
    service = await _service(view)
    found = await states_of(service)
    runs = await (await service.opened()).runs(1, service.lake.url)
    return await _page(
        view,
        service,
        "overview.html",
        states=found,
        last=runs[0] if runs else None,
        sources=await service.collected(),
        counts=service.capture.counts if service.capture.enabled else None,
    )


async def runs(view: View) -> Response:
    """The newest runs."""
    service = await _service(view)
    found = await (await service.opened()).runs(50, service.lake.url)
    return await _page(view, service, "runs.html", runs=found)


async def run(view: View) -> Response:
    """One run with its steps."""
    service = await _service(view)
    store = await service.opened()
    found = await store.run(view.request.path_params["id"])
    return await _page(view, service, "run.html", run=found, steps=await store.steps(found.id))


async def lineage(view: View) -> Response:
    """Which dataset is made of which: a picture, and the same as a list."""
    service = await _service(view)
    found = await states_of(service)
    return await _page(view, service, "lineage.html", states=found, picture=picture(found))


async def start(view: View) -> Response:
    """`POST /admin/pipelines/run`: run now, on whichever node is free."""
    await view.require(PIPELINES_RUN)
    await _service(view)
    await view.plugin(ID).get(Tasks).trigger(ID, TASK)
    return await view.redirect("/admin/pipelines?done=started")


async def dataset_card(view: View, entity: Entity) -> Mapping[str, Any]:
    """What the page of a dataset's entity shows of it."""
    service = view.plugin(ID).get(Pipelines)
    layer, _, name = entity["metadata"]["annotations"][ANNOTATION].partition(".")
    if not service.enabled or not await view.allowed(PIPELINES_READ):
        return {"state": None}
    found = await states_of(service, (layer, name))
    return {"state": found[0] if found else None}


async def states_of(service: Pipelines, only: tuple[str, str] | None = None) -> list[State]:
    """How every dataset stands, or one of them."""
    problems = await (await service.opened()).problems(service.lake.url)
    today = datetime.now(UTC).date()

    def looked() -> list[State]:
        from callboard.pipelines.faces.datasets import states  # loads the models with Ibis

        return states(service.lake, today, problems, only=only)

    return await asyncio.to_thread(looked)


async def _service(view: View) -> Pipelines:
    await view.require(PIPELINES_READ)
    service = view.plugin(ID).get(Pipelines)
    if not service.enabled:
        raise NotFoundError(
            "The pipelines are off. Set `pipelines.enabled: true` in the configuration to let them run."
        )
    return service


async def _page(view: View, service: Pipelines, template: str, **context: Any) -> Response:
    path = view.request.url.path.rstrip("/")
    tabs = [
        (href, text, path == href or (href != "/admin/pipelines" and path.startswith(f"{href}/")))
        for href, text in TABS
    ]
    return await view.page(
        f"pipelines/{template}",
        title=view.text("Pipelines"),
        tabs=tabs,
        may_run=await view.allowed(PIPELINES_RUN),
        sample=service.is_sample,
        done=view.query.get("done", ""),
        **context,
    )
