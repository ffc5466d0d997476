"""The tab History: what happened to an entity, newest first, and the entity as it was at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from callboard.catalog.history import Version
from callboard.core.errors import InputError, NotFoundError
from callboard.model.refs import entity_ref
from callboard.portal.entity.differences import Shown, shown
from callboard.portal.entity.texts import as_yaml, shortened
from callboard.web.contributions import Entity
from callboard.web.view import View

PAGE = 20


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened `at` (seconds since 1970). `cause` says who or what did it, where that is
    known. `moment` leads to the entity as it was from then on; None where it was gone."""

    at: float
    what: Literal["created", "changed", "deleted"]
    cause: str
    difference: Shown
    moment: str | None
    current: bool


def events(versions: Iterable[Version]) -> list[Event]:
    """What made and ended these versions, newest first. Pure."""
    found: list[Event] = []
    nothing = shown(())
    for version in versions:
        if version.deleted_by is not None and version.valid_to is not None:
            found.append(Event(version.valid_to, "deleted", version.deleted_by, nothing, None, current=False))
        found.append(
            Event(
                version.valid_from,
                version.cause,
                "",
                shown(version.changes),
                repr(version.valid_from),
                current=version.valid_to is None,
            )
        )
    return found


async def history_tab(view: View, entity: Entity) -> Mapping[str, Any]:
    """`?before=<seconds>` pages on, `?at=<seconds>` shows the whole descriptor at that time."""
    ref = entity_ref(entity)
    if "at" in view.query:
        at = moment(view.query["at"])
        then = await view.catalog.entity_at(ref, at)
        if then is None:
            raise NotFoundError(f"{ref} did not exist then.")
        return {"at": at, **shortened(as_yaml(view.shown(then)))}
    before = moment(view.query["before"]) if "before" in view.query else None
    versions = await view.catalog.history(ref, PAGE + 1, before)
    more = len(versions) > PAGE
    return {
        "at": None,
        "events": events(replace(one, changes=view.told(one.changes)) for one in versions[:PAGE]),
        "older": repr(versions[PAGE - 1].valid_from) if more else None,
        "paged": before is not None,
    }


def moment(text: str) -> float:
    """A time in seconds since 1970. Raises InputError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= time.time() + 86400:
        raise InputError("A time of the history is a number of seconds since 1970, and not in the future")
    return seconds
