"""The read endpoints over HTTP: shapes, parameters and refusals as recorded from Backstage."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette

from callboard.catalog.api.reads import read_routes
from callboard.catalog.index import Entry, Index
from callboard.catalog.query import Queries
from callboard.core.http import EXCEPTION_HANDLERS

NAMES = ("lamp", "Lens-Polisher", "rotor", "anchors", "foghorn")


def entry(number: int, name: str, kind: str = "Component", namespace: str = "default", **spec: Any) -> Entry:
    uid = f"00000000-0000-0000-0000-{number:012}"
    metadata = {"name": name, "namespace": namespace, "uid": uid, "etag": f"e{number}"}
    if name.startswith("l"):
        metadata["title"] = f"The {name}"
    body = orjson.dumps({"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec})
    return Entry(f"{kind}:{namespace}/{name}".lower(), uid, body, ("location:default/root",))


@pytest.fixture
def index() -> Index:
    index = Index()
    index.put_many(
        [entry(number, name, type=("service", "library")[number % 2]) for number, name in enumerate(NAMES)]
        + [entry(20, "lamp-api", "API", type="openapi"), entry(21, "root", "Location")]
    )
    return index


@pytest.fixture
async def client(index: Index) -> AsyncIterator[httpx.AsyncClient]:
    async def ready() -> None:
        return None

    app = Starlette(routes=read_routes(Queries(index), ready), exception_handlers=EXCEPTION_HANDLERS)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/catalog") as client:
        yield client


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["metadata"]["name"] for item in items]


async def test_entities_are_paged_by_reference_with_a_link(client: httpx.AsyncClient) -> None:
    answer = await client.get("/entities?filter=kind=component&limit=2&fields=kind,metadata.name")
    assert names(answer.json()) == ["anchors", "foghorn"]
    assert answer.headers["link"] == (
        "</entities?filter=kind%3Dcomponent&limit=2&fields=kind%2Cmetadata.name"
        '&after=eyJsaW1pdCI6Miwib2Zmc2V0IjoyfQ%3D%3D>; rel="next"'
    )
    found = re.search("<(.*)>", answer.headers["link"])
    assert found is not None
    answer = await client.get(found[1])
    assert names(answer.json()) == ["lamp", "Lens-Polisher"]
    answer = await client.get("/entities?filter=kind=component&offset=3&order=desc:metadata.name")
    assert names(answer.json()) == ["foghorn", "anchors"]
    assert "link" not in answer.headers


async def test_a_long_list_is_streamed_whole(client: httpx.AsyncClient, index: Index) -> None:
    index.put_many([entry(1000 + number, f"n{number}", "Resource") for number in range(1200)])
    answer = await client.get("/entities")
    assert len(answer.json()) == len(index)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


async def test_entities_without_the_order_field_are_left_out(client: httpx.AsyncClient) -> None:
    answer = await client.get("/entities?filter=kind=component&order=asc:metadata.title")
    assert names(answer.json()) == ["lamp"]


async def test_by_query_sorts_filters_counts_and_walks(client: httpx.AsyncClient) -> None:
    url = "/entities/by-query?filter=kind=component&orderField=metadata.name,asc&limit=3&fields=metadata.name"
    first = (await client.get(url)).json()
    assert names(first["items"]) == ["anchors", "foghorn", "lamp"]
    assert first["totalItems"] == 5
    assert list(first["pageInfo"]) == ["nextCursor"]
    params = {"cursor": first["pageInfo"]["nextCursor"], "limit": "3"}
    second = (await client.get("/entities/by-query", params=params)).json()
    assert names(second["items"]) == ["Lens-Polisher", "rotor"]
    assert list(second["pageInfo"]) == ["prevCursor"]
    body = {"cursor": second["pageInfo"]["prevCursor"], "limit": 3, "fields": ["metadata.name"]}
    back = (await client.post("/entities/by-query", json=body)).json()
    assert back["items"] == first["items"]
    assert list(back["pageInfo"]) == ["nextCursor"]


async def test_by_query_understands_full_text_totals_and_limit_zero(client: httpx.AsyncClient) -> None:
    url = "/entities/by-query?fullTextFilterTerm=%20LAMP%20&orderField=metadata.name,desc"
    assert names((await client.get(url)).json()["items"]) == ["lamp-api", "lamp"]
    url = "/entities/by-query?fullTextFilterTerm=the&fullTextFilterFields=metadata.title,metadata.name"
    assert (await client.get(url)).json()["totalItems"] == 2
    answer = (await client.get("/entities/by-query?limit=0&filter=kind=api")).json()
    assert answer == {"items": [], "totalItems": 1, "pageInfo": {}}
    assert (await client.get("/entities/by-query?totalItems=exclude")).json()["totalItems"] == 0
    body = {"query": {"kind": "component"}, "bogus": True, "fullTextFilter": {"term": "o"}}
    body["orderBy"] = [{"field": "METADATA.NAME", "order": "asc"}]
    answer = (await client.post("/entities/by-query", json=body)).json()
    assert names(answer["items"]) == ["anchors", "foghorn", "Lens-Polisher", "rotor"]


async def test_facets_keep_the_callers_key_and_the_values_case(client: httpx.AsyncClient) -> None:
    answer = await client.get("/entity-facets?facet=KIND&facet=no.such&filter=spec.type")
    kinds = [{"value": "API", "count": 1}, {"value": "Component", "count": 5}]
    assert answer.json() == {"facets": {"KIND": kinds, "no.such": []}}
    body = {"facets": ["spec.type"], "query": {"kind": "component"}}
    answer = await client.post("/entity-facets", json=body)
    types = [{"value": "library", "count": 2}, {"value": "service", "count": 3}]
    assert answer.json() == {"facets": {"spec.type": types}}


async def test_by_refs_keeps_order_and_length(client: httpx.AsyncClient) -> None:
    refs = ["component:default/lamp", "Component:Default/LAMP", "a:b:c", "api:default/lamp-api"]
    body = {"entityRefs": refs, "fields": ["kind"], "query": {"spec.type": {"$exists": True}}}
    answer = await client.post("/entities/by-refs", json=body)
    assert answer.json() == {"items": [{"kind": "Component"}, None, None, {"kind": "API"}]}
    answer = await client.post("/entities/by-refs?filter=kind=api", json={"entityRefs": refs})
    assert [bool(item) for item in answer.json()["items"]] == [False, False, False, True]


async def test_ancestry_leads_to_the_root(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/entities/by-name/Component/default/Lamp/ancestry")).json()
    assert answer["rootEntityRef"] == "component:default/lamp"
    assert names([item["entity"] for item in answer["items"]]) == ["lamp", "root"]
    assert answer["items"][0]["parentEntityRefs"] == ["location:default/root"]


@pytest.mark.parametrize(
    "path", ["by-name/component/default/lamp", "by-uid/00000000-0000-0000-0000-000000000000"]
)
async def test_a_known_entity_is_not_sent_again(client: httpx.AsyncClient, index: Index, path: str) -> None:
    answer = await client.get(f"/entities/{path}")
    known = {"if-none-match": f'"other", {answer.headers["etag"]}'}
    again = await client.get(f"/entities/{path}", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    index.put(entry(0, "lamp", changed=True))
    assert (await client.get(f"/entities/{path}", headers=known)).status_code == 200


async def test_a_known_list_is_not_sent_again_until_something_changes(
    client: httpx.AsyncClient, index: Index
) -> None:
    for path in ("/entities?limit=1", "/entities/by-query", "/entity-facets?facet=kind"):
        known = {"if-none-match": (await client.get(path)).headers["etag"]}
        assert (await client.get(path, headers=known)).status_code == 304
        index.remove("component:default/lamp")
        index.put(entry(0, "lamp"))
        assert (await client.get(path, headers=known)).status_code == 200


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/entities?filter=", "Empty value found for query parameter 'filter'"),
        ("/entities?filter==x", "Invalid filter, '=x' is not a valid statement"),
        ("/entities?limit=0", "Invalid limit, must be greater than zero"),
        ("/entities?offset=-1", "request/query/offset must be >= 0"),
        ("/entities?after=rubbish", "Malformed after cursor"),
        ("/entities?after=eyJsaW1pdCI6Ii0xIn0=", "Malformed after cursor"),
        ("/entities?order=metadata.name", "Invalid order parameter"),
        ("/entities?fields=metadata.tags[0]", "array type fields are not supported"),
        ("/entities/by-query?limit=-1", "request/query/limit must be >= 0"),
        ("/entities/by-query?limit=x", "request/query/limit must be integer"),
        ("/entities/by-query?totalItems=approximate", "must be equal to one of the allowed values"),
        ("/entities/by-query?orderField=metadata.name,up", "must be asc or desc"),
        ("/entities/by-query?cursor=x", "Malformed cursor"),
        ("/entity-facets", "request/query must have required property 'facet'"),
    ],
)
async def test_a_bad_parameter_is_an_input_error(client: httpx.AsyncClient, path: str, message: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["name"] == "InputError"
    assert message in error["message"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("by-refs", {"entityRefs": "component:lamp"}),
        ("by-refs", {}),
        ("by-refs", {"entityRefs": [1]}),
        ("by-query", {"query": "component"}),
        ("by-query", {"query": {"kind": None}}),
        ("by-query", {"query": {"$all": [], "kind": "component"}}),
        ("by-query", {"limit": -1}),
        ("by-query", {"limit": "3"}),
        ("by-query", {"orderBy": [{"field": "kind"}]}),
        ("by-query", {"cursor": ""}),
        ("by-query", []),
        ("../entity-facets", {"facets": []}),
        ("../entity-facets", {"query": {}}),
    ],
)
async def test_a_bad_body_is_an_input_error(client: httpx.AsyncClient, path: str, body: Any) -> None:
    answer = await client.post(f"/entities/{path}".replace("/entities/..", ""), json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["name"] == "InputError"


async def test_a_body_that_is_not_json_is_an_input_error(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    answer = await client.post("/entities/by-query", content=b"{not json", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["name"] == "InputError"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("by-uid/not-a-uid", "No entity with uid not-a-uid"),
        ("by-name/k/ns/n", "No entity named 'n' found, with kind 'k' in namespace 'ns'"),
        ("by-name/component/default/missing/ancestry", "No such entity component:default/missing"),
    ],
)
async def test_what_does_not_exist_is_not_found(client: httpx.AsyncClient, path: str, message: str) -> None:
    answer = await client.get(f"/entities/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"] == {"name": "NotFoundError", "message": message}
