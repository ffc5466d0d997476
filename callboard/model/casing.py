"""Finds fields of one entity that differ only in upper and lower case.

Search keys are dotted paths in lower case, so two such fields could not be told apart; Backstage refuses
to serve the entity (contract notes A2, stitching). Entries of string lists count as keys too.
"""

from __future__ import annotations

from typing import Any

from callboard.core.errors import Path, Problem

# Fields whose content is no search term, or becomes one in a way of its own.
NOT_SEARCHED = frozenset(
    (
        "attachments",
        "relations",
        "status",
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "metadata.etag",
    )
)
_ALWAYS = ("metadata.name", "metadata.namespace", "metadata.uid")


def case_clashes(entity: dict[str, Any]) -> list[Problem]:
    """One problem for each field whose search key another field already has in different case."""
    keys = _search_keys(entity)
    if len({key.lower() for key in keys}) == len(keys):
        return []
    return _named(entity)


def _search_keys(entity: dict[str, Any]) -> set[str]:
    """The distinct search keys; the hot path, hence a loop over a stack and no positions."""
    keys = set(_ALWAYS)
    add = keys.add
    stack: list[tuple[str, Any]] = [("", entity)]
    while stack:
        prefix, value = stack.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                path = f"{prefix}.{key}" if prefix else str(key)
                if path in NOT_SEARCHED:
                    continue
                if isinstance(item, dict | list):
                    stack.append((path, item))
                else:
                    add(path)
        else:
            for item in value:
                if isinstance(item, str):
                    add(prefix)
                    add(f"{prefix}.{item}")
                elif isinstance(item, dict | list):
                    stack.append((prefix, item))
                else:
                    add(prefix)
    return keys


def _named(entity: dict[str, Any]) -> list[Problem]:
    """The same walk in document order, keeping where each key stands."""
    problems: list[Problem] = []
    seen = {key: key for key in _ALWAYS}
    stack: list[tuple[str, Path, Any]] = [("", (), entity)]
    while stack:
        key, path, value = stack.pop()
        if key in NOT_SEARCHED:
            continue
        if isinstance(value, dict):
            children = [
                (f"{key}.{name}" if key else str(name), (*path, name), item) for name, item in value.items()
            ]
            stack.extend(reversed(children))
        elif isinstance(value, list):
            stack.extend((key, (*path, index), item) for index, item in reversed(list(enumerate(value))))
            texts = [
                (f"{key}.{item}", (*path, index)) for index, item in enumerate(value) if isinstance(item, str)
            ]
            problems.extend(clash for text, place in texts if (clash := _clash(seen, text, place)))
        elif clash := _clash(seen, key, path):
            problems.append(clash)
    return problems


def _clash(seen: dict[str, str], key: str, path: Path) -> Problem | None:
    first = seen.setdefault(key.lower(), key)
    if first == key:
        return None
    return Problem(f'"{key}" differs only in case from "{first}", so that neither could be searched', path)
