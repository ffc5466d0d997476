"""Flattens an entity into search terms, the (key, value) pairs that filters, orders and facets work on.

The rules are Backstage's (contract notes A2, "Search rows"): clients depend on `metadata.tags.java`,
`relations.ownedby` and the like, so nothing here is a matter of taste.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from callboard.model.casing import NOT_SEARCHED

MAX_LENGTH = 200

Terms = tuple[str | None, ...]
"""Keys and values alternating: `(key, value, key, value, …)`. Keys are lower-cased, values keep their case;
None stands for a value that exists but cannot be matched (null, or longer than 200 characters)."""


def scalar_text(value: str | bool | float) -> str:
    """What JavaScript's `String(value)` gives for a JSON scalar."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) < 2**53:
        return str(value)
    return _number_text(float(value))


def _number_text(number: float) -> str:
    """A double as ECMAScript prints it: plain digits from 1e-6 up to 1e21, exponents outside."""
    if number == 0:
        return "0"
    mantissa, _, exponent_text = f"{number!r}e0".partition("e")
    exponent = int(exponent_text.split("e")[0])
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + exponent - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    power = f"{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"{sign}{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{power}"


def _too_long(text: str) -> bool:
    """Whether a text has more than 200 UTF-16 units, which is how JavaScript counts."""
    if len(text) > MAX_LENGTH:
        return True
    return len(text) > MAX_LENGTH // 2 and len(text.encode("utf-16-le", "surrogatepass")) > 2 * MAX_LENGTH


def flatten(entity: dict[str, Any]) -> dict[tuple[str, str | None], str | None]:
    """The terms of a final entity: `{(key, lower-cased value): value}`, both None for a null term.

    Of values that differ only in case the first wins, as one search row exists per key and lower-cased value.
    """
    found: dict[tuple[str, str | None], str | None] = {}
    _visit(found, "", entity)
    metadata = entity.get("metadata") or {}
    _add(found, "metadata.name", metadata.get("name"))
    _add(found, "metadata.namespace", metadata.get("namespace") or "default")
    _add(found, "metadata.uid", metadata.get("uid"))
    for relation in entity.get("relations") or ():
        _add(found, f"relations.{relation['type']}", relation["targetRef"])
    return found


@lru_cache(maxsize=8192)
def _key(path: str) -> str | None:
    """The key of a path; None when it is too long. Remembered: entities of a kind have the same paths."""
    key = path.lower()
    return None if _too_long(key) else key


def _add(found: dict[tuple[str, str | None], str | None], path: str, value: Any) -> None:
    key = _key(path) if len(path) <= MAX_LENGTH else None
    if key is None:
        return
    if value is None:
        found[key, None] = None
        return
    text = value if type(value) is str else scalar_text(value)
    low = text.lower()
    if len(low) > MAX_LENGTH // 2 and _too_long(low):
        found[key, None] = None
    elif (term := (key, low)) not in found:
        found[term] = text


def _visit(found: dict[tuple[str, str | None], str | None], path: str, value: Any) -> None:
    # The hot path of a start: it is left for scalars, nine values of ten, only where they are added.
    if type(value) is dict:
        prefix = f"{path}." if path else ""
        for name, inner in value.items():
            below = prefix + name
            if below in NOT_SEARCHED:
                continue
            if type(inner) is dict or type(inner) is list:
                _visit(found, below, inner)
            else:
                _add(found, below, inner)
        return
    for item in value:
        if type(item) is str:
            _add(found, path, item)
            _add(found, f"{path}.{item}", True)
        elif type(item) is dict or type(item) is list:
            _visit(found, path, item)
        else:
            _add(found, path, item)


def values_in(terms: Terms, key: str) -> list[str]:
    """The values of a key in the terms of one entity."""
    pairs = zip(terms[::2], terms[1::2], strict=True)
    return [value for known, value in pairs if known == key and value is not None]


def smallest(terms: Terms, key: str) -> str | None:
    """The lower-cased value of a key that an entity is sorted by."""
    return min((value.lower() for value in values_in(terms, key)), default=None)
