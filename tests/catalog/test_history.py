"""Every version of an entity stays readable, with what it changed."""

from __future__ import annotations

import time

from callboard.catalog.difference import Change
from tests.catalog.nodes import Node, component


async def grown(node: Node) -> None:
    await node.give(component("lamp"))
    await node.give(component("lamp", lifecycle="deprecated"))


async def test_a_history_begins_with_the_creation(node: Node) -> None:
    await grown(node)
    now, first = await node.catalog.history("Component:default/lamp")
    assert (first.cause, first.changes, first.deleted_by) == ("created", [], None)
    assert (now.cause, now.valid_to, now.deleted_by) == ("changed", None, None)
    assert now.changes == [Change("spec.lifecycle", "changed", "production", "deprecated")]
    assert first.valid_to == now.valid_from
    assert now.body == await node.entity("component:default/lamp")


async def test_pages_of_a_history_join_without_a_gap(node: Node) -> None:
    for number in range(5):
        await node.give(component("lamp", lifecycle=f"step-{number}"))
    ref = "component:default/lamp"
    whole = await node.catalog.history(ref)
    first = await node.catalog.history(ref, limit=2)
    rest = await node.catalog.history(ref, before=first[-1].valid_from)
    assert [*first, *rest] == whole
    assert [one.cause for one in whole] == ["changed"] * 4 + ["created"]


async def test_a_deleted_entity_keeps_its_history_and_may_come_back(node: Node) -> None:
    await grown(node)
    await node.change(removed=["component:default/lamp"])
    gone = await node.catalog.history("component:default/lamp")
    assert gone[0].deleted_by == "provider:test"
    assert gone[0].valid_to is not None
    await node.give(component("lamp"))
    back = await node.catalog.history("component:default/lamp")
    assert [one.cause for one in back] == ["created", "changed", "created"]
    assert back[0].changes == []


async def test_what_never_was_has_no_history(node: Node) -> None:
    assert await node.catalog.history("component:default/none") == []


async def test_an_entity_is_seen_as_it_was_at_a_time(node: Node) -> None:
    ref, before = "component:default/lamp", time.time()
    await node.give(component("lamp"))
    first = time.time()
    await node.give(component("lamp", lifecycle="deprecated"))
    second = time.time()
    await node.change(removed=[ref])

    async def lifecycle(at: float) -> str | None:
        found = await node.catalog.entity_at(ref, at)
        return None if found is None else found["spec"]["lifecycle"]

    assert await lifecycle(before) is None
    assert await lifecycle(first) == "production"
    assert await lifecycle(second) == "deprecated"
    assert await lifecycle(time.time()) is None


async def test_recent_changes_tell_the_last_of_each_entity_newest_first(node: Node) -> None:
    await node.give(component("a"), component("b"), component("c"))
    await node.give(component("a"), component("b", type="website"), component("c"))
    await node.change(removed=["component:default/a"])
    found = await node.catalog.recent_changes()
    assert [(one.entity_ref.partition("/")[2], one.what) for one in found] == [
        ("a", "deleted"),
        ("b", "changed"),
        ("c", "created"),
    ]
    assert found[0].cause == "provider:test"
    assert found[1].changes == [Change("spec.type", "changed", "service", "website")]
    assert len(await node.catalog.recent_changes(limit=2)) == 2


async def test_recent_changes_look_at_the_given_entities_only(node: Node) -> None:
    await node.give(component("a"), component("b"))
    await node.change(removed=["component:default/b"])
    mine = ["Component:default/A", *(f"component:default/x{number}" for number in range(1200))]
    assert [one.entity_ref for one in await node.catalog.recent_changes(mine)] == ["component:default/a"]
    assert await node.catalog.recent_changes([]) == []


async def test_looking_for_changes_uses_indexes(node: Node) -> None:
    if node.runtime.database.is_postgresql:
        return  # its planner decides by the size of the tables
    await grown(node)
    for query, index in (
        ("SELECT entity_ref FROM final_entities ORDER BY updated_at DESC LIMIT 5", "updated_at"),
        (
            "SELECT entity_ref FROM entity_history WHERE cause <> 'changed' ORDER BY valid_to DESC LIMIT 5",
            "entity_history_deleted",
        ),
        (
            "SELECT body FROM entity_history WHERE entity_ref = 'a' AND valid_from < 5 "
            "ORDER BY valid_from DESC, id DESC LIMIT 1",
            "entity_history_ref_from",
        ),
    ):
        plan = str(await node.rows(f"EXPLAIN QUERY PLAN {query}"))
        assert index in plan
        assert "TEMP B-TREE" not in plan
