"""The plan of a removal tells exactly what the removal then does."""

from __future__ import annotations

from pathlib import Path

import pytest

from callboard.catalog.providers import Target
from callboard.core.errors import NotFoundError
from tests.catalog.conftest import Start
from tests.catalog.nodes import Node, component, component_yaml, location, write
from tests.core.reader.servers import answer, running


def nested(*targets: str, name: str) -> str:
    lines = "".join(f"    - {target}\n" for target in targets)
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: {name}\n"
        f"spec:\n  targets:\n{lines}"
    )


async def removed_by_unregistering(node: Node, id: str) -> set[str]:
    before = node.refs
    await node.catalog.delete_location(id)
    await node.settled()
    return before - node.refs


async def registered(node: Node, url: str) -> dict[str, str]:
    found = await node.catalog.add_location("url", url)
    await node.settled()
    return found


async def test_what_goes_along_is_what_then_goes(start: Start) -> None:
    with running() as server:
        pages = {
            "/a.yaml": "---\n".join([component_yaml("a"), nested("./deep.yaml", name="deep")]),
            "/deep.yaml": component_yaml("deep-one"),
            "/b.yaml": "---\n".join([component_yaml("b"), nested("./deep.yaml", name="other")]),
        }
        for path, text in pages.items():
            server.routes[path] = answer(text.encode())
        node = await start(allow=[server.host])
        first = await registered(node, server.url("/a.yaml"))
        second = await registered(node, server.url("/b.yaml"))
        plan = await node.catalog.unregister_plan("Component:default/a")
        assert (plan.how, plan.location, plan.entity_returns) == ("location", first, True)
        # The other location names the deep file too, so its entity stays.
        assert set(plan.goes) == {first["entityRef"], "component:default/a", "location:default/deep"}
        assert await removed_by_unregistering(node, first["id"]) == set(plan.goes)
        rest = await node.catalog.unregister_plan("component:default/deep-one")
        assert set(rest.goes) == await removed_by_unregistering(node, second["id"])
        assert node.refs == set()


async def test_what_the_configuration_names_cannot_be_unregistered(start: Start, tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", component_yaml("a"))
    node = await start(targets=[Target("file", str(file))])
    plan = await node.catalog.unregister_plan("component:default/a")
    assert (plan.how, plan.location, plan.entity_returns) == ("config", None, True)
    assert plan.goes == ["component:default/a"]
    assert plan.providers == ["ConfigLocationProvider"]


async def test_what_another_provider_gives_is_only_deleted(node: Node, tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", component_yaml("a"), component_yaml("b"))
    await node.give(location(file), component("c"))
    plan = await node.catalog.unregister_plan("location:default/root")
    assert (plan.how, plan.entity_returns) == ("entity", True)
    before = node.refs
    uid = (await node.entity("location:default/root"))["metadata"]["uid"]
    await node.catalog.delete_entity(uid)
    await node.settled()
    assert before - node.refs == set(plan.goes)
    assert node.refs == {"component:default/c"}


async def test_an_orphan_does_not_return(start: Start, tmp_path: Path) -> None:
    node = await start(keep_orphans=True)
    file = write(tmp_path / "a.yaml", component_yaml("a"), component_yaml("b"))
    await node.give(location(file))
    write(file, component_yaml("a"))
    await node.refresh(file)
    plan = await node.catalog.unregister_plan("component:default/b")
    assert (plan.how, plan.entity_returns, plan.goes) == ("entity", False, ["component:default/b"])


async def test_a_plan_needs_an_entity(node: Node) -> None:
    with pytest.raises(NotFoundError):
        await node.catalog.unregister_plan("component:default/none")
    with pytest.raises(NotFoundError):
        await node.catalog.colocated("component:default/none")


@pytest.mark.parametrize("folder", ["short", "l" * 120 + "/" + "o" * 120])
async def test_colocated_entities_share_a_file(node: Node, tmp_path: Path, folder: str) -> None:
    file = write(tmp_path / folder / "a.yaml", component_yaml("a"), component_yaml("b"))
    other = write(tmp_path / folder / "c.yaml", component_yaml("c"))
    await node.give(location(file, other))
    assert "component:default/b" in await node.catalog.colocated("component:default/a")
    assert "component:default/c" not in await node.catalog.colocated("component:default/a")
