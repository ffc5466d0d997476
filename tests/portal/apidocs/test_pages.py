"""The Definition tab in the portal: the examples, the raw text, and the endpoint that tries operations."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from callboard.portal.apidocs.plugin import PLUGIN
from callboard.portal.entity.plugin import PLUGIN as ENTITY
from callboard.web.plugin import PLUGIN as WEB
from tests.portal.apidocs.rendering import EXAMPLE, Outline, api, render
from tests.portal.apidocs.test_try_it import harbour
from tests.portal.site import Site

__all__ = ["harbour"]

OpenSite = Callable[..., Awaitable[Site]]
JSON = {"sec-fetch-site": "same-origin"}


def examples() -> dict[str, dict[str, Any]]:
    found = {}
    for file in sorted(EXAMPLE.glob("*/catalog-info.yaml")):
        for entity in yaml.safe_load_all(file.read_text()):
            if entity and entity["kind"] == "API":
                definition = entity["spec"].get("definition")
                if isinstance(definition, dict):
                    entity["spec"]["definition"] = (file.parent / definition["$text"]).read_text()
                found[entity["metadata"]["name"]] = entity
    return found


EXAMPLES = examples()


def harbour_api(definition: str = "openapi: 3.0.0\npaths: {}\n", kind: str = "openapi") -> dict[str, Any]:
    entity = api(kind, definition, lifecycle="production", owner="crew")
    return given(entity)


def given(entity: dict[str, Any]) -> dict[str, Any]:
    """The entity as a provider hands it over."""
    places = {f"backstage.io/managed-by-{kind}": "test:here" for kind in ("location", "origin-location")}
    metadata = {**entity["metadata"], "annotations": places}
    return {"apiVersion": "backstage.io/v1alpha1", **entity, "metadata": metadata}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_shown_without_problems_and_every_link_in_it_leads_somewhere(name: str) -> None:
    seen = Outline(render(EXAMPLES[name], "*.lanternline.example.com"))
    assert "table" not in seen.tags  # the list of problems
    assert len(seen.ids) == len(set(seen.ids))
    assert seen.labels <= set(seen.ids)
    assert {link[1:] for link in seen.links if link.startswith("#")} <= set(seen.ids)


def test_every_type_of_definition_has_an_example() -> None:
    kinds = {entity["spec"]["type"] for entity in EXAMPLES.values()}
    assert kinds >= {"openapi", "asyncapi", "graphql", "grpc", "mcp-server"}


def test_trying_is_offered_only_against_listed_servers() -> None:
    booking = EXAMPLES["booking-api"]
    assert "apiDocs.tryIt.allow in the configuration lists no host" in render(booking)
    assert "lists none of the servers" in render(booking, "elsewhere.example")
    offered = render(booking, "https://api.lanternline.example.com/booking/")
    assert "<try-operation" in offered
    assert "https://api.staging.lanternline.example.com/booking/v2</option>" not in offered
    assert "lists no" not in offered


def test_a_wrong_list_is_said_and_breaks_nothing() -> None:
    assert "apiDocs.tryIt.allow[0]" in render(EXAMPLES["booking-api"], "not a host")


def test_the_source_has_its_lines_and_a_way_back() -> None:
    html = render(EXAMPLES["fares-api"], view="source")
    assert 'class="api-source"' in html
    assert "service Fares {" in html
    assert "?view=source" in html


def test_a_broken_definition_shows_where_it_broke_and_its_text() -> None:
    seen = Outline(render(api("openapi", "openapi: 3.0.0\npaths: [\n")))
    assert "definition:2:8" in seen.text
    assert "paths: [" in seen.text


async def test_the_tab_is_a_page_of_apis_only(open_site: OpenSite) -> None:
    site = await open_site(plugins=(WEB, ENTITY, PLUGIN))
    group = {"kind": "Group", "metadata": {"name": "crew"}, "spec": {"type": "team", "children": []}}
    await site.give(
        harbour_api("openapi: 3.0.0\npaths: {/ships: {get: {summary: All ships}}}\n"), given(group)
    )
    html = await site.page("/catalog/default/api/harbour/definition")
    assert "All ships" in html
    assert "All ships" not in await site.page("/catalog/default/api/harbour")
    assert "/definition" not in await site.page("/catalog/default/group/crew")


async def test_the_raw_text_is_a_file_and_never_a_page(open_site: OpenSite) -> None:
    site = await open_site(plugins=(WEB, PLUGIN))
    await site.give(harbour_api("<script>alert(1)</script>", "trpc"))
    answer = await site.client.get("/api-docs/raw/default/harbour")
    assert answer.text == "<script>alert(1)</script>"
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == 'attachment; filename="harbour.txt"'
    await site.page("/api-docs/raw/default/other", 404)


async def test_the_list_of_apis_is_the_catalog(open_site: OpenSite) -> None:
    site = await open_site(plugins=(WEB, PLUGIN))
    answer = await site.client.get("/api-docs")
    assert (answer.status_code, answer.headers["location"]) == (303, "/catalog?filters[kind]=api")


async def test_an_operation_is_tried_through_the_portal(open_site: OpenSite, harbour: str) -> None:
    site = await open_site(plugins=(WEB, PLUGIN), config={"apiDocs_tryIt_allow": json.dumps([harbour])})
    site.client.cookies.set("browser", "mine")
    asked = {"method": "POST", "url": f"http://{harbour}/echo", "headers": [["X-A", "1"]], "body": "ahoy"}
    answer = await site.client.post("/api-docs/try", json=asked, headers={**JSON, "x-mine": "mine"})
    assert answer.status_code == 200
    outcome = answer.json()
    seen = json.loads(outcome["text"])
    assert (outcome["status"], seen["method"], seen["body"]) == (200, "POST", "ahoy")
    assert "mine" not in outcome["text"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("asked", "headers", "status"),
    [
        ({"method": "GET", "url": "http://a.example/"}, JSON, 403),
        ({"method": "GET", "url": "http://127.0.0.1:1/"}, {"sec-fetch-site": "cross-site"}, 403),
        ({"method": "CONNECT", "url": "http://a.example/"}, JSON, 400),
        ({"method": "GET", "url": "file:///etc/passwd"}, JSON, 400),
        ({"method": "GET", "url": 7}, JSON, 400),
        ({"url": "http://a.example/"}, JSON, 400),
        ({"method": "GET", "url": "http://a.example/", "more": 1}, JSON, 400),
        ({"method": "GET", "url": "http://127.0.0.1:1/", "headers": [["a\nb", "c"]]}, JSON, 400),
        ([], JSON, 400),
    ],
)
async def test_what_must_not_be_tried_is_refused_in_json(
    open_site: OpenSite, asked: object, headers: dict[str, str], status: int
) -> None:
    site = await open_site(plugins=(WEB, PLUGIN), config={"apiDocs_tryIt_allow": '["127.0.0.1:1"]'})
    answer = await site.client.post("/api-docs/try", json=asked, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_the_examples_are_where_this_test_looks() -> None:
    assert Path(EXAMPLE).is_dir()
    assert len(EXAMPLES) >= 7
