"""Reads a definition's text, YAML or JSON, into one JSON value, and finds where its mistakes stand.

Nothing is ever fetched: what a definition refers to elsewhere stays a reference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
import ryaml

from callboard.core.errors import Path, Problem
from callboard.core.http_body import too_deep
from callboard.core.yaml import read_documents
from callboard.core.yaml_marks import Outline, find, outline
from callboard.core.yaml_text import split, to_text
from callboard.core.yaml_values import has_nul, may_be_tagged, tidy, with_text_restored

MAX_CHARACTERS = 8 * 2**20
MAX_PROBLEMS = 20
_MAX_DEPTH = 120


class Document:
    """The value of a definition and the problems found in it so far.

    `value` is a mapping, empty when the text could not be read; `is_readable` tells which.
    """

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self._text = text
        self._outline: Outline | None = None
        self._line = 0
        read = _read(text)
        self.is_readable = not isinstance(read, Problem)
        self.value: dict[str, Any] = {}
        if isinstance(read, Problem):
            self.problems.append(read)
        else:
            self.value = read

    def complain(self, message: str, path: Path = ()) -> None:
        """Note a mistake, with the place of the field at `path`; after many of them only that there are."""
        if len(self.problems) > MAX_PROBLEMS:
            return
        if len(self.problems) == MAX_PROBLEMS:
            self.problems.append(Problem("there are more problems; only the first are listed"))
            return
        self.problems.append(Problem(message, path, *self._place(path)))

    def mapping(self, key: str) -> Mapping[str, Any]:
        """A field of the document that has to be a mapping; empty, with a complaint, when it is not."""
        value = self.value.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.complain("must be a mapping", (key,))
            return {}
        return value

    def _place(self, path: Path) -> tuple[int | None, int | None]:
        if self._outline is None:
            text = to_text(self._text, None, MAX_CHARACTERS)
            segments = [] if isinstance(text, Problem) else split(text)
            self._outline = outline(segments[0].text) if segments else Outline()
            self._line = segments[0].line if segments else 1
        if self._outline.root is None:
            return None, None
        node = find(self._outline.root, path)
        return node.line + self._line - 1, node.column


def _read(text: str) -> dict[str, Any] | Problem:
    if len(text) > MAX_CHARACTERS:
        limit = MAX_CHARACTERS // 2**20
        return Problem(f"the definition is larger than {limit} MiB; it is shown as text only")
    value = read_json(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else None
    if value is None:
        documents = read_documents(text, None)
        if not documents:
            return Problem("the definition is empty", (), 1, 1)
        problem = documents[0].problem
        value = documents[0].value if problem is None else _with_text_keys(text, problem)
        if problem is not None and value is None:
            return problem
    if not isinstance(value, dict):
        return Problem("the definition must be a mapping, YAML or JSON", (), 1, 1)
    if too_deep(value, _MAX_DEPTH):
        return Problem(f"the definition is nested more than {_MAX_DEPTH} levels deep", (), 1, 1)
    return value


def _with_text_keys(text: str, problem: Problem) -> Any:
    """The value of a text whose only fault are keys such as `200:`, which most definitions have; else None.

    They were refused after all that makes parsing costly had been ruled out.
    """
    plain = to_text(text, None, MAX_CHARACTERS)
    if "is not text" not in problem.message or isinstance(plain, Problem):
        return None
    value = ryaml.loads(split(plain)[0].text)  # type: ignore[attr-defined]  # its stubs forget to export it
    value = tidy(_keys_as_text(value))
    return None if has_nul(value) or may_be_tagged(value) else with_text_restored(value)


def _keys_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _keys_as_text(item) for key, item in value.items()}
    return [_keys_as_text(item) for item in value] if isinstance(value, list) else value


def _key(key: object) -> str:
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    return str(key)


def read_json(text: str) -> Any:
    """The value of a JSON text, or None: JSON that YAML refuses (tabs) is read, and is read sooner."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def text_of(definition: object) -> str:
    """`spec.definition` as text: an object, as `$yaml` and `$json` insert it, is written as JSON."""
    if isinstance(definition, str):
        return definition
    return "" if definition is None else json.dumps(definition, indent=2, ensure_ascii=False)


def text(value: object, limit: int = 20_000) -> str:
    """What a definition says where text belongs: its scalars as text, cut at `limit`; nothing otherwise."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        return ""
    written = str(value)
    return written if len(written) <= limit else f"{written[:limit]}…"


def as_json(value: object, limit: int = 20_000) -> str:
    """A value of the definition as indented JSON, empty when that is longer than `limit`."""
    written = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return written if len(written) <= limit else ""


def inner(value: object, key: str) -> Mapping[str, Any]:
    """The mapping under `key`; empty when either is not one."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def items(value: object, key: str) -> list[Any]:
    """The list under `key`; empty when there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []
