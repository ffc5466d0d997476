"""Several nodes on one database, a node that comes back, and the file watch."""

from __future__ import annotations

import asyncio
import contextlib
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.company import generate
from callboard.catalog.providers import Target
from callboard.catalog.store import results
from callboard.catalog.watch import watch
from tests.catalog.conftest import Start
from tests.catalog.nodes import Node, component, component_yaml, entity, location, until, write


async def test_the_node_that_wrote_reads_it_back_at_once(node: Node) -> None:
    for number in range(5):
        await node.runtime.connection("test").apply_delta([])
        await node.change(component(f"c{number}"))
        assert f"component:default/c{number}" in node.refs


async def test_another_node_sees_a_write_within_a_second(start: Start, database_url: str) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite is for one process")
    one, two = await start(), await start()
    for number in range(3):
        ref = f"component:default/c{number}"
        await one.change(component(f"c{number}"))
        assert await until(partial(_shows, two, ref)) < 1
        await two.runtime.connection("test").apply_delta([], [ref])
        assert await until(partial(_hides, one, ref)) < 1


def _shows(node: Node, ref: str) -> bool:
    return ref in node.refs


def _hides(node: Node, ref: str) -> bool:
    return ref not in node.refs


async def test_two_nodes_share_the_work_and_double_nothing(
    start: Start, database_url: str, tmp_path: Path
) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite is for one process")
    summary = generate(tmp_path / "company", 1200, seed=3)
    targets = [Target("file", str(tmp_path / "company" / "catalog-info.yaml"))]
    options: dict[str, Any] = {"targets": targets, "roots": [tmp_path / "company"]}
    one, two = await asyncio.gather(start(**options), start(**options))
    expected = set(summary.refs)
    await until(lambda: expected <= one.refs and expected <= two.refs, 30)
    for node in (one, two):
        await node.settled()
    assert one.refs == two.refs
    progress = [node.runtime.engine.progress for node in (one, two)]
    assert sum(part.processed for part in progress) >= len(one.refs)
    for columns, table in (
        ("coalesce(source_key, source_ref), target_ref", "refresh_references"),
        ("originating_id, source_ref, type, target_ref", "relations"),
    ):
        twice = f"SELECT {columns}, count(*) FROM {table} GROUP BY {columns} HAVING count(*) > 1"
        twice = twice.replace("GROUP BY coalesce(source_key, source_ref), target_ref", "GROUP BY 1, 2")
        assert await one.rows(twice) == [], table
    for ref in list(expected)[:100]:
        assert await one.entity(ref) == await two.entity(ref)


async def test_what_two_nodes_wrote_at_once_is_related_on_both(start: Start, database_url: str) -> None:
    """Whoever is stitched while another transaction adds a relation to it is stitched again."""
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite is for one process")
    one, two = await start(), await start()
    await one.change(entity("Group", "team", type="team", children=[]))

    async def add(node: Node, provider: str) -> None:
        for number in range(20):
            await node.change(component(f"{provider}-{number}"), provider=provider, key=provider)

    await asyncio.gather(add(one, "a"), add(two, "b"))
    await one.settled()
    await two.settled()
    await one.settled()
    owned = {target for _, target in await one.relations("group:default/team")}
    assert len(owned) == 40


async def test_work_that_a_killed_process_had_claimed_is_done_at_once(start: Start) -> None:
    """A lease lasts two minutes; a node that starts alone need not wait for one."""
    first = await start()
    await first.stop()
    claimed = await start()
    await claimed.give(component("shop"))
    database = claimed.runtime.database

    async def as_left_by_a_kill(connection: AsyncConnection) -> None:
        await results.mark_all_due(connection)
        await results.claim(connection, 500, time.time() + 120)
        await connection.execute(text("UPDATE refresh_state SET result_hash = NULL"))
        await connection.execute(text("DELETE FROM final_entities"))

    await database.write(as_left_by_a_kill)
    await claimed.stop()
    began = time.monotonic()
    again = await start()
    assert "component:default/shop" in again.refs
    assert time.monotonic() - began < 30  # a lease lasts 120


async def test_an_edit_shows_within_a_second(node: Node, tmp_path: Path) -> None:
    file = write(tmp_path / "catalog.yaml", component_yaml("shop"))
    await node.give(location(file))

    async def rescan() -> None:
        return None

    connection = node.runtime.connection("test")
    watching = asyncio.create_task(watch([str(tmp_path)], connection, rescan))
    await asyncio.sleep(0.5)  # the watch is set up in a thread
    try:
        write(file, component_yaml("shop"), component_yaml("till"))
        assert await until(lambda: "component:default/till" in node.refs) < 1
        write(file, component_yaml("shop"))
        assert await until(lambda: "component:default/till" not in node.refs) < 1
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
