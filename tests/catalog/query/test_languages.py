"""What the filter, predicate, cursor and field languages accept, and what they refuse."""

import base64
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.catalog.query.conditions import EVERYTHING, NOTHING, AllOf, Exists, Not, OneOf
from callboard.catalog.query.cursor import Cursor, decode_cursor, encode_cursor
from callboard.catalog.query.fields import parse_fields
from callboard.catalog.query.filters import parse_filter
from callboard.catalog.query.paging import continue_query
from callboard.catalog.query.predicate import parse_predicate
from callboard.core.errors import InputError


def nested(depth: int) -> dict[str, Any]:
    query: dict[str, Any] = {}
    for _ in range(depth):
        query = {"$not": query}
    return query


def test_a_repeated_key_lists_alternatives() -> None:
    assert parse_filter([" Kind = Component , kind=api "])[0] == AllOf(
        (OneOf("kind", ("component",)), OneOf("kind", ("api",)))
    )
    assert parse_filter(["kind=component,kind=api,spec.x"])[1] == {
        "$all": [{"kind": {"$in": ["component", "api"]}}, {"spec.x": {"$exists": True}}]
    }
    assert parse_filter(["a=x=y"])[0] == OneOf("a", ("x=y",))
    assert parse_filter(["a="])[0] == OneOf("a", ("",))
    assert parse_filter([","]) == (EVERYTHING, None)


def test_a_filter_without_a_key_is_refused() -> None:
    with pytest.raises(InputError, match="not a valid statement"):
        parse_filter(["=x"])


def test_a_filter_key_cannot_become_an_operator() -> None:
    _, predicate = parse_filter(["$not=x"])
    assert parse_predicate(predicate) == NOTHING


@pytest.mark.parametrize(
    "query",
    [
        "component",
        7,
        [],
        {"kind": None},
        {"kind": []},
        {"kind": {}},
        {"kind": {"$in": "x"}},
        {"kind": {"$in": [None]}},
        {"kind": {"$exists": "yes"}},
        {"kind": {"$hasPrefix": 1}},
        {"kind": {"$gt": 1}},
        {"kind": {"$exists": True, "$in": []}},
        {"kind": {"$contains": {"type": "x"}}},
        {"relations": {"$contains": {"targetRef": "x"}}},
        {"relations": {"$contains": {"type": "x", "more": 1}}},
        {"relations": {"$contains": {"type": "x", "targetRef": {"$any": []}}}},
        {"relations": {"$contains": None}},
        {"$all": {}},
        {"$all": ["x"]},
        {"$all": [], "kind": "component"},
        {"$all": [], "$any": []},
        {"$not": []},
        {"$nor": []},
        {"$any": [{}] * 1001},
        {f"k{n}": "x" for n in range(1001)},
        nested(40),
    ],
    ids=lambda query: str(query)[:40],
)
def test_malformed_predicates_are_refused(query: Any) -> None:
    with pytest.raises(InputError):
        parse_predicate(query)


def test_predicates_translate() -> None:
    assert parse_predicate({}) == EVERYTHING
    assert parse_predicate({"$any": []}) == NOTHING
    assert parse_predicate({"Spec.N": 7.0}) == OneOf("spec.n", ("7",))
    assert parse_predicate({"a": {"$exists": False}}) == Not(Exists("a"))
    target = {"relations": {"$contains": {"type": "ownedBy", "targetRef": {"$in": ["Group:default/A"]}}}}
    assert parse_predicate(target) == OneOf("relations.ownedby", ("group:default/a",))
    assert parse_predicate(nested(31))


cursors = st.builds(
    Cursor,
    st.just("metadata.name"),
    st.booleans(),
    st.one_of(st.none(), st.just({"kind": "component"})),
    st.text(max_size=3).filter(lambda text: text.isascii()),
    st.just(()),
    st.one_of(st.none(), st.tuples(st.just("ü\n"), st.just("id"))),
    st.booleans(),
    st.one_of(st.none(), st.tuples(st.just("a"), st.just("b"))),
    st.one_of(st.none(), st.integers(0, 9)),
)


@given(cursors)
def test_a_cursor_survives_the_journey(cursor: Cursor) -> None:
    text = encode_cursor(cursor)
    assert decode_cursor(text) == cursor
    assert decode_cursor(text.rstrip("=").replace("+", "-").replace("/", "_")) == cursor


def test_a_cursor_of_backstage_is_understood() -> None:
    data = {
        "orderFields": [{"field": "METADATA.NAME", "order": "asc"}],
        "isPrevious": False,
        "query": {"kind": "component"},
        "fullTextFilter": {"term": ""},
        "orderFieldValues": ["lamp", "d7d3"],
        "firstSortFieldValues": ["abc", "5dad"],
        "totalItems": 8,
    }
    cursor = decode_cursor(base64.b64encode(orjson.dumps(data)).decode())
    assert cursor == Cursor(
        "METADATA.NAME", False, {"kind": "component"}, "", (), ("lamp", "d7d3"), False, ("abc", "5dad"), 8
    )


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        {"orderFields": [{"field": 1, "order": "asc"}]},
        {"orderFields": [{"field": "a", "order": "up"}]},
        {"orderFields": [], "isPrevious": "no"},
        {"orderFields": [], "query": []},
        {"orderFields": [], "totalItems": -1},
        {"orderFields": [], "totalItems": True},
        {"orderFields": [], "orderFieldValues": [1]},
        {"orderFields": [], "orderFieldValues": ["a", "b"]},
        {"orderFields": [], "fullTextFilter": {"term": 1}},
        {"orderFields": [], "fullTextFilter": {"fields": [1]}},
        {"orderFields": [], "query": {"$bad": 1}},
    ],
)
def test_a_forged_cursor_is_an_input_error(data: Any) -> None:
    with pytest.raises(InputError):
        continue_query(base64.b64encode(orjson.dumps(data)).decode(), 20)


@given(st.text(max_size=30))
def test_rubbish_is_a_malformed_cursor(text: str) -> None:
    with pytest.raises(InputError, match="Malformed cursor"):
        decode_cursor(text)


def test_fields_follow_the_longest_key() -> None:
    projection = parse_fields(
        ["metadata.annotations.backstage.io/edit-url", "spec.a.b", "kind", "no", "spec.a.b.c"]
    )
    assert projection is not None
    entity = {
        "kind": "X",
        "metadata": {
            "annotations": {"backstage": {"io/edit-url": 1}, "backstage.io/edit-url": "u"},
            "name": "n",
        },
        "spec": {"a.b": None, "a": {"b": {"c": 1}}},
    }
    assert projection.pick(entity) == {
        "kind": "X",
        "metadata": {"annotations": {"backstage.io/edit-url": "u"}},
        "spec": {"a.b": None, "a": {"b": {"c": 1}}},
    }
    assert parse_fields([]) is None
    with pytest.raises(InputError, match="array type"):
        parse_fields(["metadata.tags[0]"])
