"""A preview tells for every document what registering would do, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from callboard.catalog.difference import Change
from callboard.catalog.ingest.rules import parse_rules
from callboard.catalog.preview import MAX_TEXT, Preview
from callboard.core.errors import InputError
from tests.catalog.conftest import Start
from tests.catalog.nodes import Node, component, component_yaml
from tests.core.reader.servers import Server, answer, running

BROKEN = "kind: [\n"
NAMELESS = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {}\n"
RULES = parse_rules([{"allow": ["Component", "Location", "API"]}])


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


def outcomes(preview: Preview) -> dict[str | None, str]:
    return {one.ref: one.outcome for one in preview.entities}


async def test_every_document_of_a_pasted_text_has_its_outcome(start: Start) -> None:
    node = await start(rules=RULES)
    await node.give(component("same"), component("old"))
    text = "---\n".join(
        [
            component_yaml("same"),
            component_yaml("old", lifecycle="deprecated"),
            component_yaml("new"),
            NAMELESS,
            component_yaml("wrong").replace("  owner: team\n", ""),
            component_yaml("group").replace("Component", "Group"),
            component_yaml("new"),
            BROKEN,
        ]
    )
    before = await node.runtime.feed.newest()
    preview = await node.catalog.preview_text(text)
    assert [(one.ref, one.outcome) for one in preview.entities] == [
        ("component:default/same", "same"),
        ("component:default/old", "change"),
        ("component:default/new", "add"),
        (None, "refuse"),
        ("component:default/wrong", "refuse"),
        ("group:default/group", "refuse"),
        ("component:default/new", "refuse"),
        (None, "refuse"),
    ]
    old, wrong = preview.entities[1], preview.entities[4]
    assert old.changes == [Change("spec.lifecycle", "changed", "production", "deprecated")]
    assert wrong.problems[0]["field"] == "spec.owner"
    assert wrong.problems[0]["source"] == "pasted.yaml"
    assert wrong.line == wrong.problems[0]["line"] == text[: text.index("name: wrong")].count("\n") + 2
    assert "not of an allowed kind" in preview.entities[5].problems[0]["message"]
    assert "at pasted.yaml, originated at pasted.yaml" in preview.entities[5].problems[0]["message"]
    assert all(one.problems[0]["line"] for one in preview.entities if one.outcome == "refuse")
    assert preview.count("refuse") == 5
    assert preview.problems == []
    assert await node.runtime.feed.newest() == before
    assert "component:default/new" not in node.refs
    assert node.runtime.processing.texts._texts == {}


async def test_a_pasted_text_reads_nothing_relative_to_it(node: Node, server: Server) -> None:
    api = component_yaml("api", type="openapi").replace("Component", "API")
    text = api + f"  definition:\n    $text: {server.url('/secret')}\n"
    preview = await node.catalog.preview_text(text)
    assert outcomes(preview) == {"api:default/api": "add"}
    assert server.seen == []
    local = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: l\nspec:\n"
    for spec in ("  target: ./other.yaml\n", "  type: file\n  target: /etc/passwd\n"):
        refused = await node.catalog.preview_text(local + spec)
        assert outcomes(refused) == {"location:default/l": "refuse"}
        assert refused.entities[0].problems[0]["line"] == 6 + (spec.count("\n") - 1)


async def test_a_pasted_placeholder_is_no_difference(node: Node) -> None:
    entity = component("lamp")
    entity["spec"]["text"] = "long text"
    await node.give(entity)
    preview = await node.catalog.preview_text(component_yaml("lamp") + "  text:\n    $text: ./lamp.txt\n")
    assert outcomes(preview) == {"component:default/lamp": "same"}


async def test_a_pasted_text_has_its_limits(node: Node) -> None:
    long = await node.catalog.preview_text("#" + "x" * MAX_TEXT)
    assert long.entities == []
    assert "at most" in long.problems[0]["message"]
    many = await node.catalog.preview_text("---\n".join(component_yaml(f"c{n}") for n in range(2001)))
    assert len(many.entities) == 2000
    assert "stops there" in many.problems[0]["message"]
    assert (await node.catalog.preview_text("")) == Preview([], [])


async def test_a_url_is_followed_through_its_locations(start: Start, server: Server) -> None:
    node = await start(allow=[server.host])
    await node.give(component("taken"))
    nested = (
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: nested\nspec:\n"
        "  targets:\n    - ./deep.yaml\n    - ./gone.yaml\n    - ./catalog.yaml\n"
    )
    root = "---\n".join([component_yaml("one"), nested, component_yaml("taken"), BROKEN])
    server.routes["/catalog.yaml"] = answer(root.encode())
    server.routes["/deep.yaml"] = answer("---\n".join([component_yaml("deep"), NAMELESS]).encode())
    url = server.url("/catalog.yaml")
    preview = await node.catalog.preview_url(url)
    assert [(one.ref, one.outcome) for one in preview.entities] == [
        ("component:default/one", "add"),
        ("location:default/nested", "add"),
        ("component:default/taken", "conflict"),
        (None, "refuse"),
        ("component:default/deep", "add"),
        (None, "refuse"),
    ]
    location_, taken, deep = (preview.entities[at] for at in (1, 2, 4))
    assert ["gone.yaml" in problem["message"] for problem in location_.problems] == [True]
    assert "belongs to test:key" in taken.problems[0]["message"]
    assert (deep.source, deep.line) == (server.url("/deep.yaml"), 1)
    assert preview.problems == []
    assert preview.location is None
    assert node.refs == {"component:default/taken"}


async def test_a_registered_url_that_did_not_change_is_the_same(start: Start, server: Server) -> None:
    node = await start(allow=[server.host])
    server.routes["/catalog.yaml"] = answer(component_yaml("one").encode())
    url = server.url("/catalog.yaml")
    registered = await node.catalog.add_location("url", url)
    await node.settled()
    preview = await node.catalog.preview_url(url)
    assert outcomes(preview) == {"component:default/one": "same"}
    assert preview.location == registered
    server.routes["/catalog.yaml"] = answer(component_yaml("one", owner="crew").encode())
    changed = (await node.catalog.preview_url(url)).entities[0]
    assert [change.path for change in changed.changes] == [
        "spec.owner",
        "relations.ownedBy",
        "relations.ownedBy",
    ]


async def test_a_refused_host_is_a_problem_not_an_exception(node: Node, server: Server) -> None:
    for target in (server.url("/catalog.yaml"), "not a url", "file:///etc/passwd", "/etc/passwd"):
        preview = await node.catalog.preview_url(target)
        assert preview.entities == []
        assert len(preview.problems) == 1
        assert "field" not in preview.problems[0]
    assert server.seen == []


async def test_an_entity_with_relations_of_others_is_the_same(node: Node) -> None:
    await node.give(component("part", subcomponentOf="whole"), component("whole"))
    assert ("hasPart", "component:default/part") in await node.relations("component:default/whole")
    preview = await node.catalog.preview_text(component_yaml("whole"))
    assert outcomes(preview) == {"component:default/whole": "same"}


async def test_a_location_that_names_itself_ends(start: Start, server: Server) -> None:
    node = await start(allow=[server.host])
    url = server.url("/loop.yaml")
    loop = (
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: loop\n"
        f"spec:\n  type: url\n  target: {url}\n"
    )
    server.routes["/loop.yaml"] = answer(loop.encode())
    assert "location:default/loop" in outcomes(await node.catalog.preview_url(url))


async def test_an_address_that_is_no_url_is_a_problem_and_not_a_failure(node: Node) -> None:
    found = await node.catalog.preview_url("https://[::1")
    assert [problem["name"] for problem in found.problems] == ["InputError"]
    with pytest.raises(InputError):
        await node.catalog.analyze_location("url", "https://[::1")
