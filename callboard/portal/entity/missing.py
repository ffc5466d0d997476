"""The answer for an entity that is not in the catalog: what it was, why it is not, and what was meant."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from callboard.catalog.history import Version
from callboard.catalog.permissions import LOCATION_CREATE
from callboard.core.errors import CallboardError, InputError
from callboard.model.refs import parse_ref
from callboard.portal.entity.texts import as_yaml, shortened
from callboard.web.templating import entity_path
from callboard.web.view import View

NEAR = 5
MAX_PART = 200  # characters of a path that are looked for
SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Near:
    """An entity whose name is like the one asked for."""

    ref: str
    description: str


async def missing(view: View) -> Response:
    """The 404 page of an entity."""
    given = view.request.path_params
    kind, namespace, name = (str(given[part])[:MAX_PART] for part in ("kind", "namespace", "name"))
    ref = _ref(kind, namespace, name)
    past = await view.catalog.history(ref, 1) if ref else []
    wrong = await view.catalog.problems_of([ref]) if ref else []
    if ref and view.hides(ref):
        # Not even that it is there may be told, nor by how long the answer takes: hence only now.
        past, wrong = [], []
    return await view.page(
        "entity/missing.html",
        title=view.text("Not found"),
        status=404,
        kind=kind,
        name=name,
        ref=ref or f"{kind}:{namespace}/{name}",
        gone=_gone(past),
        was=shortened(as_yaml(view.shown(past[0].body))) if past else None,
        problems=wrong[:SHOWN_PROBLEMS],
        near=await _near(view, kind, name),
        may_import=await view.allowed(LOCATION_CREATE),
    )


async def no_tab(view: View, ref: str, tab: str) -> Response:
    """The 404 page of a tab of an entity that there is."""
    return await view.page(
        "entity/no_tab.html",
        title=view.text("Not found"),
        status=404,
        ref=ref,
        tab=tab[:MAX_PART],
        path=entity_path(ref),
    )


def _ref(kind: str, namespace: str, name: str) -> str:
    """The reference, or nothing where none can be meant: PostgreSQL refuses even to look for a NUL."""
    text = f"{kind}:{namespace}/{name}"
    try:
        return str(parse_ref(text)) if text.isprintable() else ""
    except InputError:
        return ""


def _gone(past: list[Version]) -> Version | None:
    return past[0] if past and past[0].deleted_by is not None else None


async def _near(view: View, kind: str, name: str) -> list[Near]:
    """What the search finds for the name: first of the same kind, then of others."""
    try:
        hits = await view.search.suggest(name.replace("-", " ").replace("_", " "), NEAR * 4)
    except CallboardError:  # the search is not ready: the page is still worth showing
        return []
    refs = [(hit.document.ref, hit.document.text) for hit in hits if hit.document.ref is not None]
    known = [(ref, text) for ref, text in refs if view.index.row(ref) is not None]
    known.sort(key=lambda one: not one[0].startswith(f"{kind.lower()}:"))
    return [Near(ref, text[:MAX_PART]) for ref, text in known[:NEAR]]
