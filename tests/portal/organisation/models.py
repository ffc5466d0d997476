"""A naive model of groups: everything by walking, nothing kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hypothesis import strategies as st


@dataclass(frozen=True)
class Model:
    """Groups by number, and pairs of parent and child, of which some name groups that do not exist."""

    groups: frozenset[int]
    pairs: tuple[tuple[int, int], ...]

    def children(self, group: int) -> set[int]:
        known = self.groups
        return {
            child for parent, child in self.pairs if parent == group and group in known and child in known
        }

    def below(self, group: int) -> set[int]:
        found: set[int] = {group}
        while more := {child for one in found for child in self.children(one)} - found:
            found |= more
        return found

    def circles(self) -> set[int]:
        return {one for one in self.groups if any(one in self.below(child) for child in self.children(one))}

    def reached(self, tops: Iterable[int]) -> set[int]:
        return {one for top in tops for one in self.below(top)}


@st.composite
def models(draw: st.DrawFn) -> Model:
    count = draw(st.integers(0, 9))
    number = st.integers(0, 11)  # above `count` there is no group
    pairs = draw(st.lists(st.tuples(number, number), max_size=18))
    return Model(frozenset(range(count)), tuple(pairs))
