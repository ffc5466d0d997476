"""Who owns an entity, and what goes with it: conflicts, eager deletion, orphans, mutations, the guard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callboard.catalog.ingest.guard import Guard
from callboard.core.errors import NotFoundError
from tests.catalog.conftest import Start
from tests.catalog.nodes import Node, component, component_yaml, entity, location, types, write

REF = "component:default/shop"


async def described(node: Node) -> str:
    return str((await node.entity(REF))["metadata"].get("description"))


def shop(description: str) -> dict[str, Any]:
    row = component("shop")
    row["metadata"]["description"] = description
    return row


# Location keys: four rules


async def test_the_same_location_key_updates(node: Node) -> None:
    await node.change(shop("old"), key="a")
    await node.change(shop("new"), key="a", provider="other")
    assert await described(node) == "new"
    assert await node.messages("conflict") == []


async def test_without_any_location_key_the_last_one_wins(node: Node) -> None:
    await node.change(shop("old"), key=None)
    await node.change(shop("new"), key=None, provider="other")
    assert await described(node) == "new"


async def test_a_location_key_takes_over_what_has_none(node: Node) -> None:
    await node.change(shop("old"), key=None, provider="first")
    await node.change(shop("new"), key="a", provider="second")
    assert await described(node) == "new"
    await node.change(removed=[REF], provider="first")
    assert REF in node.refs
    await node.change(removed=[REF], provider="second")
    assert REF not in node.refs


@pytest.mark.parametrize("key", ["b", None])
async def test_another_location_key_is_a_conflict_and_the_first_owner_keeps_the_ref(
    node: Node, key: str | None
) -> None:
    await node.change(shop("first"), key="a", provider="first")
    await node.change(shop("second"), key=key, provider="second")
    assert await described(node) == "first"
    (conflict,) = [row for row in await node.catalog.problems() if row["type"] == "conflict"]
    assert conflict["entityRef"] == REF
    assert conflict["message"].startswith(key or "second")
    assert conflict["message"].endswith("belongs to a")
    await node.change(removed=[REF], provider="second")
    assert await described(node) == "first"


async def test_a_provider_that_adds_a_key_to_its_own_entity_still_keeps_it_alive(node: Node) -> None:
    await node.change(shop("old"), key=None)
    await node.change(shop("new"), key="a")
    rows = await node.rows("SELECT source_key, target_ref FROM refresh_references WHERE source_key = 'test'")
    assert rows == [("test", REF)]
    assert "backstage.io/orphan" not in (await node.entity(REF))["metadata"]["annotations"]


async def test_a_conflict_between_files_is_shown_and_heals_when_the_first_owner_goes(
    node: Node, tmp_path: Path
) -> None:
    first = write(tmp_path / "first.yaml", component_yaml("shop", type="first"))
    second = write(tmp_path / "second.yaml", component_yaml("shop", type="second"))
    await node.give(location(first, name="one"))
    await node.give(location(first, name="one"), location(second, name="two"))
    assert (await node.entity(REF))["spec"]["type"] == "first"
    (conflict,) = [row for row in await node.catalog.problems() if row["type"] == "conflict"]
    assert conflict["entityRef"] == REF
    assert conflict["source"] == str(second)
    assert str(first) in conflict["message"]
    await node.give(location(second, name="two"))
    assert (await node.entity(REF))["spec"]["type"] == "second"
    assert await node.messages("conflict") == []


async def test_a_conflict_goes_when_the_second_file_no_longer_claims_the_ref(
    node: Node, tmp_path: Path
) -> None:
    first = write(tmp_path / "first.yaml", component_yaml("shop"))
    second = write(tmp_path / "second.yaml", component_yaml("shop"))
    await node.give(location(first, name="one"))
    await node.give(location(first, name="one"), location(second, name="two"))
    assert len(await node.messages("conflict")) == 1
    write(second, component_yaml("till"))
    await node.refresh(second)
    assert await node.messages("conflict") == []
    assert node.names("component") == {"shop", "till"}


# Deletion


async def test_when_a_root_goes_its_descendants_go_and_shared_ones_stay(node: Node, tmp_path: Path) -> None:
    shared = write(tmp_path / "shared.yaml", component_yaml("shared"))
    own = write(tmp_path / "own.yaml", component_yaml("own"))
    nested = write(
        tmp_path / "nested.yaml",
        f"apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: nested}}\n"
        f"spec: {{targets: [{own.name}, {shared.name}]}}\n",
    )
    one, two = location(nested, name="one"), location(shared, name="two")
    await node.give(one, two)
    assert node.names("component") == {"own", "shared"}
    await node.give(two)
    assert node.refs == {"location:default/two", "component:default/shared"}
    assert node.runtime.index.parents(node.runtime.index.row("component:default/shared") or 0) == (
        "location:default/two",
    )
    await node.give()
    assert node.refs == set()
    for table in ("refresh_state", "refresh_references", "relations", "final_entities", "refresh_keys"):
        assert await node.rows(f"SELECT count(*) FROM {table}") == [(0,)], table


@pytest.mark.parametrize("keep", [False, True])
async def test_a_child_that_its_file_no_longer_names_is_deleted_or_kept_as_an_orphan(
    start: Start, tmp_path: Path, keep: bool
) -> None:
    node = await start(keep_orphans=keep)
    file = write(tmp_path / "catalog.yaml", component_yaml("stays"), component_yaml("leaves"))
    await node.give(location(file))
    write(file, component_yaml("stays"))
    await node.refresh(file)
    if not keep:
        assert node.names("component") == {"stays"}
        return
    leaver = await node.entity("component:default/leaves")
    assert leaver["metadata"]["annotations"]["backstage.io/orphan"] == "true"
    write(file, component_yaml("stays"), component_yaml("leaves"))
    await node.refresh(file)
    assert (
        "backstage.io/orphan"
        not in (await node.entity("component:default/leaves"))["metadata"]["annotations"]
    )


# Mutations


async def test_a_full_mutation_replaces_and_a_delta_adds_and_removes(node: Node) -> None:
    await node.give(component("a"), component("b"))
    await node.give(component("b"), component("c"))
    assert node.names("component") == {"b", "c"}
    await node.change(component("d"), removed=["component:default/b"])
    assert node.names("component") == {"c", "d"}


async def test_one_provider_never_removes_what_another_gave(node: Node) -> None:
    await node.give(component("a"), provider="first")
    await node.give(component("b"), provider="second")
    await node.give(provider="first")
    await node.change(removed=["component:default/b"], provider="first")
    assert node.names("component") == {"b"}


async def test_giving_the_same_again_writes_nothing(node: Node) -> None:
    await node.give(component("a"), component("b", dependsOn=["component:a"]))
    before = await node.runtime.feed.newest()
    history = await node.rows("SELECT count(*) FROM entity_history")
    await node.give(component("a"), component("b", dependsOn=["component:a"]))
    await node.catalog.refresh("component:default/a")
    await node.settled()
    assert await node.runtime.feed.newest() == before
    assert await node.rows("SELECT count(*) FROM entity_history") == history


async def test_relations_follow_their_source_in_both_directions(node: Node) -> None:
    team, other = (
        entity("Group", "team", type="team", children=[]),
        entity("Group", "other", type="team", children=[]),
    )
    await node.give(team, other, component("shop"))
    assert ("ownedBy", "group:default/team") in await node.relations(REF)
    assert await node.relations("group:default/team") == {("ownerOf", REF)}
    await node.give(team, other, component("shop", owner="other"))
    assert await node.relations("group:default/team") == set()
    assert await node.relations("group:default/other") == {("ownerOf", REF)}
    await node.give(team, other)
    assert await node.relations("group:default/other") == set()
    assert await node.rows("SELECT * FROM relations") == []


async def test_a_target_that_appears_later_shows_who_relates_to_it(node: Node) -> None:
    await node.give(component("shop"))
    await node.give(component("shop"), entity("Group", "team", type="team", children=[]))
    assert types(await node.relations("group:default/team")) == {"ownerOf"}


async def test_an_entity_deleted_while_it_is_processed_leaves_nothing_behind(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its result must not bring back relations and children that nobody would ever take away."""
    processing, run = node.runtime.processing, node.runtime.processing.run

    async def slow(claimed: Any) -> Any:
        result = await run(claimed)
        await node.runtime.connection("test").apply_full([], guarded=False)
        return result

    monkeypatch.setattr(processing, "run", slow)
    await node.give(component("shop"))
    assert node.refs == set()
    for table in ("refresh_state", "relations", "final_entities", "refresh_references"):
        assert await node.rows(f"SELECT count(*) FROM {table}") == [(0,)], table


# The mass-deletion guard


@pytest.fixture
async def guarded(start: Start) -> Node:
    node = await start(guard=Guard(share=0.5, minimum=10))
    await node.give(*(component(f"c{number}") for number in range(10)))
    return node


async def test_a_sudden_loss_of_most_entities_is_held_back_until_it_is_confirmed(guarded: Node) -> None:
    await guarded.give(component("c0"), component("new"))
    assert len(guarded.names("component")) == 11
    (held,) = [row for row in await guarded.catalog.problems() if row["type"] == "heldBack"]
    assert (held["provider"], held["state"], len(held["entityRefs"])) == ("test", "waiting", 9)
    await guarded.catalog.confirm_held_back("test")
    await guarded.settled()
    assert guarded.names("component") == {"c0", "new"}
    assert await guarded.messages("heldBack") == []
    with pytest.raises(NotFoundError):
        await guarded.catalog.confirm_held_back("test")


async def test_a_rejected_deletion_is_not_asked_about_again(guarded: Node) -> None:
    await guarded.give(component("c0"))
    await guarded.catalog.reject_held_back("test")
    await guarded.give(component("c0"))
    assert len(guarded.names("component")) == 10
    states = [row["state"] for row in await guarded.catalog.problems() if row["type"] == "heldBack"]
    assert states == ["rejected"]


async def test_a_source_that_recovers_ends_the_question(guarded: Node) -> None:
    await guarded.give()
    assert len(await guarded.messages("heldBack")) == 1
    await guarded.give(*(component(f"c{number}") for number in range(9)))
    assert await guarded.messages("heldBack") == []
    assert len(guarded.names("component")) == 9


async def test_half_of_the_entities_may_go_at_once(guarded: Node) -> None:
    await guarded.give(*(component(f"c{number}") for number in range(5)))
    assert len(guarded.names("component")) == 5
