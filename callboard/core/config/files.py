"""Reads one configuration file; messages never quote its content, which may be a secret."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from ..errors import Problem
from ..yaml import read_documents
from ..yaml_marks import outline
from ..yaml_text import position, to_text, without_stand_ins
from ..yaml_values import tidy
from .nodes import Node, Origin, to_node

MAX_BYTES = 10 * 2**20
_QUOTED = re.compile(r'".*"', re.DOTALL)


class UnreadableError(Exception):
    """A file cannot be read or understood; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def read_text(path: FilePath) -> str:
    """The text of a file. Raises UnreadableError."""
    return without_stand_ins(_read(path))


def _read(path: FilePath) -> str:
    source = str(path)
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name is not valid"
        raise UnreadableError(Problem(f"cannot be read: {reason}", source=source)) from None
    text = to_text(content, source, MAX_BYTES)
    if isinstance(text, Problem):
        raise UnreadableError(text)
    return text


def read_config(path: FilePath, problems: list[Problem]) -> Node:
    """The content of a YAML or JSON file with places. Raises UnreadableError; lists lesser problems."""
    text = _read(path)
    origin = Origin(str(path), path.parent, 1, 1)
    value, line = _json(text, origin) if path.suffix.lower() == ".json" else _yaml(text, origin)
    root = outline(text).root
    return to_node(value, replace(origin, line=line), problems, root)


def _yaml(text: str, origin: Origin) -> tuple[Any, int]:
    documents = read_documents(text, origin.source, max_bytes=MAX_BYTES)
    for document in documents:
        if document.problem:
            shown = _QUOTED.sub('"…"', document.problem.message)
            raise UnreadableError(replace(document.problem, message=shown, path=()))
    if len(documents) > 1:
        problem = replace(origin, line=documents[1].line).problem("only one document is allowed in this file")
        raise UnreadableError(problem)
    return (documents[0].value, documents[0].line) if documents else ({}, 1)


def _json(text: str, origin: Origin) -> tuple[Any, int]:
    try:
        return tidy(json.loads(without_stand_ins(text))), 1
    except json.JSONDecodeError as error:
        line, column = position(text, error.pos)
        raise UnreadableError(
            replace(origin, line=line, column=column).problem(f"not valid JSON: {error.msg}")
        ) from None
    except (ValueError, RecursionError):
        raise UnreadableError(
            origin.problem("not usable JSON: nested too deeply, or a number too large")
        ) from None
