from __future__ import annotations

from tests.catalog.nodes import Node, component, deferred


async def test_problems_of_some_entities_are_theirs_alone(node: Node) -> None:
    broken = [component(name, type=7) for name in ("one", "two")]
    await node.give(component("fine"), *broken)
    other = node.runtime.connection("other")
    await other.apply_full([deferred(component("fine"), "other:key")])
    await node.settled()
    of_one = await node.catalog.problems_of(["component:default/one"])
    assert {row["entityRef"] for row in of_one} == {"component:default/one"}
    assert {row["type"] for row in of_one} == {"error"}
    of_fine = await node.catalog.problems_of(["component:default/fine"])
    assert [row["type"] for row in of_fine] == ["conflict"]
    assert await node.catalog.problems_of([]) == []
    every = await node.catalog.problems_of([f"component:default/{name}" for name in ("one", "two", "fine")])
    assert len(every) == len(await node.catalog.problems())
