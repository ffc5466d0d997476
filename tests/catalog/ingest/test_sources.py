"""Reading what sources say: files, globs, URLs, placeholders, rules, and mistakes as status."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from callboard.catalog.ingest.rules import parse_rules
from callboard.catalog.providers import Target
from tests.catalog.conftest import Start
from tests.catalog.nodes import Node, component, component_yaml, location, write
from tests.core.reader.servers import Route, Server, answer, running

SHOP = "component:default/shop"
BROKEN = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: shop}\nspec: {type: 1}\n"


def location_yaml(*targets: str, name: str = "nested") -> str:
    return (
        "apiVersion: backstage.io/v1alpha1\nkind: Location\n"
        f"metadata: {{name: {name}}}\nspec:\n  targets: [{', '.join(targets)}]\n"
    )


# Mistakes


async def test_a_mistake_is_a_status_on_the_last_good_entity_and_heals(node: Node, tmp_path: Path) -> None:
    file = write(tmp_path / "catalog.yaml", component_yaml("shop"))
    await node.give(location(file))
    relations = await node.relations(SHOP)
    write(file, BROKEN)
    await node.refresh(file)
    shown = await node.entity(SHOP)
    assert shown["spec"]["type"] == "service"
    assert await node.relations(SHOP) == relations
    assert {item["level"] for item in shown["status"]["items"]} == {"error"}
    problems = [row for row in await node.catalog.problems() if row["entityRef"] == SHOP]
    assert {row["source"] for row in problems} == {str(file)}
    assert all(row["line"] == 4 for row in problems)
    write(file, component_yaml("shop", type="website"))
    await node.refresh(file)
    healed = await node.entity(SHOP)
    assert "status" not in healed
    assert healed["spec"]["type"] == "website"
    assert await node.catalog.problems() == []


async def test_an_entity_that_was_never_right_is_not_shown(node: Node, tmp_path: Path) -> None:
    await node.give(location(write(tmp_path / "catalog.yaml", BROKEN)))
    assert SHOP not in node.refs
    assert [row["entity_ref"] for row in await node.catalog.unprocessed("failed")] == [SHOP]


async def test_a_broken_document_hides_no_sibling(node: Node, tmp_path: Path) -> None:
    file = write(tmp_path / "catalog.yaml", component_yaml("a"), "kind: [unclosed\n", component_yaml("b"))
    await node.give(location(file))
    assert node.names("component") == {"a", "b"}
    (problem,) = [row for row in await node.catalog.problems() if row["source"] == str(file)]
    assert problem["entityRef"] == "location:default/root"


async def test_a_failing_target_hides_no_sibling_and_keeps_its_former_children(
    node: Node, tmp_path: Path
) -> None:
    good = write(tmp_path / "good.yaml", component_yaml("good"), component_yaml("leaves"))
    bad = write(tmp_path / "bad.yaml", component_yaml("bad"))
    root = write(tmp_path / "root.yaml", location_yaml("./good.yaml", "./bad.yaml"))
    await node.give(location(root))
    bad.unlink()
    write(good, component_yaml("good"), component_yaml("new"))
    await node.refresh(good, bad)
    assert {"good", "new", "bad"} <= node.names("component")
    (problem,) = [row for row in await node.catalog.problems() if row["type"] == "error"]
    assert problem["entityRef"] == "location:default/nested"
    assert "bad.yaml" in problem["message"]
    write(bad, component_yaml("bad"))
    await node.refresh(bad)
    assert node.names("component") == {"good", "new", "bad"}
    assert await node.catalog.problems() == []


async def test_cyclic_locations_are_refused_and_stop_nothing_else(node: Node, tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", location_yaml("./b.yaml", name="a"), component_yaml("a"))
    write(tmp_path / "b.yaml", location_yaml("./a.yaml", name="b"), component_yaml("b"))
    await node.give(location(tmp_path / "a.yaml"))
    assert node.names("component") == {"a", "b"}
    assert any("yclic" in message for message in await node.messages())
    await node.give()
    assert node.refs == set()


# Files


async def test_a_glob_finds_new_and_gone_files(start: Start, tmp_path: Path) -> None:
    node = await start(roots=[tmp_path])
    write(tmp_path / "one" / "catalog-info.yaml", component_yaml("one"))
    await node.give(location(tmp_path / "*" / "catalog-info.yaml"))
    assert node.names("component") == {"one"}
    two = write(tmp_path / "two" / "catalog-info.yaml", component_yaml("two"))
    await node.runtime.connection("test").refresh(["file-glob"])
    await node.settled()
    assert node.names("component") == {"one", "two"}
    two.unlink()
    await node.refresh(two)
    assert node.names("component") == {"one"}


async def test_an_optional_target_may_be_absent_and_a_required_one_not(start: Start, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.yaml")
    node = await start(targets=[Target("file", missing, "optional")])
    assert await node.catalog.problems() == []
    await node.give(location(missing))
    assert len(await node.messages()) == 1


async def test_a_refresh_of_an_entity_reads_its_file_again(node: Node, tmp_path: Path) -> None:
    file = write(tmp_path / "catalog.yaml", component_yaml("shop"))
    await node.give(location(file))
    write(file, component_yaml("shop", type="website"))
    await node.catalog.refresh(SHOP)
    await node.settled()
    assert (await node.entity(SHOP))["spec"]["type"] == "website"


async def test_a_refresh_key_reads_only_what_emitted_it(node: Node, tmp_path: Path) -> None:
    one = write(tmp_path / "one.yaml", component_yaml("one"))
    two = write(tmp_path / "two.yaml", component_yaml("two"))
    await node.give(location(one, name="l1"), location(two, name="l2"))
    for file in (one, two):
        write(file, component_yaml(file.stem, type="website"))
    await node.refresh(one)
    assert (await node.entity("component:default/one"))["spec"]["type"] == "website"
    assert (await node.entity("component:default/two"))["spec"]["type"] == "service"


async def test_rules_refuse_kinds_and_admit_them_for_one_location(start: Start, tmp_path: Path) -> None:
    group = (
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: NAME}\n"
        "spec: {type: team, children: []}\n"
    )
    plain = write(tmp_path / "plain.yaml", group.replace("NAME", "refused"), component_yaml("shop"))
    trusted = write(tmp_path / "trusted.yaml", group.replace("NAME", "admitted"))
    rules = parse_rules(None, [("file", str(trusted), [{"allow": ["Group"]}])])
    node = await start(rules=rules)
    await node.give(location(plain, name="one"), location(trusted, name="two"))
    assert node.names("group") == {"admitted"}
    assert node.names("component") == {"shop"}
    (message,) = await node.messages()
    assert "group:default/refused" in message
    assert "not of an allowed kind" in message


async def test_a_readonly_catalog_says_so(start: Start) -> None:
    assert (await start(readonly=True)).catalog.readonly


# Placeholders


async def test_placeholders_of_files_are_replaced_and_followed(node: Node, tmp_path: Path) -> None:
    write(tmp_path / "text.txt", "hello\n")
    write(tmp_path / "data.json", '{"a": [1]}')
    write(tmp_path / "data.yaml", "b: {c: 2}\n")
    extra = "  text: {$text: ./text.txt}\n  json: {$json: ./data.json}\n  yaml: {$yaml: ./data.yaml}\n"
    await node.give(location(write(tmp_path / "catalog.yaml", component_yaml("shop") + extra)))
    spec = (await node.entity(SHOP))["spec"]
    assert (spec["text"], spec["json"], spec["yaml"]) == ("hello\n", {"a": [1]}, {"b": {"c": 2}})
    text = write(tmp_path / "text.txt", "changed\n")
    await node.refresh(text)
    assert (await node.entity(SHOP))["spec"]["text"] == "changed\n"
    text.unlink()
    await node.refresh(text)
    shown = await node.entity(SHOP)
    assert shown["spec"]["text"] == "changed\n"
    assert "$text" in shown["status"]["items"][0]["message"]
    write(text, "back\n")
    await node.refresh(text)
    assert "status" not in await node.entity(SHOP)


# URLs


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


def tagged(body: str, etag: str) -> Route:
    """An answer with an entity tag, which says 304 to whoever has that one."""
    whole, not_modified = answer(body.encode(), ETag=etag), answer(status=304)

    def send(handler: BaseHTTPRequestHandler) -> None:
        (not_modified if handler.headers.get("If-None-Match") == etag else whole)(handler)

    return send


async def test_a_url_that_did_not_change_keeps_its_entities(start: Start, server: Server) -> None:
    node = await start(allow=[server.host])
    server.routes["/catalog-info.yaml"] = tagged(component_yaml("shop"), '"one"')
    await node.give(location(server.url("/catalog-info.yaml"), kind="url"))
    assert SHOP in node.refs
    feed = await node.runtime.feed.newest()
    await node.catalog.refresh("location:default/root")
    await node.settled()
    assert [seen.headers.get("if-none-match") for seen in server.seen] == [None, '"one"']
    assert SHOP in node.refs
    assert await node.runtime.feed.newest() == feed
    server.routes["/catalog-info.yaml"] = tagged(component_yaml("till"), '"two"')
    await node.catalog.refresh("location:default/root")
    await node.settled()
    assert node.names("component") == {"till"}


async def test_a_url_that_fails_keeps_its_entities_and_says_why(start: Start, server: Server) -> None:
    node = await start(allow=[server.host])
    server.routes["/catalog-info.yaml"] = answer(component_yaml("shop").encode())
    await node.give(location(server.url("/catalog-info.yaml"), kind="url"))
    server.routes["/catalog-info.yaml"] = answer(b"down", 503)
    await node.catalog.refresh("location:default/root")
    await node.settled()
    assert SHOP in node.refs
    assert "status" in await node.entity("location:default/root")
    server.routes["/catalog-info.yaml"] = answer(component_yaml("shop").encode())
    await node.catalog.refresh("location:default/root")
    await node.settled()
    assert await node.catalog.problems() == []


async def test_placeholders_of_urls_are_relative_to_their_descriptor(start: Start, server: Server) -> None:
    node = await start(allow=[server.host])
    descriptor = component_yaml("shop") + "  text: {$text: ./text.txt}\n"
    server.routes["/repo/catalog-info.yaml"] = answer(descriptor.encode())
    server.routes["/repo/text.txt"] = answer(b"from far")
    await node.give(location(server.url("/repo/catalog-info.yaml"), kind="url"))
    assert (await node.entity(SHOP))["spec"]["text"] == "from far"


async def test_a_host_that_is_not_allowed_is_not_asked(node: Node, server: Server) -> None:
    await node.give(location(server.url("/catalog-info.yaml"), kind="url"), component("shop"))
    assert server.seen == []
    assert node.names("component") == {"shop"}
    assert len(await node.messages()) == 1


async def test_a_child_dropped_in_the_batch_that_processes_it_leaves_nothing_behind(
    node: Node, tmp_path: Path
) -> None:
    file = write(tmp_path / "catalog.yaml", component_yaml("stays"), component_yaml("leaves"))
    await node.give(location(file))
    write(file, component_yaml("stays"))
    await node.catalog.reindex()  # the location and its children are due together
    await node.settled()
    assert node.names("component") == {"stays"}
    gone = "NOT IN (SELECT entity_id FROM refresh_state)"
    assert await node.rows(f"SELECT * FROM relations WHERE originating_id {gone}") == []
    assert await node.rows(f"SELECT * FROM refresh_keys WHERE entity_id {gone}") == []
