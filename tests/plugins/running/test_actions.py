"""Actions are listed and invoked as Backstage's clients do; who is not allowed does not see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard.access.actions import Action, Call
from callboard.access.permissions import Permission
from callboard.plugins import Plugin
from callboard.portal.plugins import PLUGINS
from tests.portal.conftest import OpenSite

BASE = "/api/lighthouse/.backstage/actions"
JSON = {"accept": "application/json", "content-type": "application/json"}
SCHEMA = {"type": "object", "properties": {"times": {"type": "integer"}}, "required": ["times"]}


async def flash(call: Call) -> Mapping[str, Any]:
    return {"who": call.principal.name, "flashes": "*" * call.input["times"]}


async def broken(_: Call) -> Mapping[str, Any]:
    raise RuntimeError("the lamp is out")


def lighthouse(permission: Permission | None = None) -> Plugin:
    return Plugin(
        "lighthouse",
        "Lighthouse",
        (
            Action("flash", "Flash", "Flashes.", SCHEMA, {}, flash, read_only=True, permission=permission),
            Action("broken", "Broken", "Fails.", {"type": "object"}, {}, broken),
        ),
    )


async def test_an_action_is_listed_and_invoked(open_site: OpenSite) -> None:
    site = await open_site(plugins=[*PLUGINS, lighthouse()])
    listed = (await site.client.get(f"{BASE}/v1/actions", headers=JSON)).json()["actions"]
    assert [one["id"] for one in listed] == ["lighthouse:flash", "lighthouse:broken"]
    assert listed[0]["attributes"] == {"destructive": False, "idempotent": True, "readOnly": True}
    path = f"{BASE}/v1/actions/lighthouse:flash/invoke"
    answer = await site.client.post(path, json={"times": 3}, headers=JSON)
    assert answer.json() == {"output": {"who": "callboard:open", "flashes": "***"}}
    second = await site.client.post(
        path.replace("/v1/", "/v2/"), json={"input": {"times": 1}, "secrets": {}}, headers=JSON
    )
    assert second.json()["output"]["flashes"] == "*"


async def test_wrong_input_is_refused_and_a_failure_is_the_plugins(open_site: OpenSite) -> None:
    site = await open_site(plugins=[*PLUGINS, lighthouse()])
    wrong = await site.client.post(
        f"{BASE}/v1/actions/lighthouse:flash/invoke", json={"times": "x"}, headers=JSON
    )
    assert wrong.status_code == 400
    assert "times" in wrong.json()["error"]["message"]
    failed = await site.client.post(f"{BASE}/v1/actions/lighthouse:broken/invoke", json={}, headers=JSON)
    assert failed.status_code == 500
    assert "lamp" not in failed.text
    assert site.host.live.health.state("lighthouse") == "unhealthy"


async def test_who_is_not_allowed_does_not_see_an_action(open_site: OpenSite) -> None:
    config = {
        "auth_providers_guest": "{}",
        "permission_enabled": "true",
        "permission_policy": "deny-all",
    }
    plugin = lighthouse(Permission("lighthouse.flash", "update"))
    site = await open_site(plugins=[*PLUGINS, plugin], config=config)
    await site.client.get("/api/auth/guest/start?flow=redirect&redirectUrl=/")
    headers = {**JSON, "origin": "http://portal.example"}
    listed = (await site.client.get(f"{BASE}/v1/actions", headers=headers)).json()["actions"]
    assert [one["id"] for one in listed] == ["lighthouse:broken"]
    answer = await site.client.post(
        f"{BASE}/v1/actions/lighthouse:flash/invoke", json={"times": 1}, headers=headers
    )
    unknown = await site.client.post(f"{BASE}/v1/actions/none/invoke", json={}, headers=headers)
    assert (answer.status_code, unknown.status_code) == (404, 404)
