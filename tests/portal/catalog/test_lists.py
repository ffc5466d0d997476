"""Filters, counts and order equal those of a naive list, whatever the entities and the view."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings

from callboard.catalog.query import Queries
from callboard.model.refs import entity_ref
from callboard.portal.catalog import counts
from callboard.portal.catalog.columns import COLUMNS
from callboard.portal.catalog.filters import Viewer, question
from callboard.portal.catalog.listing import list_rows
from callboard.portal.catalog.state import State
from tests.portal.catalog.made import Entity, entities, entry_of, queries_of, states, thing

OWNERS = ("group:default/crew", "user:default/bo")


def viewer_of(found: list[Entity]) -> Viewer:
    return Viewer(OWNERS, tuple(entity_ref(one) for one in found[::2]))


def owners(entity: Entity) -> list[str]:
    return [one["targetRef"] for one in entity["relations"]]


def matches(entity: Entity, state: State, viewer: Viewer) -> bool:
    """What a person understands by the filters."""
    metadata, spec = entity["metadata"], entity["spec"]
    values = {
        "type": [spec["type"]],
        "owners": owners(entity),
        "lifecycles": [spec["lifecycle"]] if "lifecycle" in spec else [],
        "tags": metadata["tags"],
        "namespace": [metadata["namespace"]],
    }
    words = [metadata["name"], metadata["title"] or "", *metadata["tags"]]
    return (
        (state.kind == "all" or entity["kind"].lower() == state.kind)
        and all(
            {value.lower() for value in values[name]} & set(chosen) for name, chosen in state.chosen.items()
        )
        and (state.whose != "owned" or bool(set(owners(entity)) & set(viewer.owners or ())))
        and (state.whose != "starred" or entity_ref(entity) in viewer.starred)
        and (not state.orphan or bool(metadata["annotations"]))
        and (not state.failing or "status" in entity)
        and all(any(part in word.lower() for word in words) for part in state.text.lower().split())
    )


def listed(queries: Queries, state: State, viewer: Viewer, **page: Any) -> list[str]:
    asked = question(queries.index, state, viewer)
    found = queries.rows(asked.where, asked.within)
    among = queries.index.everything if found is None else found
    sort = COLUMNS[state.sort].sort
    assert sort is not None
    rows = list_rows(queries.index, among, sort, descending=state.descending, **page)
    return [queries.index.ref(row) for row in rows]


@settings(max_examples=150, deadline=None)
@given(entities(), states())
def test_a_list_holds_what_its_filters_say(found: list[Entity], state: State) -> None:
    viewer = viewer_of(found)
    expected = {entity_ref(one) for one in found if matches(one, state, viewer)}
    shown = listed(queries_of(found), state, viewer)
    assert set(shown) == expected
    assert len(shown) == len(expected)


@settings(max_examples=100, deadline=None)
@given(entities(), states())
def test_every_count_is_what_the_filter_then_gives(found: list[Entity], state: State) -> None:
    queries, viewer = queries_of(found), viewer_of(found)
    for choice in counts.choices(queries, state, viewer, str):
        for one in choice.values:
            only = state.but(chosen={**state.chosen, choice.facet.name: (one.value,)})
            assert one.count == len(listed(queries, only, viewer))
    for kind in counts.kinds(queries, state, viewer):
        assert kind.count == len(listed(queries, state.of_kind(kind.value), viewer))
    for whose, count in counts.whose(queries, state, viewer):
        assert count == len(listed(queries, state.but(whose=whose), viewer))
    status = counts.status(queries, state, viewer)
    assert status["orphan"] == len(listed(queries, state.but(orphan=True), viewer))
    assert status["error"] == len(listed(queries, state.but(failing=True), viewer))
    assert counts.total(queries, state, viewer) == len(listed(queries, state, viewer))


@settings(max_examples=150, deadline=None)
@given(entities(), states())
def test_pages_put_together_are_the_whole_list(found: list[Entity], state: State) -> None:
    queries, viewer = queries_of(found), viewer_of(found)
    whole = listed(queries, state, viewer)
    for size in (1, 2, 3):
        pages = [listed(queries, state, viewer, offset=at, limit=size) for at in range(0, len(whole), size)]
        assert [ref for page in pages for ref in page] == whole


@settings(max_examples=100, deadline=None)
@given(entities(), states())
def test_names_are_in_the_order_in_which_they_are_shown(found: list[Entity], state: State) -> None:
    by_ref = {entity_ref(one): one["metadata"] for one in found}
    shown = listed(queries_of(found), replace(state, sort="name"), viewer_of(found))
    names = [(by_ref[ref]["title"] or by_ref[ref]["name"]).lower() for ref in shown]
    assert names == sorted(names, reverse=state.descending)


@settings(max_examples=100, deadline=None)
@given(entities(), states())
def test_entities_without_a_value_stand_at_the_end(found: list[Entity], state: State) -> None:
    by_ref = {entity_ref(one): one["spec"].get("lifecycle") for one in found}
    shown = [
        by_ref[ref] for ref in listed(queries_of(found), replace(state, sort="lifecycle"), viewer_of(found))
    ]
    known = [value for value in shown if value]
    assert known == sorted(known, reverse=state.descending)
    assert shown == known + [None] * (len(shown) - len(known))


def test_many_entities_are_ordered_like_few() -> None:
    found: list[Entity] = [
        {
            "kind": "Component",
            "metadata": {"name": f"n{number:04}", "uid": f"u{number * 7919 % 1000:04}"},
            "spec": {},
        }
        for number in range(1000)
    ]
    for one in found[::3]:
        one["metadata"]["title"] = f"T{one['metadata']['name'][::-1]}"
    queries = queries_of(found)
    names = {entity_ref(one): one["metadata"].get("title", one["metadata"]["name"]) for one in found}
    whole = listed(queries, State(), Viewer())
    assert [names[ref].lower() for ref in whole] == sorted(name.lower() for name in names.values())
    for at in (0, 400, 980):
        assert listed(queries, State(), Viewer(), offset=at, limit=20) == whole[at : at + 20]
        backwards = listed(queries, State(descending=True), Viewer(), offset=at, limit=20)
        assert backwards == whole[::-1][at : at + 20]


def test_an_order_by_titles_follows_a_changed_title() -> None:
    found = [thing(f"c{number}") for number in range(4)]
    for number, one in enumerate(found):
        one["metadata"]["uid"] = f"u{number}"
        one["relations"] = [{"type": "ownedBy", "targetRef": f"group:default/{'ab'[number % 2]}"}]
    queries = queries_of(found)
    state, titles = State(sort="owner"), {"group:default/a": "First", "group:default/b": "Second"}

    def shown() -> list[str]:
        return listed(queries, state, Viewer(), title_of=titles.__getitem__)

    assert shown() == [f"component:default/c{number}" for number in (0, 2, 1, 3)]
    titles["group:default/a"] = "Third"
    queries.index.put(entry_of(thing("other", kind="API") | {"relations": []}))
    assert shown() == [f"component:default/c{number}" for number in (1, 3, 0, 2)]
