"""The frame of an entity's page: its header and its tabs, those of this feature and of every plugin."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from starlette.background import BackgroundTask
from starlette.responses import Response

from callboard.catalog.permissions import ENTITY_DELETE, ENTITY_REFRESH, LOCATION_DELETE
from callboard.core.errors import CallboardError
from callboard.model.refs import entity_ref
from callboard.portal.entity import present
from callboard.portal.entity.missing import missing, no_tab
from callboard.portal.entity.parts import applies, gather, renderer
from callboard.web.contributions import Entity, EntityCard, EntityTab
from callboard.web.templating import entity_path
from callboard.web.view import View

_log = structlog.get_logger(__name__)
OVERVIEW = "overview"
SHOWN_FACTS = 3
# What `?done=` says after a form was carried out and the browser sent on.
DONE = {"refresh": "The source is being read again. What changes appears here by itself."}


async def overview(view: View) -> Response:
    """`/catalog/{namespace}/{kind}/{name}`: the cards."""
    entity = await asked_for(view)
    if entity is None:
        return await missing(view)
    cards = sorted(view.registry.of(EntityCard), key=lambda card: card.order)
    parts = await gather(view, entity, *(card for card in cards if applies(view, entity, card)))
    return await _frame(view, entity, "entity/overview.html", OVERVIEW, "", cards=parts)


async def tab(view: View) -> Response:
    """`/catalog/{namespace}/{kind}/{name}/{tab}`: one tab."""
    entity = await asked_for(view)
    if entity is None:
        return await missing(view)
    ref, asked = entity_ref(entity), view.request.path_params["tab"]
    if asked == OVERVIEW:
        return await view.redirect(entity_path(ref))
    chosen = next((one for one in view.registry.of(EntityTab) if one.id == asked), None)
    if chosen is None:
        return await no_tab(view, ref, asked)
    # One that has nothing (any more) is still answered: a page that is open there keeps itself up to date.
    parts = await gather(view, entity, chosen) if applies(view, entity, chosen) else []
    return await _frame(view, entity, "entity/tab.html", asked, chosen.title, parts=parts)


async def asked_for(view: View) -> Entity | None:
    """The entity that the path names, in whatever case."""
    return await view.entity(asked_ref(view))


def asked_ref(view: View) -> str:
    given = view.request.path_params
    return f"{given['kind']}:{given['namespace']}/{given['name']}".lower()


async def _frame(
    view: View, entity: Entity, template: str, chosen: str, tab_title: str, **context: Any
) -> Response:
    """`context` is what the template needs besides the header, hence Any."""
    about = present.present(entity)
    visit = await _begin_visit(view, about.ref)
    response = await view.page(
        template,
        title=f"{about.title} · {tab_title}" if tab_title else about.title,
        entity=entity,
        ref=about.ref,
        about=about,
        warnings=present.warnings(entity, lambda ref: view.index.row(ref.lower()) is not None),
        tabs=_tabs(view, entity, about.ref, chosen),
        chosen=chosen,
        starred=about.ref in view.preferences.starred,
        done=DONE.get(view.query.get("done", ""), ""),
        show=renderer(view, entity, about.ref),
        may_refresh=await view.allowed(ENTITY_REFRESH, entity),
        may_remove=await view.allowed(ENTITY_DELETE, entity) or await view.allowed(LOCATION_DELETE),
        shown_facts=SHOWN_FACTS,
        **context,
    )
    if visit is not None:
        response.background = BackgroundTask(_finish, visit)
    return response


def _tabs(view: View, entity: Entity, ref: str, chosen: str) -> list[tuple[str, str, bool]]:
    """Address and text of the tabs, and which is the current one."""
    found = sorted(view.registry.of(EntityTab), key=lambda one: one.order)
    kept = [one for one in found if one.id == chosen or applies(view, entity, one)]
    wrong = len(present.errors(entity))
    texts = {one.id: f"{one.title} ({wrong})" if one.id == "errors" and wrong else one.title for one in kept}
    return [
        (entity_path(ref), "Overview", chosen == OVERVIEW),
        *((entity_path(ref, one), text, one == chosen) for one, text in texts.items()),
    ]


async def _begin_visit(view: View, ref: str) -> asyncio.Task[None] | None:
    """Notes that a person looks at the entity, while the page is made; a page renewing itself is no visit."""
    headers = view.request.headers
    if view.request.method != "GET" or "x-live" in headers or "prefetch" in headers.get("sec-purpose", ""):
        return None
    visit = asyncio.create_task(view.preferences.note_visit(ref))
    await asyncio.sleep(0)  # it begins, which decides whether the answer must set a cookie
    return visit


async def _finish(visit: asyncio.Task[None]) -> None:
    try:
        await visit
    except CallboardError as error:
        _log.warning("a visit was not noted", reason=str(error))
    except Exception:  # the page is answered already; a full disk is the log's to tell
        _log.exception("a visit was not noted")
