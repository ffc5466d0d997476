"""Who may see and do what with plugins, on pages and over the API; and what the audit log keeps of it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from callboard.access.audit.filters import read_filter
from callboard.access.permissions import ALLOWED, DENIED, Decision, Permission, PolicyContribution
from callboard.access.principals import Principal
from callboard.plugins import Plugin
from callboard.plugins.admin import without_secrets
from callboard.testing.portal import Visitor, client_of
from tests.portal.platform.conftest import Open
from tests.portal.platform.reading import main_of
from tests.portal.platform.test_failing import FAILING
from tests.portal.platform.wheels import made
from tests.portal.site import Site

MAY = {
    "user:default/reader": {"plugins.read", "plugins.task.read"},
    "user:default/keeper": {"plugins.read", "plugins.update"},
    "user:default/stranger": set(),
}


class ByName:
    version = 1

    async def handle(self, permission: Permission, user: Principal) -> Decision:
        return ALLOWED if permission.name in MAY[user.subject] else DENIED


POLICY = Plugin(
    id="by-name", title="By name", contributions=(PolicyContribution("by-name", lambda _: ByName()),)
)
PAGES = ("/admin/plugins", "/admin/plugins/failing")
Request = tuple[str, str, dict[str, Any] | None]
INSTALLING: list[Request] = [
    ("POST", "/plan", {"source": "x"}),
    ("POST", "/upload", None),
    ("POST", "", {"source": "x", "fingerprint": "y"}),
    ("DELETE", "/failing", None),
]
CHANGING: list[Request] = [
    ("POST", "/failing/enable", None),
    ("POST", "/failing/disable", None),
    ("PUT", "/failing/config", {"config": None}),
]
READING: list[Request] = [("GET", "", None), ("GET", "/failing", None), ("GET", "/tasks", None)]
FORMS = [
    ("/admin/plugins/failing/enable", {}),
    ("/admin/plugins/failing/disable", {}),
    ("/admin/plugins/failing/config", {"reset": "yes"}),
    ("/admin/plugins/failing/remove", {"sure": "yes"}),
    ("/admin/plugins/failing/tasks/late/run", {}),
    ("/admin/plugins/install/plan", {"source": "x"}),
    ("/admin/plugins/install", {"source": "x", "fingerprint": "y"}),
]


async def as_user(site: Site, ref: str) -> httpx.AsyncClient:
    token, _ = await site.host.access.identity.tokens.issue_user_token(ref, (ref,), live=False)
    return client_of(site.host, authorization=f"Bearer {token}")


@pytest.fixture
async def guarded(portal: Open) -> Site:
    return await portal(FAILING, POLICY, permission_enabled="true", permission_policy="by-name")


async def asked(client: httpx.AsyncClient, method: str, path: str, json: Any) -> int:
    return (await client.request(method, f"/api/plugins{path}", json=json)).status_code


async def test_a_stranger_sees_and_does_nothing(guarded: Site) -> None:
    async with await as_user(guarded, "user:default/stranger") as client:
        visitor = Visitor(client)
        for path in (*PAGES, "/admin/plugins/none", "/admin/plugins/install"):
            await visitor.page(path, 403)
        for path, fields in FORMS:
            await visitor.post(path, fields, 403)
        for one in (*READING, *CHANGING, *INSTALLING):
            assert await asked(client, *one) == 403, one
        assert "/admin/plugins" not in await visitor.page("/")


async def test_a_reader_is_offered_no_form_and_changes_nothing(guarded: Site) -> None:
    async with await as_user(guarded, "user:default/reader") as client:
        visitor = Visitor(client)
        for path in PAGES:
            page = main_of(await visitor.page(path))
            assert 'method="post"' not in page
            assert "/admin/plugins/install" not in page
        for path, fields in FORMS:
            await visitor.post(path, fields, 403)
        for one in READING:
            assert await asked(client, *one) == 200, one
        for one in (*CHANGING, *INSTALLING):
            assert await asked(client, *one) == 403, one


async def test_who_may_update_may_not_install(guarded: Site) -> None:
    async with await as_user(guarded, "user:default/keeper") as client:
        for one in INSTALLING:
            assert await asked(client, *one) == 403, one
        assert await asked(client, "GET", "/tasks", None) == 403
        await Visitor(client).page("/admin/plugins/install", 403)


async def test_installing_can_be_switched_off_for_everybody(portal: Open) -> None:
    site = await portal(FAILING, plugins_install_enabled="false")
    await site.page("/admin/plugins/install", 403)
    assert "/admin/plugins/install" not in main_of(await site.page("/admin/plugins"))
    for one in INSTALLING:
        assert await asked(site.client, *one) == 403, one
    for path, fields in FORMS:
        if "install" in path or "remove" in path:
            await site.post(path, fields, 403)
    await site.page("/admin/plugins/failing")


async def test_a_form_of_another_site_changes_nothing(portal: Open) -> None:
    site = await portal(FAILING)
    for path, fields in FORMS:
        await site.post(path, fields, 403, sec_fetch_site="cross-site")


async def test_a_part_of_callboard_is_neither_switched_off_nor_removed(portal: Open) -> None:
    site = await portal()
    page = main_of(await site.page("/admin/plugins/catalog"))
    assert "/admin/plugins/catalog/disable" not in page
    assert "/admin/plugins/catalog/remove" not in page
    await site.post("/admin/plugins/catalog/disable", {}, 400)
    await site.post("/admin/plugins/catalog/remove", {"sure": "yes"}, 404)


async def test_every_change_is_written_down_with_its_outcome(portal: Open) -> None:
    one = made()
    site = await portal(FAILING)
    headers = {"content-type": "application/octet-stream", "x-filename": one.filename}
    sent = (await site.client.post("/api/plugins/upload", content=one.content, headers=headers)).json()
    plan = (await site.client.post("/api/plugins/plan", json={"source": sent["source"]})).json()
    body = {"source": sent["source"], "fingerprint": plan["fingerprint"]}
    await site.client.post("/api/plugins", json=body)
    await site.client.put(f"/api/plugins/{one.id}/config", json={"config": {"token": "canary"}})
    await site.post(f"/admin/plugins/{one.id}/disable", {})
    await site.post(f"/admin/plugins/{one.id}/remove", {"sure": "yes"})
    await site.post("/admin/plugins/catalog/disable", {}, 400)
    found: dict[tuple[str, str], Any] = {}
    for _ in range(100):
        events, _more = await site.host.access.audit.store.find(read_filter({}))
        found = {(event.event, event.plugin): event for event in events}
        if len(found) >= 6:
            break
        await asyncio.sleep(0.05)
    assert {
        ("plugin-install", one.id),
        ("plugin-configure", one.id),
        ("plugin-disable", one.id),
        ("plugin-remove", one.id),
        ("plugin-disable", "catalog"),
    } <= found.keys()
    assert found["plugin-install", one.id].meta["version"] == "1.0"
    assert found["plugin-install", one.id].severity == "high"
    assert found["plugin-disable", "catalog"].status == "failed"
    assert "canary" not in str(found)


def test_a_secret_is_hidden_wherever_a_schema_may_hold_it() -> None:
    password = {"type": "string", "format": "password"}
    schema = {
        "properties": {
            "one": {"oneOf": [{"properties": {"a": {}}}, {"properties": {"key": password}}]},
            "pair": {"prefixItems": [{"type": "string"}, password]},
            "many": {"items": password},
            "named": {"additionalProperties": password},
            "any": {"anyOf": [password, {"type": "null"}]},
        }
    }
    value = {
        "one": {"a": "x", "key": "pssst"},
        "pair": ["user", "pssst"],
        "many": ["pssst"],
        "named": {"x": "pssst"},
        "any": "pssst",
        "other": "open",
    }
    hidden = without_secrets(value, schema)
    assert "pssst" not in str(hidden)
    assert hidden["other"] == "open"
    assert hidden["one"]["a"] == "x"
