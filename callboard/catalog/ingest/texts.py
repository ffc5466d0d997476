"""Texts of sources at hand, so that a mistake found late can still be told with line and column."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from callboard.catalog.sources.files import read_file
from callboard.core.errors import CallboardError, Path, Problem
from callboard.core.yaml import Document, locate, read_documents
from callboard.model.refs import LocationRef, entity_ref

KEPT = 64


class Places:
    """Positions in one text, cut into its documents: a mistake costs the search of its own one only.

    A file of thousands of entities may hold a mistake in each.
    """

    def __init__(self, content: bytes, documents: Sequence[Document]) -> None:
        text = content.decode(errors="replace").removeprefix("\ufeff")
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        starts = [document.line for document in documents]
        self._ends = dict(zip(starts, [*starts[1:], len(self._lines) + 1], strict=True))

    def of(self, document: Document, path: Path) -> tuple[int, int]:
        """Line and column of a field, or of what is nearest to it."""
        before = document.line - 1
        own = "\n".join(self._lines[before : self._ends[document.line] - 1])
        line, column = locate(own, 1, path) or (1, 1)
        return before + line, column


@dataclass(frozen=True, slots=True)
class _Source:
    content: bytes
    found: list[tuple[Places, dict[str, Document]]] = field(default_factory=list)
    """Filled by the first question."""

    def entities(self, source: str) -> tuple[Places, dict[str, Document]]:
        if not self.found:
            documents = read_documents(self.content, source)
            known: dict[str, Document] = {}
            for document in documents:
                if isinstance(document.value, dict) and (ref := _ref_of(document.value)):
                    known.setdefault(ref, Document(document.line, None))
            self.found.append((Places(self.content, documents), known))
        return self.found[0]


class SourceTexts:
    """The last texts that were read, by location."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, _Source] = OrderedDict()

    def keep(self, location: str, content: bytes) -> None:
        self._texts[location] = _Source(content)
        self._texts.move_to_end(location)
        while len(self._texts) > KEPT:
            self._texts.popitem(last=False)

    def forget(self, location: str) -> None:
        self._texts.pop(location, None)

    def place(self, problem: Problem, location: LocationRef, ref: str) -> Problem:
        """The problem with the position of its field in the document that describes `ref`."""
        if problem.line is not None or problem.source is not None:
            return problem
        kept = self._source(location)
        if kept is None:
            return problem.at(location.target)
        places, entities = kept.entities(location.target)
        if ref not in entities:
            return problem.at(location.target)
        return problem.at(location.target, *places.of(entities[ref], problem.path))

    def _source(self, location: LocationRef) -> _Source | None:
        kept = self._texts.get(str(location))
        if kept is not None or location.type != "file":
            return kept
        try:
            content = read_file(location.target)
        except CallboardError:
            return None
        self.keep(str(location), content)
        return self._texts[str(location)]


def _ref_of(value: dict[str, object]) -> str | None:
    try:
        return entity_ref(value)
    except (CallboardError, KeyError, TypeError, AttributeError):
        return None
