"""Reads a policies document from YAML or JSON: the value, or all of its mistakes with their places. Pure.

The checks of single roles, grants and conditions are in `checks.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import orjson

from callboard.access.permissions.criteria import Criteria, read_criteria
from callboard.access.roles.checks import Checks
from callboard.access.roles.document import Grant, Known, Policies, Role
from callboard.core.errors import ConfigError, Path, Problem
from callboard.core.yaml import read_documents
from callboard.core.yaml_marks import Node, find, outline
from callboard.core.yaml_text import split, to_text

MAX_BYTES = 1024 * 1024


def read_policies(value: Any, known: Known | None = None, source: str | None = None) -> Policies:
    """A document from its JSON value (hence Any). Raises ConfigError with every problem found.

    Without `known`, names of permissions and rules are taken as they are: fit for what was checked before.
    """
    return _checked(value, Checks(known), source, None)


def parse_policies(content: bytes | str, source: str | None = None, known: Known | None = None) -> Policies:
    """A document from YAML or JSON text of at most `MAX_BYTES`. Problems name line and column."""
    value, line = _parsed(content, source, nothing={})
    return _checked(value, Checks(known), source, _places(content, line))


def parse_conditions(text: str, known: Known, permission: str = "", action: str | None = None) -> Criteria:
    """Conditions alone, for a grant of `permission`, from YAML or JSON text. Raises ConfigError."""
    value, line = _parsed(text, None, nothing=None)
    checks = Checks(known)
    checks.conditions(value, (), permission, action)
    _raise(checks.problems, None, _places(text, line))
    return read_criteria(value)


def parse_grant(value: Any, known: Known) -> Grant:
    """One grant from its JSON value (hence Any). Raises ConfigError."""
    checks = Checks(known)
    checks.grant(value, ())
    _raise(checks.problems, None, None)
    return _grant(value)


Places = Callable[[Path], tuple[int, int] | None]


def _parsed(content: bytes | str, source: str | None, *, nothing: Any) -> tuple[Any, int]:
    """The value of the only document in a text, and the line where it begins."""
    size = len(content) if isinstance(content, bytes) else len(content.encode("utf-8", "replace"))
    if size > MAX_BYTES:
        raise ConfigError([Problem(f"is {size} bytes long; at most {MAX_BYTES} are read", source=source)])
    if content.lstrip()[:1] in ("{", b"{"):
        try:  # YAML forbids some of what JSON allows, such as tabs
            return orjson.loads(content), 1
        except orjson.JSONDecodeError:
            pass  # perhaps YAML that begins with a brace; it words what is wrong
    documents = read_documents(content, source, max_bytes=MAX_BYTES)
    if problems := [one.problem for one in documents if one.problem is not None]:
        raise ConfigError(problems)
    if len(documents) > 1:
        message = "there is a second document; write all of it into one"
        raise ConfigError([Problem(message, line=documents[1].line, source=source)])
    return (documents[0].value, documents[0].line) if documents else (nothing, 1)


def _places(content: bytes | str, document_line: int) -> Places:
    """Line and column of any field. The text is outlined once, and only when there is a mistake to place."""

    @cache
    def root() -> tuple[Node | None, int]:
        text = to_text(content, None, MAX_BYTES * 4)
        segments = [] if isinstance(text, Problem) else split(text)
        for segment in reversed(segments):
            if segment.line <= document_line:
                return outline(segment.text).root, segment.line
        return None, 1

    def place(path: Path) -> tuple[int, int] | None:
        node, line = root()
        if node is None:
            return None
        found = find(node, path)
        return found.line + line - 1, found.column

    return place


def _checked(value: Any, checks: Checks, source: str | None, places: Places | None) -> Policies:
    checks.document(value)
    _raise(checks.problems, source, places)
    return Policies(tuple(_role(role) for role in value["roles"]))


def _raise(found: list[tuple[Path, str]], source: str | None, places: Places | None) -> None:
    if not found:
        return
    problems = []
    for path, message in found:
        line, column = (places(path) if places else None) or (None, None)
        problems.append(Problem(message, path, line, column, source))
    raise ConfigError(problems)


def _role(value: dict[str, Any]) -> Role:
    return Role(
        value["name"],
        value.get("title") or "",
        value.get("description") or "",
        tuple(member.lower() for member in value.get("members") or ()),
        tuple(_grant(grant) for grant in value.get("grants") or ()),
    )


def _grant(value: dict[str, Any]) -> Grant:
    conditions = value.get("conditions")
    return Grant(
        value["permission"],
        value["effect"],
        value.get("action"),
        None if conditions is None else read_criteria(conditions),
    )
