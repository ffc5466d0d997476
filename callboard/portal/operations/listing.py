"""Long lists: which part of one is shown, and which problems match what is asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from callboard.web.shapes import whole_number

T = TypeVar("T")
Problem = Mapping[str, Any]
SIZE = 50

TYPES = ("error", "conflict", "heldBack")
_SEARCHED = ("entityRef", "provider", "message", "field", "source", "name")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One page of a list; pages count from 1."""

    items: Sequence[T]
    page: int
    pages: int
    total: int

    @property
    def first(self) -> int:
        return (self.page - 1) * SIZE + 1 if self.total else 0

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1 if self.total else 0


def part(items: Sequence[T], wanted: str | None) -> Part[T]:
    """The page called `wanted`; the nearest one there is, when it is not there."""
    pages = max(1, -(-len(items) // SIZE))
    number = min(max(whole_number(wanted) or 1, 1), pages)
    return Part(items[(number - 1) * SIZE : number * SIZE], number, pages, len(items))


def matching(problems: Sequence[Problem], type: str, text: str) -> list[Problem]:
    """Those of a type (empty: of all) that have every word of the text somewhere, in any case."""
    words = text.lower().split()
    return [
        problem
        for problem in problems
        if type in ("", problem["type"]) and (not words or all(word in _searched(problem) for word in words))
    ]


def _searched(problem: Problem) -> str:
    return "\n".join(str(problem[key]) for key in _SEARCHED if problem.get(key)).lower()
