"""Texts of sources at hand, so that a mistake found late can still be told with line and column."""

from __future__ import annotations

from collections import OrderedDict

from callboard.catalog.sources.files import read_file
from callboard.core.errors import CallboardError, Problem
from callboard.core.yaml import locate, read_documents
from callboard.model.refs import LocationRef, entity_ref

KEPT = 64


class SourceTexts:
    """The last texts that were read, by location."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, bytes] = OrderedDict()

    def keep(self, location: str, content: bytes) -> None:
        self._texts[location] = content
        self._texts.move_to_end(location)
        while len(self._texts) > KEPT:
            self._texts.popitem(last=False)

    def place(self, problem: Problem, location: LocationRef, ref: str) -> Problem:
        """The problem with the position of its field in the document that describes `ref`."""
        if problem.line is not None or problem.source is not None:
            return problem
        content = self._content(location)
        if content is None:
            return problem.at(location.target)
        for document in read_documents(content, location.target):
            value = document.value
            if isinstance(value, dict) and _ref_of(value) == ref:
                found = locate(content, document.line, problem.path)
                line, column = found or (document.line, 1)
                return problem.at(location.target, line, column)
        return problem.at(location.target)

    def _content(self, location: LocationRef) -> bytes | None:
        kept = self._texts.get(str(location))
        if kept is not None or location.type != "file":
            return kept
        try:
            content = read_file(location.target)
        except CallboardError:
            return None
        self.keep(str(location), content)
        return content


def _ref_of(value: dict[str, object]) -> str | None:
    try:
        return entity_ref(value)
    except (CallboardError, KeyError, TypeError, AttributeError):
        return None
