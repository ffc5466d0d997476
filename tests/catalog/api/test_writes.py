"""The writing endpoints in the whole application; a plain stand-in keeps what the service would store."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from callboard.catalog.api.locations_query import Page, answer, decode_cursor, encode_cursor
from callboard.catalog.api.openapi import document
from callboard.catalog.index import Index
from callboard.core.errors import ConflictError, InputError, NotFoundError

if TYPE_CHECKING:
    from callboard.catalog.service import Catalog
from tests.catalog.apps import api_of

URL = "https://example.org/catalog-info.yaml"
KNOWN = {"id": "1", "type": "url", "target": URL, "entityRef": "location:default/generated-1"}


class StandIn:
    """As much of `Catalog` as the endpoints call, in memory."""

    def __init__(self) -> None:
        self.index = Index()
        self.ready = True
        self.readonly = False
        self.calls: list[tuple[Any, ...]] = []
        self.rows: list[dict[str, str]] = []
        self.errors: list[dict[str, Any]] = []

    async def caught_up(self) -> None:
        self.calls.append(("caught_up",))

    async def add_location(self, type: str, target: str, presence: str = "required") -> dict[str, str]:
        if type != "url":
            raise InputError('Registered locations must be of an allowed type ["url"]')
        if any(row["target"] == target for row in self.rows):
            raise ConflictError(f"Location {type}:{target} already exists")
        self.calls.append(("add", type, target, presence))
        self.rows.append({**KNOWN, "target": target, "id": str(len(self.rows) + 1)})
        return self.rows[-1]

    async def refresh_location(self, type: str, target: str) -> dict[str, str]:
        self.calls.append(("refresh_location", target))
        return next(row for row in self.rows if row["target"] == target)

    async def dry_run_location(self, type: str, target: str) -> tuple[dict[str, str], list[Any], bool]:
        return {**KNOWN, "id": f"{type}:{target}"}, [{"kind": "Location"}], False

    async def locations(self) -> list[dict[str, str]]:
        return self.rows

    async def location(self, id: str) -> dict[str, str]:
        for row in self.rows:
            if row["id"] == id:
                return row
        raise NotFoundError(f"Found no location with ID {id}")

    async def update_location(self, id: str, type: str, target: str) -> dict[str, str]:
        return {**await self.location(id), "type": type, "target": target}

    async def delete_location(self, id: str) -> None:
        self.rows.remove(await self.location(id))

    async def location_by_entity(self, kind: str, namespace: str, name: str) -> dict[str, str]:
        raise NotFoundError(f"found no entity for ref {kind}:{namespace}/{name}")

    async def refresh(self, entity_ref: str) -> None:
        self.calls.append(("refresh", entity_ref))
        if entity_ref.endswith("missing"):
            raise NotFoundError(f"Entity {entity_ref} not found")

    async def delete_entity(self, uid: str, by: str = "the API") -> None:
        self.calls.append(("delete", uid))

    async def validate_entity(self, entity: Any, location: str) -> list[dict[str, Any]]:
        return self.errors

    async def analyze_location(self, type: str, target: str) -> dict[str, Any]:
        return {"existingEntityFiles": [], "generateEntities": []}

    async def unprocessed(
        self, state: str, owner: str | None, limit: int, offset: int
    ) -> list[dict[str, Any]]:
        self.calls.append((state, owner, limit, offset))
        return [{"entity_ref": "component:default/x"}]

    async def delete_unprocessed(self, entity_id: str) -> None:
        self.calls.append(("delete_unprocessed", entity_id))

    async def problems(self) -> list[dict[str, Any]]:
        return [{"type": "conflict"}]

    async def confirm_held_back(self, provider: str) -> None:
        self.calls.append(("confirm", provider))

    async def reject_held_back(self, provider: str) -> None:
        raise NotFoundError(f"no deletion of {provider} is held back")

    async def reindex(self) -> None:
        self.calls.append(("reindex",))


@pytest.fixture
def catalog() -> StandIn:
    return StandIn()


@pytest.fixture
def client(catalog: StandIn) -> httpx.AsyncClient:
    stood_in = cast("Catalog", catalog)
    app = api_of(stood_in, catalog.index)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here/api/catalog")


async def test_a_location_is_registered_and_the_index_caught_up(
    client: httpx.AsyncClient, catalog: StandIn
) -> None:
    made = await client.post("/locations", json={"type": "url", "target": URL})
    assert made.status_code == 201
    assert made.json() == {"location": KNOWN, "entities": []}
    assert catalog.calls == [("add", "url", URL, "required"), ("caught_up",)]
    assert (await client.get("/locations")).json() == [{"data": KNOWN}]
    assert (await client.get("/locations/1")).json() == KNOWN


@pytest.mark.parametrize("yes", ["true", "1", "YES", "y", "on"])
async def test_a_dry_run_stores_nothing(client: httpx.AsyncClient, catalog: StandIn, yes: str) -> None:
    catalog.readonly = True
    made = await client.post(f"/locations?dryRun={yes}", json={"type": "url", "target": URL})
    assert (made.status_code, made.json()["exists"]) == (201, False)
    assert catalog.rows == []


async def test_a_second_registration_conflicts_unless_it_asks_for_a_refresh(
    client: httpx.AsyncClient, catalog: StandIn
) -> None:
    body = {"type": "url", "target": URL}
    await client.post("/locations", json=body)
    assert (await client.post("/locations", json=body)).status_code == 409
    again = await client.post("/locations?onConflict=refresh", json=body)
    assert (again.status_code, again.json()["location"]) == (201, KNOWN)
    assert ("refresh_location", URL) in catalog.calls


@pytest.mark.parametrize(
    ("query", "body", "message"),
    [
        ("", {}, "request/body must have required property 'target'"),
        ("", {"target": URL}, "request/body must have required property 'type'"),
        ("", {"type": "url", "target": URL, "zip": 1}, "'zip'"),
        ("", {"type": "url", "target": "a\0b"}, "NUL"),
        ("", {"type": "file", "target": "./x.yaml"}, 'allowed type ["url"]'),
        ("?onConflict=explode", {"type": "url", "target": URL}, "allowed values: refresh, reject"),
    ],
)
async def test_a_bad_registration_is_refused_with_its_reason(
    client: httpx.AsyncClient, query: str, body: Any, message: str
) -> None:
    refused = await client.post(f"/locations{query}", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["name"] == "InputError"
    assert message in refused.json()["error"]["message"]
    assert refused.json()["request"]["url"] == f"/locations{query}"


async def test_readonly_refuses_changes_of_locations_and_nothing_else(
    client: httpx.AsyncClient, catalog: StandIn
) -> None:
    catalog.rows, catalog.readonly = [KNOWN], True
    body = {"type": "url", "target": URL}
    for refused in (
        await client.post("/locations", json=body),
        await client.put("/locations/1", json=body),
        await client.delete("/locations/1"),
    ):
        assert refused.status_code == 403
        assert refused.json()["error"]["message"] == "This operation not allowed in readonly mode"
    assert (await client.delete("/entities/by-uid/x")).status_code == 204


async def test_a_location_is_changed_and_deleted(client: httpx.AsyncClient, catalog: StandIn) -> None:
    catalog.rows = [KNOWN]
    changed = await client.put("/locations/1", json={"type": "url", "target": "https://b.example"})
    assert changed.json()["target"] == "https://b.example"
    assert (await client.delete("/locations/1")).status_code == 204
    gone = await client.delete("/locations/1")
    assert (gone.status_code, gone.json()["error"]["message"]) == (404, "Found no location with ID 1")
    assert (await client.get("/locations/by-entity/component/default/x")).status_code == 404


async def test_refresh_answers_without_a_body(client: httpx.AsyncClient) -> None:
    done = await client.post("/refresh", json={"entityRef": "component:default/lamp"})
    assert (done.status_code, done.content) == (200, b"")
    assert (await client.post("/refresh", json={"entityRef": "component:missing"})).status_code == 404
    assert (await client.post("/refresh", json={})).status_code == 400


async def test_validation_lists_errors_in_its_own_shape(client: httpx.AsyncClient, catalog: StandIn) -> None:
    entity = {"kind": "Component"}
    valid = await client.post("/validate-entity", json={"entity": entity, "location": f"url:{URL}"})
    assert (valid.status_code, valid.content) == (200, b"")
    catalog.errors = [{"name": "InputError", "message": "no name"}]
    for body in (
        {"entity": entity, "location": f"url:{URL}"},
        {"entity": entity, "location": "file:/x"},
        {"entity": "text", "location": f"url:{URL}"},
        {"location": f"url:{URL}"},
        {},
    ):
        found = await client.post("/validate-entity", json=body)
        assert found.status_code == 400
        assert {"name", "message"} <= set(found.json()["errors"][0])


async def test_analysis_takes_either_spelling_of_the_file_name(client: httpx.AsyncClient) -> None:
    location = {"type": "url", "target": "https://github.com/lighthouse/lamp"}
    for name in ("catalogFileName", "catalogFilename", "else"):
        done = await client.post("/analyze-location", json={"location": location, name: "c.yaml"})
        assert done.status_code == 200
    bad = await client.post("/analyze-location", json={"location": {"type": "url"}})
    assert bad.json()["error"]["message"] == "request/body/location must have required property 'target'"


async def test_unprocessed_entities_are_listed_and_deleted(
    client: httpx.AsyncClient, catalog: StandIn
) -> None:
    listed = await client.get("/entities/unprocessed/failed?owner=team&limit=5&offset=2")
    assert listed.json() == {"type": "failed", "entities": [{"entity_ref": "component:default/x"}]}
    assert catalog.calls[0] == ("failed", "team", 5, 2)
    assert (await client.get("/entities/unprocessed/pending")).json()["type"] == "pending"
    assert (await client.get("/entities/unprocessed/pending?limit=-1")).status_code == 400
    assert (await client.delete("/entities/unprocessed/delete/abc")).status_code == 204


async def test_problems_and_held_back_deletions_are_callboards_own(
    client: httpx.AsyncClient, catalog: StandIn
) -> None:
    assert (await client.get("/problems")).json() == {"items": [{"type": "conflict"}]}
    assert (await client.post("/held-back/github:org%2Fx/confirm")).status_code == 204
    assert ("confirm", "github:org/x") in catalog.calls
    refused = await client.post("/held-back/other%0Aline/reject")
    assert (refused.status_code, refused.json()["error"]["name"]) == (404, "NotFoundError")
    assert (await client.post("/reindex")).status_code == 202


@pytest.mark.parametrize("path", ["/entities/by-uid/%00", "/locations/%00"])
async def test_a_nul_in_a_path_is_refused(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.delete(path)).status_code == 400


# ---- locations/by-query

ROWS = [
    {
        "id": f"{n:02}",
        "type": "url",
        "target": f"https://Example.org/{n}",
        "entityRef": f"location:default/{n}",
    }
    for n in range(5)
]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, ["00", "01", "02", "03", "04"]),
        ({"type": "URL"}, ["00", "01", "02", "03", "04"]),
        ({"target": "HTTPS://example.org/3"}, ["03"]),
        ({"id": {"$in": ["01", "04", "x"]}}, ["01", "04"]),
        ({"target": {"$hasPrefix": "https://example.org/2"}}, ["02"]),
        ({"entityRef": {"$exists": True}, "id": "02"}, ["02"]),
        ({"entityRef": {"$exists": False}}, []),
        ({"target": {"$contains": "example"}}, []),
        ({"$all": []}, []),
        ({"$any": []}, []),
        ({"$not": {"$any": []}}, ["00", "01", "02", "03", "04"]),
        ({"$any": [{"id": "00"}, {"$all": [{"id": "01"}, {"type": "url"}]}]}, ["00", "01"]),
        ({"$not": {"id": {"$in": ["00", "01", "02"]}}}, ["03", "04"]),
    ],
)
def test_a_predicate_selects_locations(query: Any, ids: list[str]) -> None:
    body = answer(ROWS, Page(query=query))
    assert [item["id"] for item in body["items"]] == ids
    assert body["totalItems"] == len(ids)


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 0},
        {"limit": 1.5},
        {"limit": "10"},
        {"limit": True},
        {"query": "text"},
        {"query": {"colour": "red"}},
        {"query": {"$all": [], "type": "url"}},
        {"query": {"$nor": []}},
        {"query": {"$all": {}}},
        {"query": {"type": None}},
        {"query": {"type": {"$in": "url"}}},
        {"query": {"type": {"$in": [{}]}}},
        {"query": {"type": {}}},
        {"query": {"$any": [{"$all": [{}] * 600}, {"$all": [{}] * 600}]}},
        {"cursor": "!"},
        {"cursor": base64.b64encode(b"[]").decode()},
        {"cursor": base64.b64encode(b'{"limit":1}').decode()},
        {"cursor": base64.b64encode(b'{"limit":0,"afterId":"x"}').decode()},
        {"cursor": base64.b64encode(b'{"limit":"1","afterId":"x"}').decode()},
        {"cursor": base64.b64encode(b'{"limit":1,"afterId":"x","query":7}').decode()},
    ],
)
async def test_a_bad_query_of_locations_is_refused(client: httpx.AsyncClient, body: Any) -> None:
    refused = await client.post("/locations/by-query", json=body)
    assert (refused.status_code, refused.json()["error"]["name"]) == (400, "InputError")


async def test_cursors_walk_through_every_location(client: httpx.AsyncClient, catalog: StandIn) -> None:
    catalog.rows = ROWS[::-1]
    body: dict[str, Any] = {"limit": 2, "query": {"type": "url"}}
    seen: list[str] = []
    for _ in range(3):
        page = (await client.post("/locations/by-query", json=body)).json()
        assert page["totalItems"] == 5
        seen += [item["id"] for item in page["items"]]
        body = {"cursor": page["pageInfo"].get("nextCursor")}
    assert seen == ["00", "01", "02", "03", "04"]
    assert body == {"cursor": None}


def test_a_cursor_survives_its_journey() -> None:
    page = Page(7, "x", {"type": "url"})
    assert decode_cursor(encode_cursor(page)) == page


# ---- the rest of the application


async def test_the_description_names_every_route(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    assert described == document()
    app = cast(Any, client._transport).app
    routes = {
        (method.lower(), route.path.replace(":anything", ""))
        for route in app.routes
        for method in route.methods - {"HEAD"}
        if route.path.startswith(("/api/", "/.backstage/")) and not route.path.endswith("openapi.json")
    }
    operations = {(method, path) for path, one in described["paths"].items() for method in one}
    assert routes == operations


def test_every_reference_of_the_description_leads_somewhere() -> None:
    described = document()
    names = set(described["components"]["schemas"])
    text = json.dumps(described)
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= names
    ids = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids))
