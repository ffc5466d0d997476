"""Makes parsed YAML into the value that JavaScript would have written as JSON."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Any

from .yaml_text import without_stand_ins

_SAFE = 2**53
_JSON_MAX = 2**64 - 1
_JSON_MIN = -(2**63)


class NotJsonError(Exception):
    """The value has a key that is not text."""


def tidy(value: Any) -> Any:  # Any: parsed YAML has every JSON shape
    """The value with JavaScript's numbers; containers are changed in place. Raises NotJsonError."""
    kind = type(value)
    if kind is dict or kind is list:
        _tidy_inside(value)
        return value
    return js_number(value) if kind is int or kind is float else value


def _tidy_inside(value: Any) -> None:
    # The hot path of ingestion: one walk, and strings (nine values of ten) leave it first.
    if type(value) is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise NotJsonError
            kind = type(item)
            if kind is str:
                continue
            if kind is dict or kind is list:
                _tidy_inside(item)
            elif kind is float or (kind is int and not -_SAFE <= item <= _SAFE):
                value[key] = js_number(item)
        return
    for place, item in enumerate(value):
        kind = type(item)
        if kind is str:
            continue
        if kind is dict or kind is list:
            _tidy_inside(item)
        elif kind is float or (kind is int and not -_SAFE <= item <= _SAFE):
            value[place] = js_number(item)


def js_number(number: float) -> int | float | None:
    """What JSON.stringify would print for a number: 1.0 is 1, NaN is null, integers past 2**53 lose digits.

    Integers that JSON writers refuse (past 64 bits) stay floats.
    """
    if type(number) is int and -_SAFE <= number <= _SAFE:
        return number
    try:
        double = float(number)
    except OverflowError:
        return None
    if not isfinite(double):
        return None
    if not double.is_integer():
        return double
    if -_SAFE <= double <= _SAFE:
        return int(double)
    # JavaScript prints the shortest digits that identify the double, filled up with zeros.
    whole = int(Decimal(repr(double)))
    return whole if _JSON_MIN <= whole <= _JSON_MAX else double


def with_text_restored(value: Any) -> Any:
    """The value with the characters back that `to_text` had replaced."""
    if isinstance(value, str):
        return without_stand_ins(value)
    if isinstance(value, dict):
        return {with_text_restored(key): with_text_restored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_text_restored(item) for item in value]
    return value


def has_nul(value: Any) -> bool:
    """True when any text in the value holds U+0000 (written as an escape), which databases refuse."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(has_nul(key) or has_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(has_nul, value))


def may_be_tagged(value: Any) -> bool:
    """True when a mapping has the shape that the parser gives to `!tag value`: `{"!tag": value}`."""
    if isinstance(value, dict):
        if len(value) == 1 and str(next(iter(value))).startswith("!"):
            return True
        return any(map(may_be_tagged, value.values()))
    return isinstance(value, list) and any(map(may_be_tagged, value))


def odd_key(value: Any) -> tuple[tuple[str | int, ...], int, Any] | None:
    """Where the first key stands that is not text: the path of its mapping, its rank there, and the key."""
    if isinstance(value, dict):
        for rank, (key, item) in enumerate(value.items()):
            if not isinstance(key, str):
                return (), rank, key
            if found := odd_key(item):
                return (key, *found[0]), found[1], found[2]
    if isinstance(value, list):
        for place, item in enumerate(value):
            if found := odd_key(item):
                return (place, *found[0]), found[1], found[2]
    return None
