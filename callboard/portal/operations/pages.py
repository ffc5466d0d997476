"""The operations pages that one reads."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from callboard.catalog.operations import Operations, orphan_refs
from callboard.catalog.permissions import OPERATIONS_READ, OPERATIONS_UPDATE
from callboard.core.errors import InputError, NotFoundError
from callboard.portal.operations import sources as source_words
from callboard.portal.operations.attention import attention
from callboard.portal.operations.cards import alerts, contributed
from callboard.portal.operations.listing import TYPES, matching, part
from callboard.web.contributions import Handler
from callboard.web.view import View

TABS = (
    ("/admin", "Overview"),
    ("/admin/sources", "Sources"),
    ("/admin/queue", "Queue"),
    ("/admin/problems", "Problems"),
    ("/admin/held-back", "Held back"),
    ("/admin/orphans", "Orphans"),
    ("/admin/index", "Index"),
)


def for_operators(handler: Handler) -> Handler:
    """A page for those who may see the operations, or with a form, decide about them; others are refused."""

    async def guarded(view: View) -> Response:
        await view.require(OPERATIONS_READ)
        if view.request.method != "GET":
            await view.require(OPERATIONS_UPDATE)
        return await handler(view)

    return guarded


async def overview(view: View) -> Response:
    """What needs attention, and the numbers, which the page asks for again every few seconds."""
    found = await _state(view)
    if view.htmx:
        return await view.fragment("operations/numbers.html", found=found)
    cards = await contributed(view)
    return await _page(
        view,
        "overview.html",
        found=found,
        attention=attention(found),
        alerts=alerts(cards),
        words=source_words,
        contributed=cards,
    )


async def sources(view: View) -> Response:
    """Providers and Locations with their last runs."""
    found = await view.catalog.operations()
    counted = source_words.children(view.index, [one.entity_ref for one in found.locations])
    return await _page(view, "sources.html", found=found, children=counted, words=source_words)


async def runs(view: View) -> Response:
    """The last runs of one provider: `provider`."""
    provider = view.query.get("provider", "")
    found = await view.catalog.operations()
    source = next((one for one in found.sources if one.name == provider), None)
    if source is None:
        raise NotFoundError(f"There is no source called {provider}.")
    done = await view.catalog.provider_runs(provider)
    return await _page(view, "runs.html", source=source, runs=done, words=source_words)


async def queue(view: View) -> Response:
    """What waits to be processed, and what nobody sees yet."""
    found = await view.catalog.operations()
    pending = await view.catalog.unprocessed("pending")
    failed = await view.catalog.unprocessed("failed")
    waiting = part([*failed, *pending], view.query.get("page"))
    return await _page(view, "queue.html", found=found, waiting=waiting)


async def problems(view: View) -> Response:
    """Errors and conflicts: `type` and `q` choose among them."""
    kind, text = view.query.get("type", ""), view.query.get("q", "").strip()
    if kind not in ("", *TYPES):
        raise InputError(f"There is no type of problems called {kind}: {', '.join(TYPES)}.")
    all_ = await view.catalog.problems()
    counts = {one: sum(1 for problem in all_ if problem["type"] == one) for one in TYPES}
    shown = part(matching(all_, kind, text), view.query.get("page"))
    return await _page(view, "problems.html", shown=shown, counts=counts, kind=kind, text=text)


async def held_back(view: View) -> Response:
    """Deletions that wait for a decision, those that were decided against last."""
    rows = [row for row in await view.catalog.problems() if row["type"] == "heldBack"]
    rows.sort(key=lambda row: (row["state"] != "waiting", row["provider"]))
    return await _page(view, "held_back.html", rows=rows, words=source_words)


async def orphans(view: View) -> Response:
    """Entities that nothing names any more."""
    refs, _ = orphan_refs(view.index)
    return await _page(view, "orphans.html", shown=part(refs, view.query.get("page")))


async def index(view: View) -> Response:
    """What this node keeps in memory, and what was slow on it."""
    found = await _state(view)
    return await _page(view, "index.html", found=found, peak=_peak_memory())


async def _state(view: View) -> Operations:
    """The state of the catalog. What was slow names paths of others, which may lead to hidden entities."""
    found = await view.catalog.operations()
    return replace(found, slow=[]) if view.is_bound else found


async def _page(view: View, template: str, **context: Any) -> Response:
    path = view.request.url.path.rstrip("/")
    tabs = [
        (href, text, path == href or (href != "/admin" and path.startswith(f"{href}/")))
        for href, text in TABS
    ]
    return await view.page(
        f"operations/{template}",
        title=view.text("Operations"),
        tabs=tabs,
        may_decide=await view.allowed(OPERATIONS_UPDATE),
        done=view.query.get("done", ""),
        number=view.query.get("n", ""),
        **context,
    )


def _peak_memory() -> int | None:
    """The most memory this process held at once, in bytes; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
