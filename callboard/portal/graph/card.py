"""The nearest relations of one entity, few enough for a card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

from callboard.portal.graph.relations import Pairs
from callboard.portal.graph.traverse import Graph, Node, Relations, Scope, edges_between

MOST_NODES = 18


def nearest(index: Relations, ref: str, pairs: Pairs, *, most: int = MOST_NODES) -> Graph:
    """The entity and its neighbours. Of too many, each relation shows its share, so that none is crowded out.

    `total` counts all of them.
    """
    row = index.row(ref)
    if row is None:
        return Graph([Node(ref, 0, None)], total=1)
    groups: dict[str, list[str]] = {}
    for relation, target in index.relations(row):
        groups.setdefault(relation, []).append(target)
    everyone = dict.fromkeys(_in_turn(list(groups.values())))
    everyone.pop(ref, None)
    nodes = [Node(ref, 0, row)]
    nodes += [Node(other, 1, index.row(other)) for other in islice(everyone, most - 1)]
    edges = edges_between(index, nodes, Scope(), pairs)
    own = [edge for edge in edges if 0 in (edge.source, edge.target)]
    return Graph(nodes, own, total=len(everyone) + 1)


def _in_turn(groups: Sequence[Sequence[str]]) -> Iterator[str]:
    """One of each group, then the second of each, and so on."""
    for turn in zip_longest(*groups):
        yield from (ref for ref in turn if ref is not None)
