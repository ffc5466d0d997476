"""Lengths of time as people and Backstage write them: `{minutes: 5}`, `PT5M`, `1h 30m`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from .errors import InputError

_DAY = 86_400.0
# Backstage's HumanDuration; months and years have the lengths that Luxon gives them without a calendar.
_SECONDS = {
    "years": 365 * _DAY,
    "months": 30 * _DAY,
    "weeks": 7 * _DAY,
    "days": _DAY,
    "hours": 3600.0,
    "minutes": 60.0,
    "seconds": 1.0,
    "milliseconds": 0.001,
}
_SHORT = {
    "years": ("y", "yr", "yrs", "year"),
    "months": ("mo", "month"),
    "weeks": ("w", "week"),
    "days": ("d", "day"),
    "hours": ("h", "hr", "hrs", "hour"),
    "minutes": ("m", "min", "mins", "minute"),
    "seconds": ("s", "sec", "secs", "second"),
    "milliseconds": ("ms", "msec", "msecs", "millisecond"),
}
_UNITS = {name: unit for unit, short in _SHORT.items() for name in (unit, *short)}

_NUMBER = r"[0-9]+(?:[.,][0-9]+)?"
_ISO = re.compile(
    rf"P(?=.)(?:({_NUMBER})Y)?(?:({_NUMBER})M)?(?:({_NUMBER})W)?(?:({_NUMBER})D)?"
    rf"(?:T(?=.)(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER})S)?)?"
)
_ISO_UNITS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
_PART = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*([A-Za-z]+)\s*")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_LONGEST_TEXT = 100

_EXPECTED = 'expected a duration such as "30s", "1h 30m", "PT5M" or {minutes: 5}'


def parse_duration(value: object) -> timedelta:
    """The length of time that `value` writes. Raises InputError, which does not show the value."""
    if isinstance(value, Mapping):
        parts = _from_mapping(value)
    elif isinstance(value, str):
        parts = _from_text(value.strip())
    else:
        raise InputError(_EXPECTED)
    try:
        return timedelta(seconds=sum(_SECONDS[unit] * amount for unit, amount in parts))
    except (OverflowError, ValueError):
        raise InputError("the duration is too long") from None


def _from_mapping(value: Mapping[object, object]) -> list[tuple[str, float]]:
    unknown = sorted(str(unit) for unit in value if unit not in _SECONDS)
    if unknown:
        raise InputError(f"unknown unit in a duration: {', '.join(unknown)}; known are {', '.join(_SECONDS)}")
    if not value:
        raise InputError(_EXPECTED)
    return [(str(unit), _amount(str(unit), amount)) for unit, amount in value.items()]


def _amount(unit: str, amount: object) -> float:
    # Text, because "${MINUTES}" yields text.
    if isinstance(amount, str) and _PLAIN.fullmatch(amount.strip()):
        amount = float(amount)
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not amount >= 0:
        raise InputError(f"{unit} of a duration must be a number from 0")
    try:
        return float(amount)
    except OverflowError:
        raise InputError("the duration is too long") from None


def _from_text(text: str) -> list[tuple[str, float]]:
    if len(text) > _LONGEST_TEXT:
        raise InputError(_EXPECTED)
    if iso := _ISO.fullmatch(text):
        amounts = zip(_ISO_UNITS, iso.groups(), strict=True)
        return [(unit, float(amount.replace(",", "."))) for unit, amount in amounts if amount]
    parts: list[tuple[str, float]] = []
    place = 0
    while place < len(text):
        part = _PART.match(text, place)
        unit = _UNITS.get(part[2].lower()) if part else None
        if part is None or unit is None:
            break
        parts.append((unit, float(part[1])))
        place = part.end()
    if not parts or place < len(text):
        raise InputError(_EXPECTED)
    return parts
