"""Walks the relations of the read index from some entities: nodes with their depth, and edges between them.

Pure over the index: no entity body is read, so a walk over thousands costs milliseconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from callboard.model.refs import kind_of
from callboard.portal.graph.relations import Pairs

MAX_NODES = 2000
COUNT_AT_MOST = (
    20_000  # beyond this we say "more than"; nobody narrows a picture by an exact number that large
)

Follow = Literal["both", "outgoing", "incoming"]


class Relations(Protocol):
    """What is needed of the read index."""

    def row(self, entity_ref: str, /) -> int | None: ...

    def relations(self, row: int, /) -> Sequence[tuple[str, str]]:
        """Type and target reference of every relation of an entity."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the graph is wanted. `depth` None is without end; empty sets mean every kind, relation.

    `follow` is the direction of the walk: "outgoing" to what an entity relies on, "incoming" to what relies
    on it. `merge` makes one edge of a relation and its inverse; `one_way` keeps of such two the one that is
    seen first from the roots.
    """

    depth: int | None = 2
    follow: Follow = "both"
    kinds: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    merge: bool = True
    one_way: bool = True


@dataclass(frozen=True, slots=True)
class Node:
    """An entity in the picture; `row` is None when nothing has this reference."""

    ref: str
    depth: int
    row: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """A drawn relation, between positions in `Graph.nodes`; the arrow points to `target`.

    `types` are read from `source`, except that of a merged pair the second is read from `target`.
    A `backward` edge points to what relies on its source.
    """

    source: int
    target: int
    types: tuple[str, ...]
    backward: bool = False


@dataclass(slots=True)
class Graph:
    """What a walk found. `total` counts the nodes it met, shown or not; `more` says that there are even more.

    `kinds` and `relations` count what was met before filtering: what a filter could show.
    """

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    total: int = 0
    more: bool = False
    kinds: Counter[str] = field(default_factory=Counter)
    relations: Counter[str] = field(default_factory=Counter)


def walk(
    index: Relations, roots: Iterable[str], scope: Scope, pairs: Pairs, *, max_nodes: int = MAX_NODES
) -> Graph:
    """The graph around `roots` (full references in lower case), nearest nodes first, the same every time."""
    depths = dict.fromkeys(roots, 0)
    hidden: set[str] = set()
    graph = Graph()
    queue = list(depths)
    graph.kinds.update(kind_of(ref) for ref in queue)
    position = 0
    while position < len(queue):
        ref = queue[position]
        position += 1
        if len(queue) > COUNT_AT_MOST:
            graph.more = True
            break
        depth = depths[ref]
        row = index.row(ref)
        if row is None or (scope.depth is not None and depth >= scope.depth):
            continue
        for relation, target in index.relations(row):
            if not _followed(relation, scope, pairs):
                continue
            if position <= max_nodes:
                graph.relations[relation] += 1
            if target not in depths and target not in hidden:
                kind = kind_of(target)
                if scope.relations and relation not in scope.relations:
                    continue
                graph.kinds[kind] += 1
                if scope.kinds and kind not in scope.kinds:
                    hidden.add(target)
                    continue
                depths[target] = depth + 1
                queue.append(target)
    graph.total = len(queue)
    graph.nodes = [Node(ref, depths[ref], index.row(ref)) for ref in queue[:max_nodes]]
    graph.edges = edges_between(index, graph.nodes, scope, pairs)
    return graph


def _followed(relation: str, scope: Scope, pairs: Pairs) -> bool:
    return scope.follow == "both" or pairs.forward(relation) == (scope.follow == "outgoing")


def edges_between(index: Relations, nodes: Sequence[Node], scope: Scope, pairs: Pairs) -> list[Edge]:
    """The edges between shown nodes, each relation once although both of its ends tell it."""
    places = {node.ref: at for at, node in enumerate(nodes)}
    # By forward source, forward target and pair: which relations of the pair exist, the nearer end's first.
    found: dict[tuple[int, int, str], list[str]] = {}
    for at, node in enumerate(nodes):
        if node.row is None:
            continue
        for relation, target in index.relations(node.row):
            other = places.get(target)
            if other is None or (scope.relations and relation not in scope.relations):
                continue
            ends = (at, other) if pairs.forward(relation) else (other, at)
            types = found.setdefault((*ends, pairs.name(relation)), [])
            if relation not in types:
                types.append(relation)
    edges: list[Edge] = []
    for (first, second, name), known in found.items():
        if scope.merge and name in known:
            both = (name, *(one for one in known if one != name))
            edges.append(Edge(first, second, both))
            continue
        for one in known[:1] if scope.one_way else known:
            if one == name:
                edges.append(Edge(first, second, (one,)))
            else:
                edges.append(Edge(second, first, (one,), backward=True))
    return edges
