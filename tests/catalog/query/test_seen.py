"""Whatever somebody may see, no question and no view of the index shows what by-name denies them."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from callboard.catalog.index import Entry, Index
from callboard.catalog.index.index import LATELY
from callboard.catalog.index.postings import as_bitmap
from callboard.catalog.index.views import BY_ID, BY_REF
from callboard.catalog.query import Queries, SeenIndex
from callboard.catalog.query.conditions import EVERYTHING, NOTHING, Condition, OneOf
from callboard.catalog.query.cursor import Cursor, encode_cursor
from callboard.catalog.query.filters import parse_filter
from callboard.catalog.query.paging import ByQuery, continue_query
from callboard.catalog.query.predicate import parse_predicate
from callboard.core.errors import NotFoundError
from tests.catalog.index.naive import Model, entities, holds, keys, lows, ordered, predicates, values

REF = "component:default/n{}".format
NUMBERS = range(15)
EVERY_KEY = (
    *("kind", "metadata.name", "metadata.title", "metadata.uid", "spec.color", "spec.list", "spec.deep.a"),
    *("relations.ownedby", "relations.uses", "no.such"),
)


@st.composite
def related(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[str, ...]]:
    """An entity with relations to others, and the refs of its parents."""
    entity = draw(entities())
    others = draw(st.lists(st.sampled_from(NUMBERS), max_size=3, unique=True))
    entity["relations"] += [{"type": "uses", "targetRef": REF(other)} for other in others]
    if draw(st.booleans()):
        entity["status"] = {"items": [{"level": "error"}]}
    parents = draw(st.lists(st.sampled_from(NUMBERS), max_size=2, unique=True))
    return entity, tuple(REF(parent) for parent in parents)


catalogs = st.lists(related(), min_size=3, max_size=20)
some = st.lists(st.sampled_from(NUMBERS), min_size=3, max_size=10)
sights = st.one_of(
    predicates,
    # These divide most catalogs, and so does what is not among them.
    some.map(lambda numbers: {"number": {"$in": [str(number) for number in numbers]}}),
    some.map(lambda numbers: {"$not": {"number": {"$in": [str(number) for number in numbers]}}}),
)
filters = st.lists(
    st.lists(st.tuples(keys, st.sampled_from((None, "", "red", "component"))), min_size=1, max_size=2),
    max_size=2,
)


class Sight:
    """A catalog, who sees what of it, and what a naive reader says about that."""

    def __init__(self, made: Sequence[tuple[dict[str, Any], tuple[str, ...]]], seen: dict[str, Any]) -> None:
        self.index, self.model = Index(), Model()
        for entity, parents in made:
            ref, uid = REF(entity["number"]), entity["metadata"]["uid"]
            self.index.put(Entry(ref, uid, orjson.dumps(entity), parents))
            for known in [one for one, other in self.model.items() if other["metadata"]["uid"] == uid]:
                del self.model[known]
            self.model[ref] = entity
        self.every = Queries(self.index)
        self.queries = self.every.seen(parse_predicate(seen))
        self.shown = {ref: one for ref, one in self.model.items() if holds(one, seen)}
        self.rows = BitMap([row for ref in self.shown if (row := self.index.row(ref)) is not None])
        self.uids = {one["metadata"]["uid"] for one in self.shown.values()}

    def named(self, ref: str) -> bool:
        """Whether a relation to this ref may be told."""
        return ref.lower() not in self.model or ref.lower() in self.shown


def uids_in(body: bytes) -> list[str]:
    items = orjson.loads(body)
    return [one["metadata"]["uid"] for one in (items["items"] if isinstance(items, dict) else items)]


@settings(max_examples=150, deadline=None)
@given(catalogs, sights)
async def test_single_entities_and_ancestors_are_those_that_by_name_allows(
    made: list[Any], seen: dict[str, Any]
) -> None:
    sight = Sight(made, seen)
    queries = sight.queries
    by_refs = orjson.loads(await queries.by_refs([REF(number) for number in NUMBERS]))["items"]
    for number in NUMBERS:
        ref = REF(number)
        absent = f"No entity named 'n{number}' found, with kind 'component' in namespace 'default'"
        if ref in sight.shown:
            entity = sight.shown[ref]
            assert orjson.loads(await queries.by_name("component", "default", f"n{number}")) == entity
            assert orjson.loads(await queries.by_uid(entity["metadata"]["uid"])) == entity
            assert by_refs[number] == entity
            ancestry = orjson.loads(await queries.ancestry(ref))
            assert {one["entity"]["metadata"]["uid"] for one in ancestry["items"]} <= sight.uids
            assert {up for one in ancestry["items"] for up in one["parentEntityRefs"]} <= set(sight.shown)
            continue
        assert by_refs[number] is None
        with pytest.raises(NotFoundError, match=absent):
            await queries.by_name("component", "default", f"n{number}")
        with pytest.raises(NotFoundError, match=f"No such entity {ref}"):
            await queries.ancestry(ref)
        if ref in sight.model:
            with pytest.raises(NotFoundError):
                await queries.by_uid(sight.model[ref]["metadata"]["uid"])


@settings(max_examples=150, deadline=None)
@given(
    catalogs,
    predicates,
    predicates,
    filters,
    st.sampled_from((None, "kind", "spec.color")),
    st.integers(1, 4),
)
async def test_lists_totals_and_cursors_show_what_by_name_allows(
    made: list[Any],
    seen: dict[str, Any],
    predicate: dict[str, Any],
    sets: list[list[tuple[str, str | None]]],
    field: str | None,
    limit: int,
) -> None:
    sight = Sight(made, seen)
    texts = [",".join(key if value is None else f"{key}={value}" for key, value in one) for one in sets]
    where, as_predicate = parse_filter(texts)
    for condition, asked in ((where, as_predicate), (parse_predicate(predicate), predicate)):
        found = [one for one in sight.shown.values() if asked is None or holds(one, asked)]
        expected = {one["metadata"]["uid"] for one in found}
        assert sight.queries.count(condition) == len(expected)
        rows = sight.queries.entity_rows(condition)
        assert set(uids_in(await sight.queries.entities(rows))) == expected
        streamed = b"".join([part async for part in sight.queries.stream(rows)])
        assert set(uids_in(streamed)) == expected
        in_order = [one["metadata"]["uid"] for one in ordered(found, field)]
        request = ByQuery(Cursor(field, query=asked), condition, limit)
        assert await walked(sight, request) == in_order
        exported = sight.queries.all_rows(request)
        assert [sight.index.entity_id(row) for row in exported] == in_order
        # A cursor of somebody who sees everything, and a forged one, are worth no more than a query.
        foreign = sight.every.page(request).next
        if foreign is not None:
            text = encode_cursor(foreign)
            answer = orjson.loads(await sight.queries.by_query(continue_query(text, limit)))
            assert {one["metadata"]["uid"] for one in answer["items"]} <= expected
            assert answer["totalItems"] == len(in_order)
            for onward in answer["pageInfo"].values():
                assert orjson.loads(base64.b64decode(onward))["totalItems"] == len(in_order)


async def walked(sight: Sight, request: ByQuery) -> list[str]:
    """The ids on all pages, there and back."""
    uids: list[str] = []
    answer = orjson.loads(await sight.queries.by_query(request))
    total = answer["totalItems"]
    while True:
        uids += [one["metadata"]["uid"] for one in answer["items"]]
        assert answer["totalItems"] == total
        cursor = answer["pageInfo"].get("nextCursor")
        if cursor is None:
            break
        answer = orjson.loads(await sight.queries.by_query(continue_query(cursor, request.limit)))
    back = answer["pageInfo"].get("prevCursor")
    if back is not None:
        before = orjson.loads(await sight.queries.by_query(continue_query(back, request.limit)))
        assert {one["metadata"]["uid"] for one in before["items"]} <= sight.uids
    assert total == len(uids)
    return uids


@settings(max_examples=150, deadline=None)
@given(catalogs, sights, predicates)
def test_facets_count_what_by_name_allows(
    made: list[Any], seen: dict[str, Any], predicate: dict[str, Any]
) -> None:
    sight = Sight(made, seen)
    for asked in (None, predicate):
        where = parse_predicate(asked)
        found = [one for one in sight.shown.values() if asked is None or holds(one, asked)]
        facets = orjson.loads(sight.queries.facets(EVERY_KEY, where))["facets"]
        for key in EVERY_KEY:
            counts = Counter(value for one in found for value in values(one, key) if value is not None)
            if key.startswith("relations."):
                counts = Counter({ref: count for ref, count in counts.items() if sight.named(ref)})
            assert {one["value"]: one["count"] for one in facets[key]} == counts
            assert dict(sight.queries.facet_counts(key, where)) == counts
            within = BitMap(list(sight.index.everything)[::2])
            assert set(dict(sight.queries.facet_counts(key, where, within))) <= set(counts)


@settings(max_examples=150, deadline=None)
@given(catalogs, sights, st.sampled_from(("r", "e", "n1", "re%", "")))
async def test_the_index_as_one_sees_it_holds_what_by_name_allows(
    made: list[Any], seen: dict[str, Any], term: str
) -> None:
    sight = Sight(made, seen)
    whole, index = sight.index, sight.queries.index
    hidden = whole.everything - sight.rows
    assert set(index.everything) == set(sight.rows)
    assert len(index) == index.stats()["entities"] == len(sight.rows)
    assert set(index.failing) == set(whole.failing & sight.rows)
    for row in whole.everything:
        ref, uid = whole.ref(row), whole.entity_id(row)
        assert index.row(ref) == index.row_of_id(uid) == (None if row in hidden else row)
        assert index.ref(row) == ("" if row in hidden else ref)
        assert index.entity_id(row) == ("" if row in hidden else uid)
        told = [] if row in hidden else [one for one in whole.relations(row) if sight.named(one[1])]
        assert index.relations(row) == told
        assert all(sight.named(up) for up in index.parents(row))
        assert row not in hidden or not index.parents(row)
    bodies = await index.bodies(whole.everything)
    for row, body in zip(whole.everything, bodies, strict=True):
        assert (body is None) == (row in hidden)
    streamed = [body async for chunk in index.stream(list(whole.everything)) for body in chunk]
    assert {orjson.loads(body)["metadata"]["uid"] for body in streamed} == sight.uids
    assert set(index.fields) == {key for one in sight.shown.values() for key in _keys(whole, one)}
    for key in EVERY_KEY:
        field = index.fields.get(key)
        assert (field is not None) == (key in index.fields) == bool(whole.having(key) & sight.rows)
        assert set(index.having(key)) == set(whole.having(key) & sight.rows)
        worth = {value for row in sight.rows for value in whole.values_of(row, key)}
        if key.startswith("relations."):
            worth = {value for value in worth if sight.named(value)}
        assert {value for row in whole.everything for value in index.values_of(row, key)} == worth
        assert {value for value, _ in index.labels(key)} == worth
        if field is not None:
            assert {value for value, _ in field.items()} == worth
            assert len(field) == len(worth)
            assert all(as_bitmap(rows) <= sight.rows for _, rows in field.items())
            for value, _ in whole.fields[key].items():
                assert as_bitmap(field.exact(value)) <= sight.rows
                assert as_bitmap(field.like(value.lower())) <= sight.rows
        haystack = index.haystack(key)
        if haystack is None:
            assert not whole.having(key) & sight.rows
        else:
            assert haystack.contains(term) <= sight.rows
            assert haystack.begins(term) <= sight.rows
    for key in (BY_ID, BY_REF, "metadata.name", "spec.color"):
        order = index.order(key)
        if order is None:
            assert key in (BY_ID, BY_REF, "metadata.name", "spec.color")
            assert not any(lows(one, key) for one in sight.shown.values() if key not in (BY_ID, BY_REF))
            continue
        assert len(order) == len(order.members)
        for among in (None, whole.everything & order.members):
            assert {order.rows[place] for place in order.page(among)} <= set(sight.rows)


def _keys(whole: Index, entity: dict[str, Any]) -> set[str]:
    row = whole.row_of_id(entity["metadata"]["uid"])
    assert row is not None
    return {key for key, field in whole.fields.items() if row in field.has}


def test_nothing_of_the_index_is_passed_on_unseen() -> None:
    inherited = {name for name in vars(Index) if not name.startswith("_") and name not in vars(SeenIndex)}
    assert not inherited
    assert "__len__" in vars(SeenIndex)


def test_what_one_sees_cannot_be_changed() -> None:
    index = Queries(Index()).seen(NOTHING).index
    for change in (index.clear, lambda: index.remove("x:default/y"), lambda: index.put_many([])):
        with pytest.raises(TypeError):
            change()


def test_the_same_condition_gives_the_same_questions_and_another_tag_than_any_other() -> None:
    queries = Queries(Index())
    red, blue = (OneOf("spec.color", (color,)) for color in ("red", "blue"))
    assert queries.seen(EVERYTHING) is queries
    assert queries.seen(red) is queries.seen(OneOf("spec.color", ("red",)))
    assert queries.tag == ""
    assert len({queries.tag, queries.seen(red).tag, queries.seen(blue).tag}) == 3
    both: Condition = queries.seen(red).seen(blue).condition
    assert both == queries.seen(both).condition


async def test_what_is_seen_follows_the_index() -> None:
    index = Index()
    queries = Queries(index).seen(OneOf("spec.color", ("red",)))

    def put(color: str) -> None:
        body = {"kind": "Component", "metadata": {"name": "n", "uid": "u"}, "spec": {"color": color}}
        index.put(Entry("component:default/n", "u", orjson.dumps(body)))

    put("red")
    assert queries.count() == 1
    assert queries.facet_counts("kind") == [("Component", 1)]
    put("blue")
    assert queries.count() == 0
    assert queries.facet_counts("kind") == []
    assert queries.index.row("component:default/n") is None


def test_what_was_hidden_is_not_named_in_the_moment_after_it_was_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The relations that led to it go a moment later."""
    index = Index()
    shown = Queries(index).seen(OneOf("spec.color", ("red",))).index
    names = ("secret", "shown")
    relations = [{"type": "uses", "targetRef": f"component:default/{name}"} for name in names]
    for name, color, led in (("open", "red", relations), ("secret", "black", []), ("shown", "red", [])):
        metadata = {"name": name, "uid": name}
        body = {"kind": "Component", "metadata": metadata, "spec": {"color": color}, "relations": led}
        index.put(Entry(f"component:default/{name}", name, orjson.dumps(body)))
    row = shown.row("component:default/open")
    assert row is not None
    told = [("uses", "component:default/shown")]
    assert shown.relations(row) == told
    for name in names:
        index.remove(f"component:default/{name}")
    assert shown.relations(row) == told
    assert [shown.hides(f"component:default/{name}") for name in (*names, "other")] == [True, False, False]
    later = monotonic() + LATELY + 1
    monkeypatch.setattr("callboard.catalog.index.index.monotonic", lambda: later)
    assert shown.relations(row) == [
        ("uses", "component:default/secret"),
        *told,
    ]  # they lead to nothing by now


async def test_a_body_that_is_loaded_is_judged_again() -> None:
    """It comes from the database, which may know of a change before the index does."""
    old = {"kind": "Component", "metadata": {"name": "n", "uid": "u"}, "spec": {"color": "red"}}
    new = {**old, "spec": {"color": "blue"}}

    async def load(ids: list[str]) -> dict[str, bytes]:
        return {one: orjson.dumps(new) for one in ids}

    index = Index(max_body_bytes=1, loader=load)
    index.put(Entry("component:default/n", "u", orjson.dumps(old)))
    queries = Queries(index).seen(OneOf("spec.color", ("red",)))
    rows = queries.entity_rows()
    assert len(rows) == 1
    assert await queries.entities(rows) == b"[]"
    assert b"".join([part async for part in queries.stream(rows)]) == b"[]"
    with pytest.raises(NotFoundError):
        await queries.by_name("component", "default", "n")
