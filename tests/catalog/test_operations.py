"""Whoever runs the catalog sees its sources, its queue and what went wrong."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from callboard.catalog.providers import Target
from callboard.core.errors import InputError
from tests.catalog.conftest import Start
from tests.catalog.nodes import Node, component, component_yaml, deferred, entity, location, write


async def test_each_provider_tells_its_last_run(node: Node) -> None:
    before = time.time()
    await node.give(*(component(name) for name in "abc"))
    await node.give(component("a"), component("b", type="website"), component("d"))
    run, first, *_ = await node.catalog.provider_runs("test")
    assert (first.added, first.updated, first.removed) == (3, 0, 0)
    assert (run.added, run.updated, run.removed, run.error) == (1, 1, 1, None)
    assert before <= run.started_at <= run.finished_at <= time.time()
    source = next(one for one in (await node.catalog.operations()).sources if one.name == "test")
    assert (source.entities, source.total, source.last_run, source.installed) == (3, 3, run, False)


async def test_a_delta_is_a_run_too(node: Node) -> None:
    await node.give(component("a"))
    await node.change(component("b"), removed=["component:default/a", "component:default/none"])
    run = (await node.catalog.provider_runs("test"))[0]
    assert (run.added, run.updated, run.removed) == (1, 0, 1)


async def test_a_run_that_fails_says_why_and_changes_nothing(node: Node) -> None:
    await node.give(component("a"))
    bad = component("b")
    del bad["metadata"]["annotations"]
    with pytest.raises(InputError):
        await node.runtime.connection("test").apply_full([deferred(bad)])
    run = (await node.catalog.provider_runs("test"))[0]
    assert run.error is not None
    assert "lacks the annotations" in run.error
    await node.runtime.connection("test").failed("the host is away")
    assert (await node.catalog.provider_runs("test"))[0].error == "the host is away"
    assert node.refs == {"component:default/a"}


async def test_only_the_newest_runs_are_kept(node: Node) -> None:
    connection = node.runtime.connection("test")
    for number in range(55):
        await connection.failed(f"try {number}")
    await node.runtime.connection("other").failed("once")
    kept = await node.rows("SELECT error FROM provider_runs WHERE provider = 'test' ORDER BY id")
    assert [error for (error,) in kept] == [f"try {number}" for number in range(5, 55)]
    assert len(await node.catalog.provider_runs("other")) == 1


async def test_a_source_counts_what_it_brought_in(start: Start, tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", *(component_yaml(name) for name in "abc"))
    node = await start(targets=[Target("file", str(file))])
    sources = {one.name: one for one in (await node.catalog.operations()).sources}
    configured = sources["ConfigLocationProvider"]
    assert (configured.entities, configured.total, configured.installed) == (1, 4, True)
    assert configured.last_run is not None
    assert (sources["CommandLineProvider"].entities, sources["DefaultLocationStore"].total) == (0, 0)


async def test_locations_tell_when_and_how_they_were_read(start: Start, tmp_path: Path) -> None:
    node = await start(interval=500.0)
    started = time.time()
    good, bad = write(tmp_path / "a.yaml", component_yaml("a")), tmp_path / "absent.yaml"
    await node.give(location(good, name="good"), location(bad, name="bad"))
    found = await node.catalog.operations()
    assert found.locations_total == 2
    first, second = found.locations  # what fails comes first
    assert (first.entity_ref, first.type, first.targets) == ("location:default/bad", "file", [str(bad)])
    assert "absent.yaml" in first.errors[0]["message"]
    assert second.errors == []
    assert second.read_at is not None
    assert second.next_at is not None
    assert started <= second.read_at < second.next_at
    assert [row["entityRef"] for row in found.errors] == ["location:default/bad"]
    assert found.counts["withErrors"] == 1


async def test_the_queue_is_empty_when_all_is_done_and_counts_what_is_due(node: Node) -> None:
    await node.give(component("a"), component("b"))
    queue = (await node.catalog.operations()).queue
    assert (queue.due, queue.in_hand, queue.stitching, queue.oldest_due_seconds) == (0, 0, 0, None)
    for task in node.runtime._tasks:
        task.cancel()
    assert await node.catalog.refresh_many(["component:default/a"]) == 1
    queue = (await node.catalog.operations()).queue
    assert queue.due == 1
    assert queue.oldest_due_seconds is not None
    assert 0 <= queue.oldest_due_seconds < 60


async def test_orphans_conflicts_and_held_back_deletions_are_listed(start: Start, tmp_path: Path) -> None:
    node = await start(keep_orphans=True)
    file = write(tmp_path / "a.yaml", component_yaml("a"), component_yaml("b"))
    await node.give(location(file))
    write(file, component_yaml("a"))
    await node.refresh(file)
    await node.give(entity("Group", "team", type="team", children=[]), provider="other")
    await node.give(*(component(f"c{number}") for number in range(12)), component("a"), provider="many")
    await node.give(component("c1"), provider="many")
    found = await node.catalog.operations()
    assert (found.orphans, found.orphans_total) == (["component:default/b"], 1)
    assert [row["entityRef"] for row in found.conflicts] == ["component:default/a"]
    assert [row["provider"] for row in found.held_back] == ["many"]
    assert found.index["entities"] == len(node.refs)


async def test_many_entities_are_refreshed_at_once(node: Node, tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", component_yaml("a"), component_yaml("b"))
    await node.give(location(file), component("c"))
    write(file, component_yaml("a", owner="crew"), component_yaml("b", owner="crew"))
    refs = ["Component:default/A", "component:default/b", "component:default/none"]
    assert await node.catalog.refresh_many(refs) == 2
    await node.settled()
    assert (await node.entity("component:default/b"))["spec"]["owner"] == "crew"
    assert await node.catalog.refresh_many([]) == 0
