"""Completes documents before they can be found, by what plugins contribute."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from callboard.model.urls import scheme
from callboard.plugins import Contribution
from callboard.search.documents import Document

Failed = Callable[[Contribution, str, Exception], None]
"""Told which contribution failed, where, and with what."""


@dataclass(frozen=True, slots=True)
class Decorator(Contribution):
    """Changes documents before they can be found: those of `types`, or all where none are named.

    `decorate` gives the document as it shall be, None to keep it out of the search. Pure and quick: it runs
    for every document. Whose document it is, and who may see it, stays as it was.
    """

    id: str
    decorate: Callable[[Document], Document | None]
    types: tuple[str, ...] = ()


def unnoted(_one: Contribution, _where: str, _error: Exception) -> None:
    """Where nobody keeps the health of plugins."""


class Decorators:
    """Those of the plugins that run. `use` says whether others run now, so that all must be made anew."""

    def __init__(self) -> None:
        self._all: tuple[Decorator, ...] = ()
        self._failed: Failed = unnoted

    def use(self, decorators: Sequence[Decorator], failed: Failed) -> bool:
        self._failed = failed
        changed = [id(one) for one in decorators] != [id(one) for one in self._all]
        self._all = tuple(decorators)
        return changed

    def decorated(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            found = self._one(document) if self._all else document
            if found is not None:
                yield found

    def _one(self, document: Document) -> Document | None:
        for one in self._all:
            if one.types and document.type not in one.types:
                continue
            try:
                made = one.decorate(document)
                if made is None:
                    return None
                if scheme(made.location) not in (None, "http", "https"):
                    raise ValueError(f"{made.location[:100]} is no location")
                document = replace(
                    made, type=document.type, key=document.key or document.location, ref=document.ref
                )
                document.stored()  # what cannot be stored must not end the following of the catalog
            except Exception as error:  # noted; the document is found as it is
                self._failed(one, f"the decorator {one.id}", error)
        return document
