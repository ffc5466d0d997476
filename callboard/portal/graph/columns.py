"""Arranges the ranks of a graph: the order inside a rank, and where each slot lies along the rank.

A slot is a node, or the lane that a long edge takes through a rank between its ends. `main` is the axis along
which ranks follow each other, `cross` the axis along which a rank runs.
"""

from __future__ import annotations

from collections.abc import Sequence

Rank = list[int]
"""The slots of one rank, in order."""

_SWEEPS = 6
_ALIGNMENTS = 6


def order(groups: list[Rank], links: list[list[int]], rank_of: Sequence[int]) -> None:
    """Sorts every rank by the mean place of its neighbours, there and back, so that fewer edges cross."""
    place = [0.0] * len(rank_of)
    for group in groups:
        _note(group, place)
    for sweep in range(_SWEEPS):
        onward = sweep % 2 == 0
        for group in groups if onward else reversed(groups):
            means: dict[int, float] = {}
            for slot in group:
                mine = rank_of[slot]
                near = [
                    place[other]
                    for other in links[slot]
                    if (rank_of[other] < mine) is onward and rank_of[other] != mine
                ]
                means[slot] = sum(near) / len(near) if near else place[slot]
            group.sort(key=lambda slot: (means[slot], place[slot]))
            _note(group, place)


def _note(group: Rank, place: list[float]) -> None:
    """Places count from the middle of their rank, so that long and short ranks compare."""
    middle = (len(group) - 1) / 2
    for at, slot in enumerate(group):
        place[slot] = at - middle


def align(
    groups: list[Rank],
    links: list[list[int]],
    rank_of: Sequence[int],
    size: Sequence[float],
    gap: float,
    *,
    middle: list[float],
) -> None:
    """Writes into `middle` where slots lie on the cross axis: near neighbours, in order, `gap` apart.

    The slots of ranks that are not in `groups` keep the middle they have.
    """
    for group in groups:
        _stack(group, [0.0] * len(group), size, gap, middle)
    for turn in range(_ALIGNMENTS):
        for group in groups if turn % 2 == 0 else reversed(groups):
            wanted = []
            for slot in group:
                near = [middle[other] for other in links[slot] if rank_of[other] != rank_of[slot]]
                wanted.append(sum(near) / len(near) if near else middle[slot])
            _stack(group, wanted, size, gap, middle)


def _stack(group: Rank, wanted: list[float], size: Sequence[float], gap: float, middle: list[float]) -> None:
    """Puts the slots as near to what they want as order and distances allow (least squares).

    Subtracting the distances turns "apart by at least" into "not decreasing", which pooling neighbours that
    contradict each other into blocks of one mean solves exactly.
    """
    offsets: list[float] = []
    reach = 0.0
    for at, slot in enumerate(group):
        if at:
            reach += (size[group[at - 1]] + size[slot]) / 2 + gap
        offsets.append(reach)
    blocks: list[tuple[float, int]] = []  # sum of wishes, how many slots
    for wish, offset in zip(wanted, offsets, strict=True):
        total, members = wish - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / members:
            more, others = blocks.pop()
            total, members = total + more, members + others
        blocks.append((total, members))
    at = 0
    for total, members in blocks:
        for _ in range(members):
            middle[group[at]] = total / members + offsets[at]
            at += 1


def grid(group: Rank, rows: int, pitch: float, middle: list[float]) -> dict[int, int]:
    """Spreads a rank that is too long over several columns of at most `rows`; gives the column of each slot.

    Neighbours in order share a row rather than a column, which keeps edges short on the cross axis.
    """
    columns = -(-len(group) // rows)
    lines = -(-len(group) // columns)
    for at, slot in enumerate(group):
        middle[slot] = (at // columns - (lines - 1) / 2) * pitch
    return {slot: at % columns for at, slot in enumerate(group)}
