"""The page `/catalog-graph`, its picture as a file, and the suggestions of its form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from callboard.catalog.index.postings import as_bitmap
from callboard.core.errors import InputError
from callboard.model.refs import entity_ref
from callboard.portal.graph.address import PATH, Address, read_address
from callboard.portal.graph.card import nearest
from callboard.portal.graph.drawing import drawing_of, pairs_of, picture_of, title_of
from callboard.portal.graph.export import Theme, standalone
from callboard.portal.graph.labels import labels_of
from callboard.portal.graph.relations import say
from callboard.portal.graph.suggest import suggest
from callboard.portal.graph.traverse import MAX_NODES
from callboard.web.contributions import Entity
from callboard.web.view import View

DEPTHS = (1, 2, 3, 4, 5, 10)
CARD_COLUMN = 9  # nodes; a card should not be taller than what stands beside it
_BEGINNINGS = ("domain", "system", "group")  # kinds that a first look at an unknown catalog starts well with
_NOT_IN_FILE_NAMES = re.compile(r"[^\w.-]+", re.ASCII)


async def graph_page(view: View) -> Response:
    """The whole page; for htmx only what changes with the form."""
    address = read_address(view.query.multi_items())
    context = await _context(view, address)
    if view.htmx:
        response = await view.fragment("graph/graph.html", **context)
        response.headers["hx-push-url"] = address.url()
        return response
    return await view.page("graph/page.html", status=400 if address.problems else 200, **context)


async def _context(view: View, address: Address) -> dict[str, Any]:
    """The variables of graph.html; a mapping for a template, hence Any."""
    drawing = await drawing_of(view.index, view.model, address)
    graph, scope = drawing.graph, address.scope
    rows = [node.row for node in graph.nodes[: len(address.roots)]]
    depths = sorted({*DEPTHS, *({scope.depth} if scope.depth else ())})
    return {
        "title": drawing.title,
        "address": address,
        "drawing": drawing,
        "lost": [root for root, row in zip(address.roots, rows, strict=True) if row is None],
        "roots": [
            (label, address.around(*(other for other in address.roots if other != label.ref)).url())
            for label in drawing.labels[: len(address.roots)]
        ],
        "depths": [*((str(depth), str(depth)) for depth in depths), ("all", "all the way")],
        "kinds": sorted({*graph.kinds, *scope.kinds}),
        "relations": [
            (name, say(name)) for name in sorted({*graph.relations, *scope.relations}, key=str.lower)
        ],
        "most": MAX_NODES,
        "svg": address.url(f"{PATH}.svg"),
        "beginnings": () if address.roots else _beginnings(view, address),
    }


def _beginnings(view: View, address: Address) -> list[tuple[str, str]]:
    """Where to begin when nothing is asked for: entities with the address of their graph."""
    refs = view.starred[:6]
    field = view.index.fields.get("kind")
    for name, rows in sorted(field.items(), key=lambda one: one[0].lower()) if field else ():
        if name.lower() in _BEGINNINGS:
            refs += sorted(view.index.ref(row) for row in as_bitmap(rows)[:6])
    return [(ref, address.around(ref).url()) for ref in dict.fromkeys(refs)]


async def graph_file(view: View) -> Response:
    """The picture as a file; `theme=dark` for dark grounds."""
    address = read_address(view.query.multi_items())
    theme: Theme = "dark" if view.query.get("theme") == "dark" else "light"
    if address.problems or not address.roots:
        raise InputError(" ".join(address.problems) or "The address names no entity; add rootEntityRefs[]=…")
    drawing = await drawing_of(view.index, view.model, address)
    name = _NOT_IN_FILE_NAMES.sub("-", drawing.title.lower()).strip("-.")[:80] or "relations"
    headers = {
        "content-disposition": f'attachment; filename="{name}.svg"',
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "cache-control": "private, no-cache",
    }
    return Response(standalone(drawing.picture, theme), media_type="image/svg+xml", headers=headers)


async def suggestions(view: View) -> Response:
    """Options for the field that adds an entity."""
    texts = [text for name, text in view.query.multi_items() if name.startswith("rootEntityRefs")]
    found = suggest(view.index, texts[-1]) if texts else []
    return await view.fragment("graph/suggestions.html", found=found)


async def relations_card(view: View, entity: Entity) -> Mapping[str, Any]:
    """The variables of card.html."""
    address = Address(roots=(entity_ref(entity),)).scoped(depth=1)
    graph = nearest(view.index, address.roots[0], pairs_of(view.model))
    labels = labels_of(view.index, graph.nodes)
    picture = picture_of(graph, labels, address, title_of(labels[:1]), tallest=CARD_COLUMN)
    return {
        "picture": picture,
        "shown": len(graph.nodes) - 1,
        "total": graph.total - 1,
        "url": address.scoped(depth=2).url(),
    }


def has_relations(entity: Entity) -> bool:
    """Whether there is anything to draw."""
    return bool(entity.get("relations"))
