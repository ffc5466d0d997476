"""Arranges groups as a tree, whatever their relations say: circles, several parents, no top. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tree:
    """Groups by number, in no order among siblings.

    `bottom_up` are all groups, those of one circle together, children before parents. `tops` are the groups
    from which all can be reached: those without a parent, and of each circle that nothing leads into its
    smallest. `circles` are the groups that are above themselves.
    """

    parents: Mapping[int, Sequence[int]]
    children: Mapping[int, Sequence[int]]
    bottom_up: Sequence[Sequence[int]]
    tops: Sequence[int]
    circles: frozenset[int]

    def way_up(self, group: int) -> list[int]:
        """One way from a top down to the group's parent; of a circle no further than once around."""
        way: list[int] = []
        seen, at = {group}, group
        while above := [one for one in self.parents[at] if one not in seen]:
            at = min(above)
            seen.add(at)
            way.append(at)
        return way[::-1]

    def below(self, group: int) -> set[int]:
        """The group and all that can be reached downwards."""
        return _reached(self.children, (group,))

    def above(self, groups: Iterable[int]) -> set[int]:
        """The groups and all that can be reached upwards."""
        return _reached(self.parents, groups)


def grow(groups: Iterable[int], pairs: Iterable[tuple[int, int]]) -> Tree:
    """The tree of groups; `pairs` are parent and child. Those that name anything else are left out."""
    children: dict[int, dict[int, None]] = {group: {} for group in groups}
    parents: dict[int, dict[int, None]] = {group: {} for group in children}
    for parent, child in pairs:
        if parent in children and child in children:
            children[parent][child] = None
            parents[child][parent] = None
    bottom_up = _components(children)
    circles: set[int] = set()
    tops: list[int] = []
    for together in bottom_up:
        inside = set(together)
        if len(together) > 1 or together[0] in children[together[0]]:
            circles |= inside
        if all(inside.issuperset(parents[one]) for one in together):
            tops.append(min(together))
    return Tree(
        {group: tuple(found) for group, found in parents.items()},
        {group: tuple(found) for group, found in children.items()},
        bottom_up,
        tuple(tops),
        frozenset(circles),
    )


def _reached(steps: Mapping[int, Sequence[int]], start: Iterable[int]) -> set[int]:
    reached = set(start)
    ahead = list(reached)
    while ahead:
        found = [one for one in steps[ahead.pop()] if one not in reached]
        reached.update(found)
        ahead += found
    return reached


def _components(children: Mapping[int, Iterable[int]]) -> list[tuple[int, ...]]:
    """Tarjan's strongly connected components, without recursion: a chain of groups may be long."""
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    stack: list[int] = []
    waiting: set[int] = set()
    found: list[tuple[int, ...]] = []
    for start in children:
        if start in order:
            continue
        work = [(start, iter(children[start]))]
        order[start] = lowest[start] = len(order)
        stack.append(start)
        waiting.add(start)
        while work:
            at, ahead = work[-1]
            for child in ahead:
                if child not in order:
                    order[child] = lowest[child] = len(order)
                    stack.append(child)
                    waiting.add(child)
                    work.append((child, iter(children[child])))
                    break
                if child in waiting:
                    lowest[at] = min(lowest[at], order[child])
            else:
                work.pop()
                if work:
                    above = work[-1][0]
                    lowest[above] = min(lowest[above], lowest[at])
                if lowest[at] == order[at]:
                    together = [stack.pop()]
                    while together[-1] != at:
                        together.append(stack.pop())
                    waiting.difference_update(together)
                    found.append(tuple(together))
    return found
