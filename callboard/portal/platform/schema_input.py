"""What stands in the fields of a schema's form, and what the typed texts make of a configuration. Pure.

A form shows what holds now: the files' values with those that were set at run time over them. What is saved
is only what differs from the files (or the defaults), so that a later change of a file is not held back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from math import isfinite
from typing import Any

import orjson
import ryaml

from callboard.core.yaml import read_documents
from callboard.plugins.admin import HIDDEN
from callboard.portal.platform.schema_form import MISSING, Field, Path

Form = Mapping[str, Sequence[str]]
Mistakes = dict[str, str]
"""What is wrong, by the names of the fields; under the empty name what belongs to none of them."""

REQUIRED = "It is required"
DASHES = "Secrets are not shown here: write them anew, or leave this field as it was"


def text_of(field: Field, effective: Mapping[str, Any]) -> str:
    """What stands in a field: of `effective`, a configuration without secrets, or the default."""
    value = lookup(effective, field.path, field.default)
    if field.kind == "secret" or value is MISSING or value is None:
        return ""
    match field.kind:
        case "choice":
            return orjson.dumps(value).decode()
        case "switch":
            return "yes" if str(value).lower() in ("true", "yes", "on", "1") else "no"
        case "lines" if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return "\n".join(value)
        case "yaml" | "lines":
            return as_yaml(value)
        case _:
            return str(value)


def read(
    fields: Iterable[Field],
    form: Form,
    base: Mapping[str, Any],
    over: Mapping[str, Any],
    effective: Mapping[str, Any],
) -> tuple[dict[str, Any], Mistakes]:
    """What to lay over `base` (that of the files), and the mistakes. `over` lies over it now; both hold their
    secrets. `effective` is what the form showed."""
    result, mistakes = deepcopy(dict(over)), Mistakes()
    for field in fields:
        typed = form.get(field.name, [""])[-1].replace("\r\n", "\n")
        if field.kind == "secret":
            if typed:
                _put(result, field.path, typed)
            elif field.required and not _there(field, base, over):
                mistakes[field.name] = REQUIRED
            continue
        if field.kind == "yaml" and typed.strip() == text_of(field, effective).strip():
            if field.required and not _there(field, base, over):
                mistakes[field.name] = REQUIRED
            continue
        below = lookup(base, field.path, field.default)
        value, wrong = _value(field, typed, below)
        if wrong:
            mistakes[field.name] = wrong
            continue
        _take(result, field.path)
        if value is MISSING and field.required:
            mistakes[field.name] = REQUIRED
        elif value is not MISSING and not _same(value, below):
            _put(result, field.path, value)
    return result, mistakes


def _value(field: Field, typed: str, below: Any) -> tuple[Any, str]:
    """The value of what was typed, MISSING for nothing, or what is wrong with it."""
    kind = field.kind
    if kind == "lines":
        lines = [line.strip() for line in typed.split("\n") if line.strip()]
        return (lines, "") if lines or below not in (MISSING, None, []) else (below, "")
    if kind == "switch":
        if field.optional_switch and typed not in ("yes", "no"):
            return (None if field.nullable and below is not MISSING else MISSING), ""
        return typed == "yes", ""
    if kind == "yaml":
        return _yaml(typed, below)
    text = typed if kind == "text" else typed.strip()
    if not text:
        if below is MISSING:
            return MISSING, ""
        return ("" if kind == "text" and not field.nullable else None), ""
    match kind:
        case "choice":
            return (orjson.loads(text), "") if text in field.options else (MISSING, "Choose one of the list")
        case "integer" | "number":
            return _number(text, whole=kind == "integer")
        case _:
            return text, ""


def _number(text: str, *, whole: bool) -> tuple[Any, str]:
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        return MISSING, "Write a whole number" if whole else "Write a number"
    if not whole and not isfinite(number):
        return MISSING, "Write a number"
    if whole and not -(2**63) <= number < 2**63:
        return MISSING, "The number is too large"
    return number, ""


def _yaml(typed: str, below: Any) -> tuple[Any, str]:
    documents = read_documents(typed, None)
    if not documents:
        return (MISSING if below is MISSING else below), ""
    if len(documents) > 1:
        return MISSING, "Write one value, not several documents"
    if (problem := documents[0].problem) is not None:
        where = f"Line {problem.line}: " if problem.line else ""
        return MISSING, f"{where}{problem.message}"
    value = documents[0].value
    if HIDDEN in orjson.dumps(value).decode():
        return MISSING, DASHES
    if isinstance(value, Mapping) and isinstance(below, Mapping) and (gone := below.keys() - value.keys()):
        return MISSING, f"{', '.join(sorted(gone))} cannot be taken away here, only in the files"
    return value, ""


def named(fields: Iterable[Field], mistakes: Iterable[tuple[tuple[str | int, ...], str]]) -> Mistakes:
    """Mistakes with their paths by the names of the fields they are in."""
    known = list(fields)
    found = Mistakes()
    for path, message in mistakes:
        inside = (one for one in known if path[: len(one.path)] == one.path)
        field = next(inside, None)
        place = "" if field is None else field.name
        rest = path if field is None else path[len(field.path) :]
        told = f"{'.'.join(map(str, rest))}: {message}" if rest else message
        found[place] = f"{found[place]}; {told}" if place in found else told
    return found


def lookup(value: Any, path: Path, otherwise: Any = MISSING) -> Any:
    """What stands at a path of a configuration (JSON, hence Any)."""
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return otherwise
        value = value[part]
    return value


def as_yaml(value: Any) -> str:
    """A JSON value (hence Any) as YAML."""
    text: str = ryaml.dumps(value)  # type: ignore[attr-defined]  # its stubs forget to export it
    return text


def _same(one: Any, other: Any) -> bool:
    """Whether two values say the same; true is not 1, but "1" from an environment variable is."""
    if isinstance(other, str) and not isinstance(one, str | list | Mapping):
        return str(one).lower() == other.strip().lower()
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _there(field: Field, base: Mapping[str, Any], over: Mapping[str, Any]) -> bool:
    return any(lookup(one, field.path) is not MISSING for one in (base, over))


def _put(into: dict[str, Any], path: Path, value: Any) -> None:
    for part in path[:-1]:
        known = into.get(part)
        into[part] = known if isinstance(known, dict) else {}
        into = into[part]
    into[path[-1]] = value


def _take(out_of: dict[str, Any], path: Path) -> None:
    """Take the value away, and what is empty without it."""
    if len(path) > 1:
        inner = out_of.get(path[0])
        if isinstance(inner, dict):
            _take(inner, path[1:])
            if not inner:
                del out_of[path[0]]
        return
    out_of.pop(path[0], None)
