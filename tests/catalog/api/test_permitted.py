"""Over HTTP everyone sees and does what they may, and hidden entities are as if they were not there."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import ASGIApp

from callboard.access.permissions import Permission
from callboard.access.principals import NOBODY, OPEN, Principal, Restriction
from callboard.catalog.permissions import (
    ENTITY_DELETE,
    ENTITY_READ,
    ENTITY_REFRESH,
    ENTITY_VALIDATE,
    LOCATION_ANALYZE,
    LOCATION_CREATE,
    LOCATION_DELETE,
    LOCATION_READ,
    OPERATIONS_READ,
    OPERATIONS_UPDATE,
    UNPROCESSED_DELETE,
    UNPROCESSED_READ,
)
from tests.catalog.apps import As, api_of
from tests.catalog.nodes import Node, component
from tests.catalog.rights import ADA, BOB, Rights, rule, under

RED = {
    "allOf": [
        rule("IS_ENTITY_OWNER", claims=["group:default/red"]),
        {"not": rule("HAS_LABEL", label="secret")},
        rule("IS_ENTITY_KIND", kinds=["Component"]),
    ]
}
SECRET = component("safe", owner="red")
SECRET["metadata"]["labels"] = {"secret": "yes"}
SEEN = {"lamp", "rotor"}
LISTS = (
    "/entities",
    "/entities?limit=1&offset=0",
    "/entities?filter=kind=component",
    "/entities?order=asc:metadata.name",
    "/entities/by-query",
    "/entities/by-query?filter=spec.type=service&orderField=metadata.name,asc",
    "/entities/by-query?fullTextFilterTerm=m&fullTextFilterFields=metadata.name",
)


class World:
    """A catalog of which ada sees two components, and whoever asks it."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.rights = Rights()
        self.rights.give(ADA, ENTITY_READ, decision=under(RED))
        app: ASGIApp = api_of(node.catalog, node.runtime.index, self.rights.over(node.runtime.index))
        self.door = As(app)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.door), base_url="http://test/api/catalog"
        )

    async def ask(self, who: Principal, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        self.door.principal = who
        return await self.client.request(method, path, **more)

    async def uid(self, name: str) -> str:
        return str((await self.node.entity(f"component:default/{name}"))["metadata"]["uid"])


@pytest.fixture
async def world(node: Node) -> AsyncIterator[World]:
    await node.give(
        component("lamp", owner="red", dependsOn=["component:rotor", "component:mine", "component:gone"]),
        component("rotor", owner="red", dependsOn=["component:mine"]),
        component("mine", owner="blue", dependsOn=["component:lamp"]),
        SECRET,
    )
    found = World(node)
    async with found.client:
        yield found


def names(answer: httpx.Response) -> set[str]:
    items = answer.json()
    return {one["metadata"]["name"] for one in (items["items"] if isinstance(items, dict) else items)}


@pytest.mark.parametrize("path", LISTS)
async def test_lists_hold_what_may_be_seen(world: World, path: str) -> None:
    assert names(await world.ask(ADA, path)) <= SEEN
    assert names(await world.ask(ADA, path))
    for nobody in (BOB, NOBODY):
        assert names(await world.ask(nobody, path)) == set()
    assert names(await world.ask(OPEN, path)) - SEEN or "limit=1" in path


async def test_totals_facets_and_lists_agree(world: World) -> None:
    answer = (await world.ask(ADA, "/entities/by-query?limit=1")).json()
    assert answer["totalItems"] == len(SEEN)
    facets = await world.ask(
        ADA, "/entity-facets?facet=kind&facet=metadata.name&facet=metadata.labels.secret"
    )
    assert facets.json()["facets"] == {
        "kind": [{"value": "Component", "count": 2}],
        "metadata.name": [{"value": "lamp", "count": 1}, {"value": "rotor", "count": 1}],
        "metadata.labels.secret": [],
    }
    posted = await world.ask(ADA, "/entity-facets", "POST", json={"facets": ["relations.dependsOn"]})
    found = {one["value"] for one in posted.json()["facets"]["relations.dependsOn"]}
    assert found == {"component:default/rotor", "component:default/gone"}  # not the hidden one
    empty = await world.ask(BOB, "/entity-facets?facet=kind")
    assert empty.json() == {"facets": {"kind": []}}


async def test_a_hidden_entity_and_one_that_never_was_are_answered_alike(world: World) -> None:
    for path in ("/entities/by-name/component/default/{}", "/entities/by-name/component/default/{}/ancestry"):
        hidden, absent = [await world.ask(ADA, path.format(name)) for name in ("mine", "none")]
        assert hidden.status_code == absent.status_code == 404
        assert hidden.text.replace("mine", "none") == absent.text
    hidden = await world.ask(ADA, f"/entities/by-uid/{await world.uid('mine')}")
    assert (hidden.status_code, hidden.json()["error"]["name"]) == (404, "NotFoundError")
    refs = {"entityRefs": [f"component:default/{name}" for name in ("lamp", "mine", "none")]}
    items = (await world.ask(ADA, "/entities/by-refs", "POST", json=refs)).json()["items"]
    assert [one and one["metadata"]["name"] for one in items] == ["lamp", None, None]
    assert (await world.ask(ADA, "/entities/by-name/component/default/lamp")).status_code == 200


async def test_a_cursor_of_somebody_else_shows_nothing_more(world: World) -> None:
    first = (await world.ask(OPEN, "/entities/by-query?limit=1&orderField=metadata.name,asc")).json()
    cursor = first["pageInfo"]["nextCursor"]
    rest = await world.ask(ADA, "/entities/by-query", params={"cursor": cursor})
    assert names(rest) <= SEEN
    assert rest.json()["totalItems"] == len(SEEN)
    forged = orjson.loads(base64.b64decode(cursor)) | {"totalItems": 4711, "orderFieldValues": ["mine", "x"]}
    text = base64.b64encode(orjson.dumps(forged)).decode()
    answer = await world.ask(ADA, "/entities/by-query", params={"cursor": text})
    assert names(answer) == {"rotor"}
    assert answer.json()["totalItems"] == len(SEEN)
    posted = await world.ask(ADA, "/entities/by-query", "POST", json={"cursor": text})
    assert posted.json()["items"] == answer.json()["items"]


async def test_an_entity_tag_of_somebody_else_is_not_current(world: World) -> None:
    for path in ("/entities", "/entities/by-query", "/entity-facets?facet=kind"):
        every, mine = [(await world.ask(who, path)).headers["etag"] for who in (OPEN, ADA)]
        assert every != mine
        assert (await world.ask(ADA, path, headers={"if-none-match": every})).status_code == 200
        again = await world.ask(ADA, path, headers={"if-none-match": mine})
        assert again.status_code == 304
        assert again.headers["vary"] == "authorization, cookie"
    named = "/entities/by-name/component/default/mine"
    tag = (await world.ask(OPEN, named)).headers["etag"]
    assert (await world.ask(ADA, named, headers={"if-none-match": tag})).status_code == 404


async def test_a_change_of_the_policy_or_of_an_entity_holds_at_once(world: World) -> None:
    world.rights.give(ADA, ENTITY_READ)
    assert "mine" in names(await world.ask(ADA, "/entities"))
    world.rights.give(ADA, ENTITY_READ, decision=under(RED))
    assert names(await world.ask(ADA, "/entities")) == SEEN
    await world.node.change(component("rotor", owner="blue"))
    assert names(await world.ask(ADA, "/entities")) == {"lamp"}


async def test_a_token_for_another_plugin_sees_nothing(world: World) -> None:
    ci = Principal("service", "external:ci", restrictions=(Restriction("search"),))
    assert names(await world.ask(ci, "/entities")) == set()
    ci = replace(ci, restrictions=(Restriction("catalog", ("catalog.entity.read",)),))
    assert "mine" in names(await world.ask(ci, "/entities"))
    refused = await world.ask(ci, f"/entities/by-uid/{await world.uid('mine')}", "DELETE")
    assert refused.status_code == 403
    assert "component:default/mine" in world.node.refs


async def test_the_history_shows_what_could_be_seen(world: World) -> None:
    path = "/entities/by-name/component/default/{}/history"
    await world.node.change(component("rotor", owner="blue", lifecycle="handed-over"))
    await world.node.change(component("rotor", owner="red", lifecycle="back"))
    await world.node.change(component("rotor", owner="red", lifecycle="later"))
    items = (await world.ask(ADA, path.format("rotor"))).json()["items"]
    assert [one["entity"]["spec"]["lifecycle"] for one in items] == ["later", "back", "production"]
    assert [one["cause"] for one in items] == ["changed", "created", "created"]
    assert b"handed-over" not in orjson.dumps(items)
    paged = (
        await world.ask(ADA, path.format("rotor") + "?limit=1&before=" + repr(items[1]["validFrom"]))
    ).json()
    assert [one["entity"]["spec"]["lifecycle"] for one in paged["items"]] == ["production"]
    await world.node.change(component("lamp", owner="blue"))
    await world.node.change(removed=["component:default/mine", "component:default/rotor"])
    for hidden in ("lamp", "mine", "safe", "none"):
        refused = await world.ask(ADA, path.format(hidden))
        assert refused.status_code == 404
        absent = await world.ask(ADA, path.format("none"))
        assert refused.text.replace(hidden, "none") == absent.text
    gone = (await world.ask(ADA, path.format("rotor"))).json()["items"]
    assert gone[0]["deletedBy"] == "provider:test"


async def test_locations_need_a_permission_of_their_own(world: World) -> None:
    made = await world.node.catalog.add_location("url", "https://here.example/all.yaml")
    for path in ("/locations", f"/locations/{made['id']}"):
        assert (await world.ask(OPEN, path)).status_code == 200
    assert (await world.ask(ADA, "/locations")).json() == []
    assert (await world.ask(ADA, "/locations/by-query", "POST", json={})).json()["totalItems"] == 0
    hidden, absent = [await world.ask(ADA, f"/locations/{one}") for one in (made["id"], "none")]
    assert hidden.status_code == absent.status_code == 404
    assert hidden.text.replace(made["id"], "none") == absent.text
    world.rights.give(ADA, LOCATION_READ)
    assert (await world.ask(ADA, "/locations")).json() == [{"data": made}]
    by_entity = "/locations/by-entity/component/default/{}"
    hidden, absent = [await world.ask(ADA, by_entity.format(name)) for name in ("mine", "none")]
    assert hidden.status_code == absent.status_code == 404
    assert hidden.text.replace("mine", "none") == absent.text


@pytest.mark.parametrize(
    ("permission", "method", "path", "body"),
    [
        (LOCATION_CREATE, "POST", "/locations", {"type": "url", "target": "https://x.example/a.yaml"}),
        (LOCATION_CREATE, "POST", "/locations?dryRun=true", {"type": "url", "target": "https://x.example/a"}),
        (LOCATION_CREATE, "PUT", "/locations/none", {"type": "url", "target": "https://x.example/a.yaml"}),
        (LOCATION_DELETE, "DELETE", "/locations/none", None),
        (LOCATION_ANALYZE, "POST", "/analyze-location", {"location": {"type": "url", "target": "https://x"}}),
        (
            ENTITY_VALIDATE,
            "POST",
            "/validate-entity",
            {"entity": component("new"), "location": "url:https://x"},
        ),
        (OPERATIONS_UPDATE, "POST", "/reindex", None),
        (OPERATIONS_UPDATE, "POST", "/held-back/test/confirm", None),
        (OPERATIONS_UPDATE, "POST", "/held-back/test/reject", None),
        (UNPROCESSED_READ, "GET", "/entities/unprocessed/failed", None),
        (UNPROCESSED_READ, "GET", "/entities/unprocessed/pending", None),
        (UNPROCESSED_DELETE, "DELETE", "/entities/unprocessed/delete/none", None),
        (ENTITY_DELETE, "DELETE", "/entities/by-uid/none", None),
        (ENTITY_REFRESH, "POST", "/refresh", {"entityRef": "component:default/lamp"}),
    ],
)
async def test_everything_else_needs_its_permission(
    world: World, permission: Permission, method: str, path: str, body: Any
) -> None:
    for nobody in (ADA, NOBODY):
        refused = await world.ask(nobody, path, method, json=body)
        assert (refused.status_code, refused.json()["error"]["name"]) == (403, "NotAllowedError")
        assert permission.name in refused.json()["error"]["message"]
    world.rights.give(ADA, permission)
    assert (await world.ask(ADA, path, method, json=body)).status_code != 403


async def test_a_conditional_refresh_and_deletion_hold_to_their_conditions(world: World) -> None:
    world.rights.give(
        ADA, ENTITY_REFRESH, decision=under(rule("HAS_SPEC", key="lifecycle", value="production"))
    )
    world.rights.give(ADA, ENTITY_DELETE, decision=under(RED))
    await world.node.change(component("rotor", owner="red", lifecycle="old"))

    async def refresh(name: str) -> httpx.Response:
        return await world.ask(ADA, "/refresh", "POST", json={"entityRef": f"component:default/{name}"})

    assert (await refresh("lamp")).status_code == 200
    assert (await refresh("rotor")).status_code == 403
    hidden, absent = await refresh("mine"), await refresh("none")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.text.replace("mine", "none") == absent.text
    deletions = [
        await world.ask(ADA, f"/entities/by-uid/{uid}", "DELETE")
        for uid in (await world.uid("mine"), "none", await world.uid("lamp"))
    ]
    assert [one.status_code for one in deletions] == [403, 403, 204]
    assert deletions[0].json()["error"] == deletions[1].json()["error"]
    assert world.node.names("component") == {"mine", "rotor", "safe"}


async def test_who_deletes_what_was_never_processed_deletes_nothing_else(world: World) -> None:
    world.rights.give(ADA, UNPROCESSED_DELETE)
    for uid in (await world.uid("lamp"), await world.uid("mine"), "none"):
        answer = await world.ask(ADA, f"/entities/unprocessed/delete/{uid}", "DELETE")
        assert answer.status_code == 204
    assert world.node.names("component") == {"lamp", "mine", "rotor", "safe"}


async def test_problems_are_those_of_what_is_seen(world: World) -> None:
    rivals = component("lamp"), component("mine")
    await world.node.change(*rivals, provider="other", key="other:key")
    every = (await world.ask(OPEN, "/problems")).json()["items"]
    assert {one.get("entityRef") for one in every} >= {"component:default/lamp", "component:default/mine"}
    shown = (await world.ask(ADA, "/problems")).json()["items"]
    assert {one["entityRef"] for one in shown} == {"component:default/lamp"}
    world.rights.give(ADA, OPERATIONS_READ)
    assert (await world.ask(BOB, "/problems")).json()["items"] == []
