"""The index keeps exact books through updates and removals, with and without room for the bodies."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.catalog.index import Entry, Index
from callboard.catalog.index.orders import Order
from callboard.catalog.index.terms import flatten
from callboard.catalog.index.views import BY_ID
from tests.catalog.index.naive import Model, entities, entry_of, like, lows, ordered, put, values

FIELDS = ("kind", "spec.color", "spec.list", "metadata.title", "metadata.name")


def entry(number: int, size: int = 100, **spec: object) -> Entry:
    uid = f"uid-{number:05}"
    entity = {
        "kind": "Component",
        "metadata": {"name": f"n{number}", "uid": uid},
        "spec": spec,
        "pad": "x" * size,
    }
    return Entry(f"component:default/n{number}", uid, orjson.dumps(entity))


class Store:
    """Stands for the database behind the loader."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.asked = 0

    async def __call__(self, ids: list[str]) -> dict[str, bytes]:
        self.asked += len(ids)
        return {one: self.bodies[one] for one in ids if one in self.bodies}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(entities(), st.integers(0, 14)), max_size=40),
    st.integers(1, 6),
    st.booleans(),
)
def test_after_any_changes_it_equals_one_filled_afresh(
    changes: list[dict[str, Any] | int], chunk: int, warm: bool
) -> None:
    index, model = Index(), Model()
    for at, change in enumerate(changes):
        if isinstance(change, int):
            ref = f"component:default/n{change}"
            assert index.remove(ref) == (model.pop(ref, None) is not None)
        else:
            index.put(entry_of(change))
            put(model, change)
        if warm and at % chunk == 0:
            for field in FIELDS:
                index.order(field)
                index.labels(field)
                if (haystack := index.haystack(field)) is not None:
                    haystack.contains("r")
            index.order(BY_ID)
    assert len(index) == len(model)
    assert index.stats()["terms"] == sum(len(flatten(entity)) for entity in model.values())
    every = {key for entity in model.values() for key in _keys(entity)}
    assert set(index.fields) == every
    for key in every:
        having = {ref for ref, entity in model.items() if values(entity, key)}
        assert {index.ref(row) for row in index.having(key)} == having
        for low in {low for entity in model.values() for low in lows(entity, key)}:
            rows = index.fields[key].like(low)
            refs = {index.ref(row) for row in ((rows,) if isinstance(rows, int) else rows or ())}
            assert refs == {ref for ref, entity in model.items() if low in lows(entity, key)}
    for field in FIELDS:
        haystack = index.haystack(field)
        for term in ("r", "e", "%", "a_b", "7"):
            matching = {ref for ref, entity in model.items() if like(entity, field, term)}
            assert {index.ref(row) for row in (haystack.contains(term) if haystack else ())} == matching
    for by in (*FIELDS, None):
        order = index.order(by or BY_ID)
        found = [index.entity_id(row) for row in order.rows] if order else []
        assert found == [entity["metadata"]["uid"] for entity in ordered(list(model.values()), by)]


def _keys(entity: dict[str, Any]) -> set[str]:
    return {key for key, _ in flatten(entity)}


@given(st.lists(st.integers(0, 60)), st.sets(st.integers(0, 60)), st.booleans(), st.data())
def test_both_ways_to_page_agree(
    members: list[int], among: set[int], descending: bool, data: st.DataObject
) -> None:
    from pyroaring import BitMap

    order = Order(((str(row % 5), f"{row:03}"), row) for row in set(members))
    rows = BitMap(among) & order.members
    start = data.draw(st.integers(0, len(order)))
    offset, limit = data.draw(st.integers(0, 5)), data.draw(st.integers(1, 9))
    ranked = order._rank(rows, start, descending, offset, limit)
    walked = order._walk(rows, start, descending, offset, min(len(rows), offset + limit)) if rows else []
    assert ranked == walked


async def test_a_body_larger_than_the_whole_budget_is_still_answered() -> None:
    store = Store()
    index = Index(max_body_bytes=1000, loader=store)
    big = entry(1, size=5000)
    store.bodies[big.entity_id] = big.body
    index.put(big)
    assert await index.bodies([0]) == [big.body]
    assert index.stats()["body_bytes"] <= 1000


async def test_evicted_bodies_come_back_through_the_loader() -> None:
    store = Store()
    index = Index(max_body_bytes=20_000, loader=store)
    for number in range(300):
        one = entry(number)
        store.bodies[one.entity_id] = one.body
        index.put(one)
        assert index.stats()["body_bytes"] <= 20_000
    assert index.stats()["evicted"] > 100
    for number in range(0, 300, 7):
        assert await index.bodies([number]) == [store.bodies[f"uid-{number:05}"]]
    assert await index.bodies(range(300)) == list(store.bodies.values())
    streamed = [body async for chunk in index.stream(range(300), 50) for body in chunk]
    assert streamed == list(store.bodies.values())
    store.asked = 0
    await index.bodies([3])
    await index.bodies([3])
    assert store.asked <= 1


async def test_an_entity_deleted_while_its_body_is_read_answers_none() -> None:
    async def loader(ids: list[str]) -> dict[str, bytes]:
        index.remove("component:default/n1")
        index.put(entry(9))  # takes the freed row
        return {}

    index = Index(max_body_bytes=1, loader=loader)
    index.put(entry(1))
    assert await index.bodies([0]) == [None]


async def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    old, new = entry(1, color="old"), entry(1, color="new")

    async def loader(ids: list[str]) -> dict[str, bytes]:
        index._max_body_bytes = 10**6
        index.put(new)
        return {ids[0]: old.body}

    index = Index(max_body_bytes=1, loader=loader)
    index.put(old)
    index._bodies._limit = 10**6
    await index.bodies([0])
    assert await index.bodies([0]) == [new.body]


def test_a_large_batch_leaves_correct_orders() -> None:
    index = Index()
    index.put_many([entry(number, color=str(number % 3)) for number in range(300)])
    assert index.order("spec.color") is not None
    index.put_many([entry(number, color=str(number % 2)) for number in range(300)])
    order = index.order("spec.color")
    assert order is not None
    assert [key for key, _ in order.keys] == ["0"] * 150 + ["1"] * 150


def test_every_change_makes_a_new_version() -> None:
    index = Index()
    versions = [index.version]
    index.put(entry(1))
    versions.append(index.version)
    index.remove("component:default/n1")
    versions.append(index.version)
    index.clear()
    versions.append(index.version)
    assert versions == [0, 1, 2, 3]
    assert not index.remove("component:default/n1")
    assert index.version == 3


def test_the_version_of_a_kind_grows_with_its_entities_only() -> None:
    index = Index()
    for ref in ("component:default/a", "listing:default/b"):
        index.put(Entry(ref, f"id-{ref}", orjson.dumps({"kind": ref.partition(":")[0]})))
    seen = [index.version_of("listing", "release")]
    index.put(Entry("component:default/a", "id-2", b'{"kind":"component"}'))
    index.remove("component:default/a")
    assert index.version_of("listing", "release") == seen[0]
    index.put(Entry("listing:default/b", "id-listing:default/b", b'{"kind":"listing","spec":{}}'))
    seen.append(index.version_of("listing", "release"))
    index.remove("listing:default/b")
    seen.append(index.version_of("listing", "release"))
    index.clear()
    seen.append(index.version_of("listing", "release"))
    index.put(Entry("release:default/c", "id-c", b'{"kind":"release"}'))
    seen.append(index.version_of("listing", "release"))
    assert seen == sorted(set(seen))
