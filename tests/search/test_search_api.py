"""The search API answers as Backstage's OpenAPI document says, and refuses what Backstage refuses."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema_rs
import pytest

from callboard.search import Search
from tests.catalog.nodes import Node
from tests.search.conftest import component

# The answer of the Query operation in Backstage's OpenAPI document of the search plugin.
RESULT = {
    "type": "object",
    "required": ["type", "document"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string"},
        "document": {
            "type": "object",
            "required": ["title", "text", "location"],
            "properties": {one: {"type": "string"} for one in ("title", "text", "location")},
        },
        "highlight": {"type": "object", "required": ["preTag", "postTag", "fields"]},
        "rank": {"type": "integer"},
    },
}
ANSWER = {
    "type": "object",
    "required": ["results"],
    "additionalProperties": False,
    "properties": {
        "results": {"type": "array", "items": RESULT},
        "nextPageCursor": {"type": "string"},
        "previousPageCursor": {"type": "string"},
        "numberOfResults": {"type": "integer"},
    },
}


async def ask(client: httpx.AsyncClient, query: str = "") -> dict[str, Any]:
    answer = await client.get(f"/api/search/query?{query}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    jsonschema_rs.validate(ANSWER, body)
    return body


async def fill(node: Node, search: Search, count: int = 3) -> None:
    await node.give(*(component(f"lamp-{number:02}", "gives light") for number in range(count)))
    await search.caught_up()


async def test_a_result_is_what_backstage_sends(
    node: Node, search: Search, client: httpx.AsyncClient
) -> None:
    await fill(node, search, 1)
    body = await ask(client, "term=lamp")
    [result] = body["results"]
    highlight = result.pop("highlight")
    assert result == {
        "type": "software-catalog",
        "rank": 1,
        "document": {
            "title": "lamp-00",
            "text": "gives light",
            "location": "/catalog/default/component/lamp-00",
            "kind": "Component",
            "type": "service",
            "componentType": "service",
            "lifecycle": "production",
            "owner": "team-a",
            "namespace": "default",
        },
    }
    assert highlight["fields"] == {"title": f"{highlight['preTag']}lamp{highlight['postTag']}-00"}
    assert body["numberOfResults"] == 1


async def test_pages_lead_to_each_other(node: Node, search: Search, client: httpx.AsyncClient) -> None:
    await fill(node, search, 5)
    first = await ask(client, "pageLimit=2")
    assert "previousPageCursor" not in first
    second = await ask(client, f"pageLimit=2&pageCursor={quote(first['nextPageCursor'])}")
    third = await ask(client, f"pageLimit=2&pageCursor={quote(second['nextPageCursor'])}")
    assert "nextPageCursor" not in third
    assert second["previousPageCursor"] == base64.b64encode(b"0").decode()
    titles = [one["document"]["title"] for page in (first, second, third) for one in page["results"]]
    assert titles == [f"lamp-{number:02}" for number in range(5)]
    assert [one["rank"] for one in third["results"]] == [5]
    assert (await ask(client, "pageCursor=OTk5OTk5"))["results"] == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("filters[kind]=Component", 3),
        ("filters%5Bkind%5D=component", 3),
        ("filters[lifecycle][0]=production&filters[lifecycle][1]=experimental", 3),
        ("filters[lifecycle][]=experimental", 0),
        ("filters[kind]=API&filters[kind]=Component", 3),
        ("filters[colour]=red", 0),
        ("types=software-catalog", 3),
        ("types[]=software-catalog", 3),
        ("types[0]=software-catalog&unknown=1", 3),
        ("pageCursor=&term=", 3),
    ],
)
async def test_filters_and_types_are_read_as_clients_write_them(
    node: Node, search: Search, client: httpx.AsyncClient, query: str, count: int
) -> None:
    await fill(node, search)
    assert (await ask(client, query))["numberOfResults"] == count


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("pageLimit=101", 'The page limit "101" is greater than "100"'),
        ("pageLimit=0", "pageLimit must be >= 1"),
        ("pageLimit=-1", "pageLimit must be >= 1"),
        ("pageLimit=many", "pageLimit must be integer"),
        ("term=" + "a" * 101, 'The term length "101" is greater than "100"'),
        ("term=a&term=b", "term must be a string"),
        ("pageCursor=!", "pageCursor"),
        ("pageCursor=" + quote(base64.b64encode(b"-1").decode()), "pageCursor"),
        ("types=recipes", 'no documents of the type "recipes"'),
        ("types[a]=software-catalog", "types must be a list"),
        ("filters=kind", "filters[field]=value"),
        ("filters[kind][a][b]=c", "filters[field]=value"),
    ],
)
async def test_mistakes_are_refused_with_the_envelope(
    client: httpx.AsyncClient, query: str, message: str
) -> None:
    answer = await client.get(f"/api/search/query?{query}")
    assert answer.status_code == 400
    body = answer.json()
    assert body["error"]["name"] == "InputError"
    assert message in body["error"]["message"]
    assert body["request"]["url"].startswith("/query?")
    assert body["response"] == {"statusCode": 400}
