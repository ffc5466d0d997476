"""The conditions both query languages are translated to. Keys and values in them are lower-cased."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; without parts, everything matches."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One part holds; without parts, nothing matches."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class Exists:
    """The entity has the key, even if its value is null."""

    key: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value of the key is among these."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Begins:
    """A value of the key has this prefix."""

    key: str
    prefix: str


Condition = AllOf | AnyOf | Not | Exists | OneOf | Begins

EVERYTHING = AllOf(())
NOTHING = AnyOf(())


def both(first: Condition, second: Condition) -> Condition:
    """The conjunction, without needless nesting."""
    if first == EVERYTHING:
        return second
    return first if second == EVERYTHING else AllOf((first, second))
