"""Puts a drawing together: the walk, the picture and the text of what an address asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from callboard.catalog.index import Index
from callboard.model import Model
from callboard.portal.graph.address import Address
from callboard.portal.graph.labels import Label, labels_of
from callboard.portal.graph.layout import lay_out
from callboard.portal.graph.picture import draw
from callboard.portal.graph.relations import Pairs
from callboard.portal.graph.text import Section, sections
from callboard.portal.graph.traverse import Graph, walk

_LARGE = 300  # nodes; drawing more than these must not hold up other requests


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph as picture and as text; `labels` are those of its nodes, the roots first."""

    graph: Graph
    labels: Sequence[Label]
    picture: Markup
    sections: Sequence[Section]
    title: str


def pairs_of(model: Model) -> Pairs:
    """The relation pairs of all kinds of entities."""
    return Pairs.of({pair for kind in model.kinds for pair in kind.relation_pairs()})


async def drawing_of(index: Index, model: Model, address: Address) -> Drawing:
    """Walks and draws; a large picture is drawn in a thread."""
    pairs = pairs_of(model)
    graph = walk(index, address.roots, address.scope, pairs)
    labels = labels_of(index, graph.nodes)
    title = title_of(labels[: len(address.roots)])
    make = partial(picture_of, graph, labels, address, title)
    picture = await asyncio.to_thread(make) if len(graph.nodes) > _LARGE else make()
    return Drawing(graph, labels, picture, sections(graph, labels, pairs), title)


def title_of(roots: Sequence[Label]) -> str:
    """What a picture of these entities is called."""
    names = [root.title for root in roots[:3]]
    if len(roots) > 3:
        names.append(f"{len(roots) - 3} more")
    return f"Relations of {', '.join(names)}" if names else "Relations"


def picture_of(
    graph: Graph, labels: Sequence[Label], address: Address, title: str, *, tallest: int | None = None
) -> Markup:
    """Lays out and draws. Edges are laid out forward, whichever way their arrows point."""
    arcs = [
        (edge.target, edge.source) if edge.backward else (edge.source, edge.target) for edge in graph.edges
    ]
    roots = range(min(len(address.roots), len(graph.nodes)))
    layout = lay_out(len(graph.nodes), arcs, roots, address.orientation, tallest=tallest)
    return draw(layout, labels, graph.edges, title=title, roots=address.roots, curve=address.curve)
