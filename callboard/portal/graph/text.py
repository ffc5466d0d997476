"""Says a graph in words: every node once, by its distance from the roots, with what it has to do with others.

Each edge is told where it is farther from the roots, so that a reader learns of every node why it is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callboard.portal.graph.labels import Label
from callboard.portal.graph.relations import Pairs, say
from callboard.portal.graph.traverse import Edge, Graph


@dataclass(frozen=True, slots=True)
class Sentence:
    """`words` is the verb: the line's entity "is provided by" the others."""

    words: str
    others: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Line:
    label: Label
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """All nodes of one distance from the roots."""

    depth: int
    lines: tuple[Line, ...]


def sections(graph: Graph, labels: Sequence[Label], pairs: Pairs) -> list[Section]:
    """The whole graph as text; `labels` are those of its nodes."""
    told: list[dict[str, list[Label]]] = [{} for _ in graph.nodes]
    for edge in graph.edges:
        teller, words, other = _told(edge, pairs)
        others = told[teller].setdefault(words, [])
        if labels[other] not in others[-1:]:
            others.append(labels[other])
    by_depth: dict[int, list[Line]] = {}
    for at, node in enumerate(graph.nodes):
        sentences = tuple(Sentence(words, tuple(others)) for words, others in sorted(told[at].items()))
        by_depth.setdefault(node.depth, []).append(Line(labels[at], sentences))
    return [
        Section(
            depth, tuple(sorted(lines, key=lambda line: (line.label.ref.partition(":")[0], line.label.title)))
        )
        for depth, lines in sorted(by_depth.items())
    ]


def _told(edge: Edge, pairs: Pairs) -> tuple[int, str, int]:
    """Who tells the edge, with which verb, of whom. Nodes are in the order of their distance."""
    relation = edge.types[0]
    inverse = edge.types[1] if len(edge.types) > 1 else pairs.inverses.get(relation)
    if edge.source > edge.target or inverse is None:
        return edge.source, say(relation), edge.target
    return edge.target, say(inverse), edge.source
