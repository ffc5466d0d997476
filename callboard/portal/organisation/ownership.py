"""Adds up what groups hold (members, entities) with all groups below them, each counted once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pyroaring import BitMap

from callboard.portal.organisation.tree import Tree

Counts = tuple[tuple[str, int], ...]
"""Kinds and how many of each, the commonest first."""


def gathered(tree: Tree, own: Mapping[int, BitMap]) -> dict[int, BitMap]:
    """What each group holds together with all below it; groups of one circle hold the same.

    `own` says what each group holds by itself. The bitmaps may be shared with it: not to be changed.
    """
    found: dict[int, BitMap] = {}
    for together in tree.bottom_up:
        parts = [own[one] for one in together]
        parts += [found[child] for one in together for child in tree.children[one] if child in found]
        whole = parts[0] if len(parts) == 1 else BitMap.union(*parts)
        for one in together:
            found[one] = whole
    return found


def by_kind(rows: BitMap, kinds: Sequence[tuple[str, BitMap]]) -> Counts:
    """How many of the rows are of each kind."""
    if not rows:
        return ()
    counts = ((kind, rows.intersection_cardinality(members)) for kind, members in kinds)
    return tuple(
        sorted(((kind, count) for kind, count in counts if count), key=lambda one: (-one[1], one[0]))
    )


def united(parts: Iterable[BitMap]) -> BitMap:
    """All rows of all parts, in a bitmap of its own."""
    return BitMap.union(BitMap(), BitMap(), *parts)
