"""Runs the tabs and cards that plugins contribute, so that one that fails leaves the page whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from callboard.core.errors import CallboardError
from callboard.web.contributions import Entity, EntityCard, EntityTab
from callboard.web.view import View

SECONDS = 15.0  # after which a tab or card is given up
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
    owner = view.registry.owner(one)
    try:
        data = await view.health.guarded(owner.id, _named(one), one.data(view, entity), SECONDS)
        return Part(one, data)
    except CallboardError as error:
        # Input it cannot read is the whole page's answer for a tab, whose URL holds it.
        if isinstance(one, EntityTab):
            raise
        return Part(one, None, str(error))
    except Exception:  # somebody else's code: the page is worth more than any part of it
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
            except Exception as error:  # the template is somebody else's too
                view.health.failed(view.registry.owner(part.of).id, _named(part.of), error)
        return Markup(get(FAILED).render(**shared, title=part.of.title, message=part.message))  # noqa: S704

    return show


def applies(view: View, entity: Entity, one: EntityTab | EntityCard) -> bool:
    """Whether a part is shown for an entity; one that cannot tell is not."""
    try:
        return one.applies(entity)
    except Exception as error:  # as above
        view.health.failed(view.registry.owner(one).id, _named(one), error)
        return False


def _named(one: EntityTab | EntityCard) -> str:
    return f"the {'tab' if isinstance(one, EntityTab) else 'card'} {one.id}"
