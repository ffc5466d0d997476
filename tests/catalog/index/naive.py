"""The read index without any cleverness, to compare the real one with."""

from __future__ import annotations

import re
from typing import Any

import orjson
from hypothesis import strategies as st

from callboard.catalog.index import Entry
from callboard.catalog.index.terms import flatten

KINDS = ("Component", "API", "component")
NAMES = ("lamp", "Lamp", "rotor", "a\nb", "50%", "über", "x_y", "")
VALUES = ("red", "Red", "blue", "a b", "rot", "true", "7", "")

Model = dict[str, dict[str, Any]]
"""Entities by reference."""

scalars = st.one_of(st.sampled_from(VALUES), st.none(), st.booleans(), st.sampled_from([7, 7.5, -0.0, 1e21]))
specs = st.dictionaries(
    st.sampled_from(("color", "Size", "deep", "list")),
    st.one_of(
        scalars,
        st.lists(scalars, max_size=3),
        st.dictionaries(st.sampled_from(("a", "b")), scalars, max_size=2),
    ),
    max_size=3,
)


@st.composite
def entities(draw: st.DrawFn) -> dict[str, Any]:
    number = draw(st.integers(0, 14))
    relations = draw(
        st.lists(st.sampled_from(("group:default/A", "group:default/b")), max_size=2, unique=True)
    )
    return {
        "kind": draw(st.sampled_from(KINDS)),
        "metadata": {
            "name": draw(st.sampled_from(NAMES)),
            "uid": f"uid-{number * 7 % 15:02}-{draw(st.sampled_from('ab'))}",
            "etag": "e",
            "title": draw(scalars),
        },
        "spec": draw(specs),
        "relations": [{"type": "ownedBy", "targetRef": target} for target in relations],
        "number": number,
    }


def entry_of(entity: dict[str, Any]) -> Entry:
    """The entry of an entity; its reference is made from its number, so that changes hit existing ones."""
    ref = f"component:default/n{entity['number']}"
    return Entry(ref, entity["metadata"]["uid"], orjson.dumps(entity))


def put(model: Model, entity: dict[str, Any]) -> None:
    uid = entity["metadata"]["uid"]
    for ref in [ref for ref, known in model.items() if known["metadata"]["uid"] == uid]:
        del model[ref]
    model[entry_of(entity).entity_ref] = entity


def values(entity: dict[str, Any], key: str) -> list[str | None]:
    """Values of a key in their own case."""
    return [value for (known, _), value in flatten(entity).items() if known == key]


def lows(entity: dict[str, Any], key: str) -> list[str]:
    return [value.lower() for value in values(entity, key) if value is not None]


def holds(entity: dict[str, Any], predicate: dict[str, Any]) -> bool:
    """Whether a predicate holds for an entity."""
    if "$all" in predicate:
        return all(holds(entity, part) for part in predicate["$all"])
    if "$any" in predicate:
        return any(holds(entity, part) for part in predicate["$any"])
    if "$not" in predicate:
        return not holds(entity, predicate["$not"])
    return all(_field_holds(entity, key.lower(), wanted) for key, wanted in predicate.items())


def _field_holds(entity: dict[str, Any], key: str, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return str(wanted).lower() in lows(entity, key)
    operator, operand = next(iter(wanted.items()))
    if operator == "$exists":
        return bool(values(entity, key)) is operand
    if operator == "$in":
        return any(str(one).lower() in lows(entity, key) for one in operand)
    if operator == "$hasPrefix":
        return any(low.startswith(operand.lower()) for low in lows(entity, key))
    return str(operand).lower() in lows(entity, key)


def like(entity: dict[str, Any], key: str, term: str) -> bool:
    """SQL's LIKE '%term%' by way of an expression."""
    pattern = "".join({"%": ".*", "_": "."}.get(one, re.escape(one)) for one in term)
    return any(re.search(pattern, low, re.DOTALL) for low in lows(entity, key))


def ordered(
    found: list[dict[str, Any]], field: str | None, *, descending: bool = False
) -> list[dict[str, Any]]:
    """Entities by their smallest value and their id; those without a value are left out."""
    keyed = []
    for entity in found:
        uid = entity["metadata"]["uid"]
        if field is None:
            keyed.append(((uid, uid), entity))
        elif smallest := sorted(lows(entity, field.lower())):
            keyed.append(((smallest[0], uid), entity))
        elif "" in lows(entity, field.lower()):
            keyed.append((("", uid), entity))
    return [entity for _, entity in sorted(keyed, key=lambda pair: pair[0], reverse=descending)]


keys = st.sampled_from(
    (
        *("kind", "KIND", "spec.color", "spec.size", "spec.list", "spec.list.red", "spec.deep.a"),
        *("metadata.title", "metadata.name", "relations.ownedBy", "no.such"),
    )
)
conditions = st.one_of(
    st.sampled_from((*VALUES, *NAMES, "component", "group:default/a")),
    st.booleans().map(lambda flag: {"$exists": flag}),
    st.lists(st.sampled_from((*VALUES, "API")), max_size=3).map(lambda items: {"$in": items}),
    st.sampled_from(("r", "RE", "", "a\n", "ü", "group:")).map(lambda prefix: {"$hasPrefix": prefix}),
    st.sampled_from(VALUES).map(lambda value: {"$contains": value}),
)
predicates = st.recursive(
    st.dictionaries(keys, conditions, max_size=2),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: {"$all": parts}),
        st.lists(inner, max_size=3).map(lambda parts: {"$any": parts}),
        inner.map(lambda part: {"$not": part}),
    ),
    max_leaves=6,
)
