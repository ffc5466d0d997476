"""Turns what the JSON Schema validator finds in a `spec` into problems that people can act on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from jsonschema_rs import ValidationError

from callboard.core.errors import Path, Problem
from callboard.model.wording import described, shown, type_names


def spec_problems(errors: Iterable[ValidationError], root: Path = ("spec",)) -> list[Problem]:
    """One problem or more for each error, with the path from the top of the entity."""
    return [problem for error in errors for problem in _problems(error, root)]


def _problems(error: ValidationError, root: Path) -> list[Problem]:
    kind = error.kind.name
    details = error.kind.as_dict()
    path: Path = (*root, *error.instance_path)
    if kind == "required":
        return [Problem("is required", (*path, details["property"]))]
    if kind in ("additionalProperties", "unevaluatedProperties"):
        return [Problem(f"Unknown field {name}", (*path, name)) for name in details["unexpected"]]
    if kind in ("anyOf", "oneOf") and "context" in details:
        return _of_alternatives(error, details["context"], path, root)
    words = _WORDS.get(kind)
    return [Problem(words(details, error.instance) if words else error.message, path)]


def _of_alternatives(
    error: ValidationError, branches: list[list[ValidationError]], path: Path, root: Path
) -> list[Problem]:
    """Of several allowed shapes, speak of the one that was meant: the one whose type fits."""
    wanted: list[str] = []
    for branch in branches:
        refused = [
            item
            for item in branch
            if item.kind.name == "type" and list(item.instance_path) == list(error.instance_path)
        ]
        if branch and not refused:
            return spec_problems(branch, root)
        for item in refused:
            wanted += item.kind.as_dict()["types"]
    if wanted:
        text = f"must be {type_names(list(dict.fromkeys(wanted)))} but is {described(error.instance)}"
        return [Problem(text, path)]
    return [Problem(error.message, path)]


def _choices(details: dict[str, Any], value: Any) -> str:
    options = " or ".join(json.dumps(option, ensure_ascii=False) for option in details["options"])
    return f"must be {options} but is {described(value)}"


def _constant(details: dict[str, Any], value: Any) -> str:
    return f"must be {json.dumps(details['expected_value'], ensure_ascii=False)} but is {described(value)}"


def _shortest(details: dict[str, Any], value: Any) -> str:
    limit = details["limit"]
    return "must not be empty" if limit == 1 else f"must have at least {limit} characters"


def _longest(details: dict[str, Any], value: Any) -> str:
    return f"must have at most {details['limit']} characters but has {len(value)}"


def _fewest(details: dict[str, Any], value: Any) -> str:
    limit = details["limit"]
    return "must not be empty" if limit == 1 else f"must have at least {limit} entries but has {len(value)}"


# The keywords that descriptors break in practice; others keep the validator's own words.
_WORDS: dict[str, Callable[[dict[str, Any], Any], str]] = {
    "type": lambda details, value: f"must be {type_names(details['types'])} but is {described(value)}",
    "enum": _choices,
    "const": _constant,
    "minLength": _shortest,
    "maxLength": _longest,
    "minItems": _fewest,
    "maxItems": lambda details, value: f"must have at most {details['limit']} entries but has {len(value)}",
    "pattern": lambda details, value: f'must match {details["pattern"]} but is "{shown(value)}"',
    "uniqueItems": lambda details, value: "must not hold an entry twice",
}
