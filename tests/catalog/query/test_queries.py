"""Every answer equals that of a naive model, whatever the entities, the predicate, the order and the page."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from callboard.catalog.index import Entry, Index
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import EVERYTHING, Not, OneOf
from callboard.catalog.query.cursor import Cursor, encode_cursor
from callboard.catalog.query.filters import parse_filter
from callboard.catalog.query.paging import ByQuery, continue_query
from callboard.catalog.query.predicate import parse_predicate
from callboard.core.errors import NotFoundError
from tests.catalog.index.naive import (
    Model,
    entities,
    entry_of,
    holds,
    keys,
    like,
    ordered,
    predicates,
    put,
    values,
)

FIELDS = st.sampled_from(
    (None, "kind", "METADATA.title", "spec.list", "spec.color", "metadata.name", "no.such")
)
TERMS = st.sampled_from(("", "r", "RE", "%", "a_b", "r%d", "e", "\n", "ü"))


def build(changes: list[Any]) -> tuple[Queries, Model]:
    index, model = Index(), Model()
    for change in changes:
        if isinstance(change, int):
            ref = f"component:default/n{change}"
            index.remove(ref)
            model.pop(ref, None)
        else:
            index.put(entry_of(change))
            put(model, change)
    return Queries(index), model


changes = st.lists(st.one_of(entities(), entities(), st.integers(0, 14)), max_size=30)


def uids(body: bytes) -> list[str]:
    return [item["metadata"]["uid"] for item in orjson.loads(body)["items"]]


@settings(max_examples=200, deadline=None)
@given(
    changes,
    predicates,
    FIELDS,
    st.booleans(),
    TERMS,
    st.integers(1, 5),
    st.one_of(st.none(), predicates),
)
async def test_a_walk_there_and_back_equals_the_naive_list(
    made: list[Any],
    predicate: dict[str, Any],
    field: str | None,
    descending: bool,
    term: str,
    limit: int,
    seen: dict[str, Any] | None,
) -> None:
    queries, model = build(made)
    descending = descending and field is not None
    queries = queries.seen(EVERYTHING if seen is None else parse_predicate(seen))
    allowed = [entity for entity in model.values() if seen is None or holds(entity, seen)]
    found = [e for e in allowed if holds(e, predicate)]
    if low := term.strip().lower():
        found = [e for e in found if like(e, (field or "metadata.uid").lower(), low)]
    expected = [e["metadata"]["uid"] for e in ordered(found, field, descending=descending)]

    request = ByQuery(Cursor(field, descending, predicate, term), parse_predicate(predicate), limit)
    forward: list[list[str]] = []
    back: list[list[str]] = []
    answer = orjson.loads(await queries.by_query(request))
    assert answer["totalItems"] == len(expected)
    assert "prevCursor" not in answer["pageInfo"]
    while True:
        forward.append([e["metadata"]["uid"] for e in answer["items"]])
        if "nextCursor" not in answer["pageInfo"]:
            break
        following = continue_query(answer["pageInfo"]["nextCursor"], limit)
        answer = orjson.loads(await queries.by_query(following))
        assert answer["totalItems"] == len(expected)
    assert [uid for page in forward for uid in page] == expected
    assert all(len(page) == limit for page in forward[:-1])
    while "prevCursor" in answer["pageInfo"]:
        before = continue_query(answer["pageInfo"]["prevCursor"], limit)
        answer = orjson.loads(await queries.by_query(before))
        back.append([e["metadata"]["uid"] for e in answer["items"]])
    assert back == forward[-2::-1]
    # Whatever page a reader stands on, an export holds what is on all of them.
    middle = queries.page(request).next
    for one in (request, request if middle is None else continue_query(encode_cursor(middle), limit)):
        rows = queries.all_rows(one)
        assert [queries.index.entity_id(row) for row in rows] == expected

    offset = ByQuery(request.cursor, request.where, limit, 2)
    assert uids(await queries.by_query(offset)) == expected[2 : 2 + limit]


@settings(max_examples=100, deadline=None)
@given(changes, predicates, keys, st.booleans())
async def test_facets_count_entities_of_each_value(
    made: list[Any], predicate: dict[str, Any], key: str, filtered: bool
) -> None:
    queries, model = build(made)
    where = parse_predicate(predicate if filtered else None)
    found = [e for e in model.values() if not filtered or holds(e, predicate)]
    counts = Counter(v for e in found for v in values(e, key.lower()) if v is not None)
    facet = orjson.loads(queries.facets([key], where))["facets"][key]
    assert {item["value"]: item["count"] for item in facet} == counts
    assert [item["value"] for item in facet] == sorted(counts, key=lambda value: (value.lower(), value))
    assert queries.facet_counts(key, where) == [(item["value"], item["count"]) for item in facet]
    assert queries.count(where) == len(found)
    within = BitMap(list(queries.index.everything)[::2])
    seen = {queries.index.entity_id(row) for row in within}
    some = [e for e in found if e["metadata"]["uid"] in seen]
    counts = Counter(v for e in some for v in values(e, key.lower()) if v is not None)
    assert dict(queries.facet_counts(key, where, within)) == counts
    assert queries.count(where, within) == len(some)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(keys, st.sampled_from((None, "", "red", "Component"))), min_size=1, max_size=3),
        max_size=3,
    ),
    changes,
)
def test_a_filter_means_the_same_as_its_predicate(
    sets: list[list[tuple[str, str | None]]], made: list[Any]
) -> None:
    texts = [",".join(key if value is None else f"{key}={value}" for key, value in one) for one in sets]
    queries, model = build(made)
    where, predicate = parse_filter(texts)
    rows = queries.rows(where)
    found = set(model) if rows is None else {queries.index.ref(row) for row in rows}
    assert found == {ref for ref, e in model.items() if predicate is None or holds(e, predicate)}
    assert queries.rows(parse_predicate(predicate)) == rows


def made(name: str, parents: tuple[str, ...] = (), **more: Any) -> Entry:
    entity = {"kind": "Component", "metadata": {"name": name, "uid": f"uid-{name}"}, **more}
    return Entry(f"component:default/{name}", f"uid-{name}", orjson.dumps(entity), parents)


@pytest.fixture
def family() -> Queries:
    """d descends from b and c, both from a; b names a parent that is gone."""
    ref = "component:default/{}".format
    index = Index()
    index.put_many(
        [
            made("a"),
            made("b", (ref("a"), ref("gone"))),
            made("c", (ref("a"),)),
            made("d", (ref("b"), ref("c"))),
        ]
    )
    return Queries(index)


async def test_ancestry_is_depth_first_and_names_each_entity_once(family: Queries) -> None:
    answer = orjson.loads(await family.ancestry("component:default/d"))
    assert answer["rootEntityRef"] == "component:default/d"
    assert [
        (i["entity"]["metadata"]["name"], [r[-1] for r in i["parentEntityRefs"]]) for i in answer["items"]
    ] == [
        ("d", ["b", "c"]),
        ("c", ["a"]),
        ("a", []),
        ("b", ["a"]),
    ]


async def test_ancestry_ends_at_what_may_not_be_seen(family: Queries) -> None:
    family = family.seen(Not(OneOf("metadata.name", ("c",))))
    answer = orjson.loads(await family.ancestry("component:default/d"))
    assert [i["entity"]["metadata"]["name"] for i in answer["items"]] == ["d", "b", "a"]
    assert answer["items"][0]["parentEntityRefs"] == ["component:default/b"]
    with pytest.raises(NotFoundError):
        await family.ancestry("component:default/c")


async def test_what_may_not_be_seen_is_null_or_not_found(family: Queries) -> None:
    family = family.seen(OneOf("metadata.name", ("a",)))
    refs = ["component:default/a", "component:default/b", "Component:default/a", "nonsense"]
    items = orjson.loads(await family.by_refs(refs))["items"]
    assert [item and item["metadata"]["name"] for item in items] == ["a", None, None, None]
    assert b"uid-a" in await family.by_name("COMPONENT", "Default", "A")
    for answer in (
        family.by_name("component", "default", "b"),
        family.by_uid("uid-b"),
    ):
        with pytest.raises(NotFoundError):
            await answer


async def test_a_stream_is_the_same_array_in_pieces(family: Queries) -> None:
    rows = family.entity_rows()
    assert b"".join([part async for part in family.stream(rows)]) == await family.entities(rows)
    assert b"".join([part async for part in family.stream([])]) == b"[]"
