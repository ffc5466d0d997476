"""Takes the owner out of what a visible document tells, where the owner is hidden. Pure."""

from __future__ import annotations

from dataclasses import replace

from callboard.core.errors import InputError
from callboard.model.refs import resolve_ref
from callboard.search.documents import ENTITIES
from callboard.search.query import Hit, SearchAnswer
from callboard.search.seen import Visible

_OWNER = "owner"


def told(answer: SearchAnswer, visible: Visible) -> SearchAnswer:
    """The answer with visible hits only, and without owners that are hidden."""
    hits = [told_hit(hit, visible) for hit in answer.hits if visible.shows(hit.document.ref)]
    facets = dict(answer.facets)
    if _OWNER in facets:
        facets[_OWNER] = [one for one in facets[_OWNER] if not _hidden(one[0], visible)]
    return replace(answer, hits=hits, facets=facets)


def told_hit(hit: Hit, visible: Visible) -> Hit:
    """A hit whose document does not name an owner that is hidden."""
    document = hit.document
    owner = document.fields.get(_OWNER)
    if document.type != ENTITIES or not isinstance(owner, str) or not owner or not _hidden(owner, visible):
        return hit
    return replace(hit, document=replace(document, fields={**document.fields, _OWNER: ""}))


def _hidden(owner: str, visible: Visible) -> bool:
    """Whether an owner, as documents write it, is an entity that may not be seen."""
    try:
        return visible.hides(resolve_ref(owner, "group", "default"))
    except InputError:
        return False
