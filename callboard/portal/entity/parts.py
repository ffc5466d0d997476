"""Runs the tabs and cards that plugins contribute, so that one that fails leaves the page whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from callboard.core.errors import CallboardError
from callboard.web.contributions import Entity, EntityCard, EntityTab
from callboard.web.view import View

_log = structlog.get_logger(__name__)
FAILED = "entity/failed.html"


@dataclass(frozen=True, slots=True)
class Part:
    """A tab or card with the variables of its template; None where they could not be had."""

    of: EntityTab | EntityCard
    variables: Mapping[str, Any] | None
    message: str = ""


async def gather(view: View, entity: Entity, *contributions: EntityTab | EntityCard) -> list[Part]:
    """The parts of a page, in the order given; their data is asked for at the same time."""
    return list(await asyncio.gather(*(_part(view, entity, one) for one in contributions)))


async def _part(view: View, entity: Entity, one: EntityTab | EntityCard) -> Part:
    try:
        return Part(one, await one.data(view, entity))
    except CallboardError as error:
        # Input it cannot read is the whole page's answer for a tab, whose URL holds it.
        if isinstance(one, EntityTab):
            raise
        return Part(one, None, str(error))
    except Exception:  # somebody else's code: the page is worth more than any part of it
        _log.exception("a part of an entity page failed", part=one.id, path=view.request.url.path)
        return Part(one, None)


def renderer(view: View, entity: Entity, ref: str) -> Callable[..., Markup]:
    """A function for the frame's template that renders a part, or says that the part failed."""

    @pass_context
    def show(context: Context, part: Part) -> Markup:
        get, shared = context.environment.get_template, {"view": view, "entity": entity, "ref": ref}
        if part.variables is not None:
            try:
                # What a template renders is escaped already.
                return Markup(get(part.of.template).render(**shared, **part.variables))  # noqa: S704
            except Exception:  # the template is somebody else's too
                _log.exception("a part of an entity page failed", part=part.of.id, path=view.request.url.path)
        return Markup(get(FAILED).render(**shared, title=part.of.title, message=part.message))  # noqa: S704

    return show


def applies(entity: Entity, one: EntityTab | EntityCard) -> bool:
    """Whether a part is shown for an entity; one that cannot tell is not."""
    try:
        return one.applies(entity)
    except Exception:  # as above
        _log.exception("a part of an entity page failed", part=one.id)
        return False
