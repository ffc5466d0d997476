"""The history endpoint answers versions with what they changed, in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.catalog.apps import api_of
from tests.catalog.nodes import Node, component

PATH = "/api/catalog/entities/by-name/Component/default/lamp/history"


@pytest.fixture
async def client(node: Node) -> AsyncIterator[httpx.AsyncClient]:
    await node.give(component("lamp"))
    await node.give(component("lamp", lifecycle="deprecated"))
    app = api_of(node.catalog, node.runtime.index)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_versions_are_told_newest_first(client: httpx.AsyncClient) -> None:
    now, first = (await client.get(PATH)).json()["items"]
    assert (now["cause"], now["validTo"], first["cause"], first["deletedBy"]) == (
        "changed",
        None,
        "created",
        None,
    )
    assert now["changes"] == [
        {"path": "spec.lifecycle", "kind": "changed", "before": "production", "after": "deprecated"}
    ]
    assert first["entity"]["spec"]["lifecycle"] == "production"
    page = (await client.get(PATH, params={"limit": 1, "before": now["validFrom"]})).json()["items"]
    assert page == [first]


async def test_a_deleted_entity_has_a_history_and_an_unknown_one_none(
    client: httpx.AsyncClient, node: Node
) -> None:
    await node.change(removed=["component:default/lamp"])
    assert (await client.get(PATH)).json()["items"][0]["deletedBy"] == "provider:test"
    missing = await client.get(PATH.replace("lamp", "none"))
    assert missing.status_code == 404
    assert missing.json()["error"]["name"] == "NotFoundError"


@pytest.mark.parametrize("query", ["before=x", "before=nan", "before=inf", "limit=-1", "limit=x"])
async def test_a_bad_page_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"{PATH}?{query}")).status_code == 400
