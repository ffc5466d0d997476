"""Gives every node of a graph its rank: what a node relies on comes after it, what relies on it before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Arcs = Sequence[tuple[int, int]]
"""From node to node by position, pointing to what the first relies on."""

_PASSES = 2
_MOST_MOVES = 30  # to turn one arc; more would tear up the picture for little
_LARGE = 300  # nodes; in more, chains of moves only stretch the picture, so a node moves alone or not at all


def ranks(count: int, arcs: Arcs, roots: Iterable[int]) -> list[int]:
    """A rank from 0 for each of `count` nodes. Nodes that no root reaches begin a walk of their own."""
    after: list[list[int]] = [[] for _ in range(count)]
    before: list[list[int]] = [[] for _ in range(count)]
    for source, target in arcs:
        if source != target:
            after[source].append(target)
            before[target].append(source)
    found: list[int | None] = [None] * count
    fixed = set(roots)
    _spread(fixed, found, after, before)
    for node in range(count):
        if found[node] is None:
            _spread((node,), found, after, before)
    whole = [rank or 0 for rank in found]
    _repair(whole, arcs, fixed, after, before)
    lowest = min(whole, default=0)
    return [rank - lowest for rank in whole]


def _spread(
    starts: Iterable[int], found: list[int | None], after: list[list[int]], before: list[list[int]]
) -> None:
    """Breadth first, a step up along an arc, a step down against its direction."""
    queue = sorted(starts)
    for start in queue:
        found[start] = 0
    for node in queue:
        rank = found[node]
        assert rank is not None
        for step, others in ((1, after[node]), (-1, before[node])):
            for other in others:
                if found[other] is None:
                    found[other] = rank + step
                    queue.append(other)


def _repair(
    rank: list[int], arcs: Arcs, fixed: set[int], after: list[list[int]], before: list[list[int]]
) -> None:
    """Turns arcs that do not point onward, by moving their target up or their source down.

    What has to move along moves too, so that no other arc is turned around.
    """
    most = _MOST_MOVES if len(rank) <= _LARGE else 1
    for _ in range(_PASSES):
        moved = False
        for source, target in arcs:
            if source != target and rank[source] >= rank[target]:
                found = _moves(target, rank[source] + 1, 1, rank, after, still={*fixed, source}, most=most)
                if found is None:
                    found = _moves(
                        source, rank[target] - 1, -1, rank, before, still={*fixed, target}, most=most
                    )
                for node, place in (found or {}).items():
                    rank[node], moved = place, True
        if not moved:
            return


def _moves(
    node: int, place: int, step: int, rank: list[int], ahead: list[list[int]], *, still: set[int], most: int
) -> dict[int, int] | None:
    """The ranks of all that must move when `node` does; None when what stays still or too many would."""
    moves: dict[int, int] = {}
    waiting = [(node, place)]
    while waiting:
        node, place = waiting.pop()
        if (place - moves.get(node, rank[node])) * step <= 0:
            continue
        if node in still or len(moves) >= most or abs(place - rank[node]) > _MOST_MOVES:
            return None
        moves[node] = place
        for other in ahead[node]:
            if (rank[other] - rank[node]) * step > 0:  # an arc that points onward now and must keep doing so
                waiting.append((other, place + step))
    return moves
