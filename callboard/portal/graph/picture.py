"""Draws a laid-out graph as SVG: nodes are links, edges are paths, and everything can be read out.

The picture holds no colour: classes of `graph.css` paint it on a page, `export.py` where it stands alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from markupsafe import Markup, escape

from callboard.portal.graph.address import Curve
from callboard.portal.graph.labels import Label, fit
from callboard.portal.graph.layout import Box, Layout, Point, Route
from callboard.portal.graph.relations import say
from callboard.portal.graph.symbols import symbol
from callboard.portal.graph.traverse import Edge

LABELLED_EDGES = 40  # beyond this, words on all edges hide what they explain; pointing at a node shows them
_NAME_COLUMNS, _SORT_COLUMNS = 19, 25


def draw(
    layout: Layout,
    labels: Sequence[Label],
    edges: Sequence[Edge],
    *,
    title: str,
    roots: Collection[str] = (),
    curve: Curve = "curveMonotoneX",
) -> Markup:
    """The `<svg>` element. `labels` and `edges` are those that `layout` has boxes and routes for."""
    icons = sorted({label.icon for label in labels})
    size = f"{layout.width:g} {layout.height:g}"
    parts = [
        f'<svg class="graph-picture" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="group" ',
        f'width="{layout.width:g}" height="{layout.height:g}" aria-label="{escape(title)}">',
        "<defs>",
        *(_arrow(name) for name in ("arrow", "arrow-lit")),
        *(symbol(name, f"graph-{name}") for name in icons),
        "</defs>",
        *_edges(layout, edges, curve),
        '<g class="nodes">',
    ]
    for at, (label, box) in enumerate(zip(labels, layout.boxes, strict=True)):
        parts.append(_node(at, label, box, root=label.ref in roots))
    parts.append("</g></svg>")
    return Markup("".join(parts))  # noqa: S704 - every text went through escape


def _arrow(name: str) -> str:
    return (
        f'<marker id="graph-{name}" class="{name}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" '
        'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.5 8 4 0 7.5z"/></marker>'
    )


def _node(at: int, label: Label, box: Box, *, root: bool) -> str:
    classes = f"node kind-{label.icon}{' root' if root else ''}{' missing' if label.missing else ''}"
    return (
        f'<a class="{classes}" href="{escape(label.path)}" data-node="{at}" data-ref="{escape(label.ref)}" '
        f'transform="translate({box.x:g} {box.y:g})"><title>{escape(f"{label.title} · {label.ref}")}</title>'
        f'<rect width="{box.width:g}" height="{box.height:g}" rx="8"/>'
        f'<use href="#graph-{label.icon}" x="12" y="14" width="20" height="20"/>'
        f'<text class="name" x="42" y="20">{escape(fit(label.title, _NAME_COLUMNS))}</text>'
        f'<text class="sort" x="42" y="37">{escape(fit(label.sort, _SORT_COLUMNS))}</text></a>'
    )


def _edges(layout: Layout, edges: Sequence[Edge], curve: Curve) -> list[str]:
    """Edges of the same relation share a group, whose title says the relation wherever one is pointed at."""
    groups: dict[tuple[str, ...], list[str]] = {}
    words: list[str] = []
    labelled = len(edges) <= LABELLED_EDGES and not layout.wrapped
    for edge, drawn in zip(edges, layout.routes, strict=True):
        route = drawn.reversed() if edge.backward else drawn
        path, middle = trace(route, layout.horizontal, curve)
        groups.setdefault(edge.types, []).append(
            f'<path data-ends="{edge.source} {edge.target}" d="{path}"/>'
        )
        if labelled:
            text = escape(say(edge.types[0]))
            words.append(f'<text x="{middle.x:g}" y="{middle.y:g}">{text}</text>')
    parts = ['<g class="edges" aria-hidden="true">']
    for types, paths in groups.items():
        parts.append(f"<g><title>{escape(' / '.join(say(type_) for type_ in types))}</title>")
        parts += [*paths, "</g>"]
    return [*parts, '</g><g class="edge-labels" aria-hidden="true">', *words, "</g>"]


def trace(route: Route, horizontal: bool, curve: Curve) -> tuple[str, Point]:
    """The path data of a route, and the point in its middle where its words go."""
    points, ways = route.points, len(route.points) - 1
    data = [f"M{points[0].x:g} {points[0].y:g}"]
    middle = points[0]
    onward = route.leaves
    for at in range(ways):
        start, end = points[at], points[at + 1]
        arrives = route.arrives if at == ways - 1 else -onward
        across = abs(end.y - start.y) if horizontal else abs(end.x - start.x)
        along = abs(end.x - start.x) if horizontal else abs(end.y - start.y)
        bend = along / 2 if arrives == -onward else 28 + min(60.0, across / 6)
        one, other = _beside(start, onward * bend, horizontal), _beside(end, arrives * bend, horizontal)
        if curve == "curveStepBefore":
            corner = (one, Point(one.x, end.y) if horizontal else Point(end.x, one.y))
            data += [f"L{point.x:.1f} {point.y:.1f}" for point in (*corner, end)]
        else:
            data.append(f"C{one.x:.1f} {one.y:.1f} {other.x:.1f} {other.y:.1f} {end.x:g} {end.y:g}")
        if at == ways // 2:
            pull = 0.75 if arrives == onward else 0.0  # a bow's middle lies toward its control points
            middle = Point(
                round((start.x + end.x) / 2 * (1 - pull) + (one.x + other.x) / 2 * pull, 1),
                round((start.y + end.y) / 2 * (1 - pull) + (one.y + other.y) / 2 * pull, 1),
            )
    return "".join(data), middle


def _beside(point: Point, distance: float, horizontal: bool) -> Point:
    return Point(point.x + distance, point.y) if horizontal else Point(point.x, point.y + distance)
