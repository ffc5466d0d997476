"""Plans, previews, the past and the state of the catalog tell nobody of what they may not see."""

from __future__ import annotations

import time

import orjson
import pytest

from callboard.access.principals import OPEN, Principal
from callboard.catalog.permissions import (
    ENTITY_READ,
    ENTITY_REFRESH,
    ENTITY_VALIDATE,
    LOCATION_READ,
    OPERATIONS_READ,
)
from callboard.catalog.permitted import Permitted
from callboard.catalog.service import Catalog
from callboard.core.errors import NotAllowedError, NotFoundError
from tests.catalog.nodes import Node, component, component_yaml
from tests.catalog.rights import ADA, BOB, Rights, rule, under

RED = rule("IS_ENTITY_OWNER", claims=["group:default/red"])


class Desk:
    """A catalog with entities of red and of blue, where ada sees what red owns."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.rights = Rights()
        self.rights.give(ADA, ENTITY_READ, decision=under(RED))
        self.visibility = self.rights.over(node.runtime.index)

    def of(self, who: Principal = ADA) -> Permitted:
        return Permitted(self.node.catalog, self.visibility, self.visibility.permissions, who)


@pytest.fixture
async def desk(node: Node) -> Desk:
    await node.give(component("lamp", owner="red"), component("mine", owner="blue"))
    return Desk(node)


async def test_recent_changes_are_those_of_what_is_seen(desk: Desk) -> None:
    await desk.node.change(component("mine", owner="blue", lifecycle="new"))
    await desk.node.change(removed=["component:default/mine"])
    for refs in (None, ["component:default/lamp", "component:default/mine"]):
        shown = await desk.of().recent_changes(refs, 1)
        assert [one.entity_ref for one in shown] == ["component:default/lamp"]
        assert (await desk.of(OPEN).recent_changes(refs, 1))[0].entity_ref == "component:default/mine"
        assert await desk.of(BOB).recent_changes(refs) == []
    await desk.node.change(component("lamp", owner="blue", lifecycle="secret"))
    await desk.node.change(component("lamp", owner="red", lifecycle="open"))
    (change,) = await desk.of().recent_changes()
    assert (change.what, change.changes) == ("created", [])


async def test_the_past_is_seen_where_the_present_is(desk: Desk) -> None:
    before = time.time()
    await desk.node.change(component("lamp", owner="blue"))
    await desk.node.change(component("mine", owner="red"))
    for ref in ("component:default/lamp", "component:default/mine"):
        assert await desk.of().entity_at(ref, before) is None
        assert await desk.of(OPEN).entity_at(ref, before) is not None
    assert await desk.of().entity_at("component:default/mine", time.time()) is not None


async def test_a_plan_names_only_what_is_seen(desk: Desk) -> None:
    with pytest.raises(NotFoundError) as hidden:
        await desk.of().unregister_plan("Component:default/mine")
    with pytest.raises(NotFoundError) as absent:
        await desk.of().unregister_plan("Component:default/none")
    assert str(hidden.value).replace("mine", "none") == str(absent.value)
    assert (await desk.of().unregister_plan("component:default/lamp")).goes == ["component:default/lamp"]
    assert await desk.of(OPEN).colocated("component:default/lamp") == ["component:default/mine"]
    assert await desk.of().colocated("component:default/lamp") == []
    with pytest.raises(NotFoundError):
        await desk.of().colocated("component:default/mine")


async def test_a_preview_does_not_compare_with_what_is_hidden(desk: Desk) -> None:
    text = "---\n".join(component_yaml(name, owner="red") for name in ("lamp", "mine", "none"))
    with pytest.raises(NotAllowedError):
        await desk.of().preview_text(text)
    desk.rights.give(ADA, ENTITY_VALIDATE)
    lamp, mine, none = (await desk.of().preview_text(text)).entities
    assert lamp.outcome in ("same", "change")
    assert (mine.outcome, mine.changes, mine.problems) == (none.outcome, none.changes, none.problems)
    assert (await desk.of(OPEN).preview_text(text)).entities[1].outcome == "change"


async def test_the_state_of_the_catalog_counts_what_is_seen(desk: Desk) -> None:
    with pytest.raises(NotAllowedError):
        await desk.of().operations()
    desk.rights.give(ADA, OPERATIONS_READ)
    found = await desk.of().operations()
    assert found.counts["known"] == found.index["entities"] == 1
    assert b"component:default/mine" not in orjson.dumps([found.errors, found.conflicts, found.orphans])
    assert (await desk.of(OPEN).operations()).index["entities"] == 2
    assert await desk.of().counts() == {"known": 1, "withErrors": 0, "pending": 0}


async def test_many_are_refreshed_as_far_as_they_may_be(desk: Desk) -> None:
    refs = ["component:default/lamp", "component:default/mine", "component:default/none"]
    assert await desk.of().refresh_many(refs) == 0
    desk.rights.give(ADA, ENTITY_REFRESH)
    assert await desk.of().refresh_many(refs) == 1
    assert await desk.of(OPEN).refresh_many(refs) == 2


async def test_who_may_not_read_locations_is_not_told_of_one(desk: Desk) -> None:
    await desk.node.catalog.add_location("url", "https://here.example/all.yaml")
    assert await desk.of().locations() == []
    desk.rights.give(ADA, LOCATION_READ)
    assert len(await desk.of().locations()) == 1


def test_every_question_and_deed_of_the_catalog_has_its_permitted_form() -> None:
    offered = {name for kind in Catalog.__mro__ for name in vars(kind) if not name.startswith("_")}
    permitted = {name for kind in Permitted.__mro__ for name in vars(kind) if not name.startswith("_")}
    assert offered <= permitted
