"""The relations of each row, told from its terms, so that a graph is walked without parsing a body."""

from __future__ import annotations

from typing import Any

from callboard.catalog.index.terms import MAX_LENGTH, Terms

Relation = tuple[str, str]
"""Type and target ref."""


class Related:
    """Terms hold `relations.ownedby` and the target; the case of the type is learnt here.

    Targets too long to be a term, and types that differ in case only, make a row be kept apart whole.
    """

    __slots__ = ("_apart", "_types")

    def __init__(self) -> None:
        self._types: dict[str, str] = {}
        self._apart: dict[int, list[Relation]] = {}

    def note(self, row: int, relations: Any) -> None:
        """To be told of the `relations` of every entity that is put; they may be absent."""
        types, apart = self._types, False
        for relation in relations or ():
            kind = relation["type"]
            if types.setdefault(f"relations.{kind}".lower(), kind) != kind:
                apart = True
            if len(relation["targetRef"]) > MAX_LENGTH // 2:
                apart = True
        if apart:
            self._apart[row] = [(relation["type"], relation["targetRef"]) for relation in relations]
        else:
            self._apart.pop(row, None)

    def forget(self, row: int) -> None:
        self._apart.pop(row, None)

    def of(self, row: int, terms: Terms) -> list[Relation]:
        apart = self._apart.get(row)
        if apart is not None:
            return list(apart)
        types = self._types
        pairs = zip(terms[::2], terms[1::2], strict=True)
        return [(types[key], value) for key, value in pairs if key in types and value is not None]


def has_errors(entity: dict[str, Any]) -> bool:
    """Whether the status of a final entity names something."""
    status = entity.get("status")
    return isinstance(status, dict) and bool(status.get("items"))
