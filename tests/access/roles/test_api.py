from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from callboard.access.principals import SCOPE_KEY, Principal
from callboard.access.roles.api import roles_routes
from callboard.access.roles.policy import RolesPolicy
from callboard.access.roles.service import Roles
from callboard.core.config import load_config
from callboard.core.database import Database
from callboard.core.http import EXCEPTION_HANDLERS
from tests.access.roles.speech import KNOWN, OWNED, Members, grant, role, user

POLICY = "/api/permission/policy"
ROLES = "/api/permission/roles"
ADMIN, READER, STRANGER = user("admin"), user("reader"), user("stranger")
GROUPS = {"user:default/jane": ("user:default/jane", "group:default/dev")}
ENTITIES = {"component:default/crane": {"owner": "group:default/dev", "kind": "Component", "labels": {}}}
DOCUMENT = {
    "roles": [
        role("dev", ["group:default/dev"], grant("catalog.entity.read", conditions=OWNED)),
        role("all", ["*"], grant("catalog.location.*", action="read")),
    ]
}


def as_user(app: ASGIApp, principal: Principal) -> ASGIApp:
    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, SCOPE_KEY: principal}, receive, send)

    return asked


class Site:
    """The routes of the roles, as different users see them."""

    def __init__(self, roles: Roles) -> None:
        app = Starlette(routes=roles_routes(lambda: roles), exception_handlers=EXCEPTION_HANDLERS)
        self._clients = {
            who.subject: httpx.AsyncClient(
                transport=httpx.ASGITransport(as_user(app, who)), base_url="http://portal.example"
            )
            for who in (ADMIN, READER, STRANGER)
        }

    async def ask(
        self, method: str, path: str, status: int = 200, *, who: Principal = ADMIN, **options: Any
    ) -> Any:
        """The JSON of an answer with this status; the answer itself where it has no body."""
        answer = await self._clients[who.subject].request(method, path, **options)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else answer

    async def save(self, document: Any, based_on: int, status: int = 200, **more: Any) -> Any:
        body = {"document": document, "version": based_on, **more}
        return await self.ask("PUT", POLICY, status, json=body)


async def entity(_asker: Principal, _type: str, ref: str) -> Mapping[str, Any] | None:
    return ENTITIES.get(ref)


def config(folder: Path, text: str) -> Any:
    file = folder / "app-config.yaml"
    file.write_text(text)
    return load_config([file], {})


async def opened(url: str, folder: Path, text: str) -> tuple[Site, RolesPolicy, Database]:
    database = Database(url)
    policy = RolesPolicy(database, config(folder, text), lambda: KNOWN)
    await policy.start()
    guard = Members([READER.subject], [ADMIN.subject])
    return Site(Roles(policy, guard, lambda ref: GROUPS.get(ref, ()), entity)), policy, database


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    made, policy, database = await opened(
        database_url, tmp_path, "permission: {roles: {admins: [user:default/root]}}"
    )
    yield made
    await policy.stop()
    await database.close()


async def test_the_document_is_saved_and_comes_back_with_its_version(site: Site) -> None:
    assert (await site.ask("GET", POLICY))["document"] == {"roles": []}
    made = await site.save(DOCUMENT, 0, comment="The first")
    assert (made["version"], made["author"], made["comment"]) == (1, "user:default/admin", "The first")
    found = await site.ask("GET", POLICY, who=READER)
    assert found == {**made, "document": DOCUMENT, "readOnly": None}


async def test_a_change_must_say_what_it_is_based_on(site: Site) -> None:
    await site.ask("PUT", POLICY, 400, json={"document": DOCUMENT})
    await site.ask("PUT", POLICY, 400, json={"document": DOCUMENT}, headers={"if-match": "*"})
    await site.ask("PUT", POLICY, json={"document": DOCUMENT}, headers={"if-match": '"0"'})
    refused = await site.save({"roles": []}, 0, 409)
    assert refused["error"]["name"] == "ConflictError"
    assert "now there is version 1" in refused["error"]["message"]
    assert (await site.ask("GET", POLICY))["document"] == DOCUMENT


async def test_the_etag_saves_an_answer_and_guards_a_change(site: Site) -> None:
    client = site._clients[ADMIN.subject]
    empty = (await client.get(POLICY)).headers["etag"]
    assert (
        await client.put(POLICY, json={"document": DOCUMENT}, headers={"if-match": empty})
    ).status_code == 200
    tag = (await client.get(POLICY)).headers["etag"]
    assert tag == '"1"'
    assert (await client.get(POLICY, headers={"if-none-match": tag})).status_code == 304


async def test_saving_what_is_there_already_makes_no_version(site: Site) -> None:
    await site.save(DOCUMENT, 0)
    assert (await site.save(DOCUMENT, 1))["version"] == 1


async def test_yaml_is_taken_and_its_mistakes_have_lines(site: Site) -> None:
    good = "roles:\n- name: a\n  members: ['*']\n  grants: [{permission: 'catalog.*', effect: allow}]\n"
    headers = {"content-type": "application/yaml", "if-match": '"0"'}
    made = await site.ask("PUT", f"{POLICY}?comment=By+hand", content=good, headers=headers)
    assert (made["version"], made["comment"]) == (1, "By hand")
    bad = good.replace("catalog.*", "catalogue.*").replace("allow", "alow")
    headers["if-match"] = '"1"'
    refused = await site.ask("PUT", POLICY, 400, content=bad, headers=headers)
    lines = refused["error"]["message"].splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["4:40", "roles[0].grants[0].effect"],
        ["4:13", "roles[0].grants[0].permission"],
    ]


@pytest.mark.parametrize("body", [[], {"document": []}, {"document": {"roles": [{}]}}, {"document": None}])
async def test_a_wrong_document_is_refused(site: Site, body: Any) -> None:
    await site.ask("PUT", POLICY, 400, json=body, headers={"if-match": '"0"'})


async def test_a_document_that_is_too_large_is_not_read(site: Site) -> None:
    await site.save({"roles": [], "x": "x" * 2_000_000}, 0, 413)


async def test_versions_are_listed_shown_and_restored(site: Site) -> None:
    await site.save(DOCUMENT, 0)
    await site.save({"roles": []}, 1, comment="Away with it")
    found = (await site.ask("GET", f"{POLICY}/versions"))["items"]
    assert [(one["version"], one["comment"]) for one in found] == [(2, "Away with it"), (1, "")]
    assert (await site.ask("GET", f"{POLICY}/versions?before=2&limit=1"))["items"] == found[1:]
    assert (await site.ask("GET", f"{POLICY}/versions/1"))["document"] == DOCUMENT
    restore = f"{POLICY}/versions/1/restore"
    await site.ask("POST", restore, 409, json={"version": 1})
    await site.ask("POST", restore, 400, json={})
    made = await site.ask("POST", restore, 201, json={"version": 2})
    assert (made["version"], made["comment"]) == (3, "Restored version 1")
    assert (await site.ask("GET", POLICY))["document"] == DOCUMENT
    assert (await site.ask("GET", f"{POLICY}/versions/2"))["document"] == {"roles": []}
    for path in ("/versions/9", "/versions/x", "/versions/0"):
        await site.ask("GET", POLICY + path, 404)
    await site.ask("GET", f"{POLICY}/versions?before=0", 400)


async def test_an_explanation_names_roles_and_grants(site: Site) -> None:
    await site.save(DOCUMENT, 0)
    body = {"user": "jane", "permission": "catalog.entity.read"}
    found = await site.ask("POST", "/api/permission/explain", json=body, who=READER)
    assert (found["user"], found["result"]) == ("user:default/jane", "CONDITIONAL")
    assert [(one["name"], one["because"]) for one in found["roles"]] == [
        ("dev", ["group:default/dev"]),
        ("all", ["*"]),
    ]
    assert found["conditions"]["params"]["claims"] == list(GROUPS["user:default/jane"])
    about = await site.ask(
        "POST", "/api/permission/explain", json={**body, "resourceRef": "component:default/crane"}
    )
    assert (about["result"], about["roles"][0]["grants"][0]["holds"]) == ("ALLOW", True)
    other = await site.ask("POST", "/api/permission/explain", json={**body, "user": "user:default/joe"})
    assert (other["result"], other["roles"][0]["name"]) == ("DENY", "all")
    root = await site.ask("POST", "/api/permission/explain", json={**body, "user": "root"})
    assert root["explanation"].startswith("Allowed: user:default/root stands among permission.roles.admins")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"user": "jane"}, 400),
        ({"user": 7, "permission": "catalog.entity.read"}, 400),
        ({"user": "group:default/dev", "permission": "catalog.entity.read"}, 400),
        ({"user": "jane", "permission": "catalog.entity.reed"}, 400),
        ({"user": "jane", "permission": "policy.read", "resourceRef": "a"}, 400),
        ({"user": "jane", "permission": "catalog.entity.read", "resourceRef": "component:default/no"}, 404),
    ],
)
async def test_what_cannot_be_explained_is_refused(site: Site, body: Any, status: int) -> None:
    await site.ask("POST", "/api/permission/explain", status, json=body)


READS = [
    ("GET", POLICY),
    ("GET", f"{POLICY}/versions"),
    ("GET", f"{POLICY}/versions/1"),
    ("POST", "/api/permission/explain"),
    ("GET", ROLES),
    ("GET", f"{ROLES}/role/default/dev"),
    ("GET", "/api/permission/policies"),
    ("GET", "/api/permission/policies/role/default/dev"),
    ("GET", "/api/permission/plugins/policies"),
    ("GET", "/api/permission/plugins/condition-rules"),
]
WRITES = [
    ("PUT", POLICY),
    ("POST", f"{POLICY}/versions/1/restore"),
    ("POST", ROLES),
    ("PUT", f"{ROLES}/role/default/dev"),
    ("DELETE", f"{ROLES}/role/default/dev"),
    ("DELETE", f"{ROLES}/role/default/dev?memberReferences=group:default/dev"),
]
NEW = {"name": "role:default/new", "memberReferences": ["user:default/jane"]}
DEV = {"name": "role:default/dev", "memberReferences": ["group:default/dev"]}
BODY = {
    "user": "jane",
    "permission": "catalog.entity.read",
    "document": {"roles": []},
    "version": 1,
    **NEW,
    "oldRole": DEV,
    "newRole": NEW,
}


@pytest.mark.parametrize(("method", "path"), [*READS, *WRITES])
async def test_strangers_read_nothing_and_readers_change_nothing(site: Site, method: str, path: str) -> None:
    await site.save(DOCUMENT, 0)
    options: dict[str, Any] = {"json": BODY} if method in ("PUT", "POST") else {}
    await site.ask(method, path, 403, who=STRANGER, **options)
    await site.ask(method, path, 200 if (method, path) in READS else 403, who=READER, **options)
    assert (await site.ask("GET", POLICY))["version"] == 1


async def test_who_may_not_change_learns_nothing_from_mistakes(site: Site) -> None:
    wrong = {"document": {"roles": [role("a", [], grant("catalog.entity.reed"))]}}
    refused = await site.ask("PUT", POLICY, 403, who=STRANGER, json=wrong)
    assert "catalog.entity" not in refused["error"]["message"]


async def test_roles_are_read_and_written_as_the_community_plugin_does(site: Site) -> None:
    await site.save(DOCUMENT, 0)
    assert (await site.ask("GET", ROLES))[0] == {
        "memberReferences": ["group:default/dev"],
        "name": "role:default/dev",
        "metadata": {"source": "rest", "description": None},
    }
    await site.ask("POST", ROLES, 201, json={**NEW, "metadata": {"description": "Quite new"}})
    await site.ask("POST", ROLES, 409, json=NEW)
    (new,) = await site.ask("GET", f"{ROLES}/role/default/new")
    assert new["metadata"]["description"] == "Quite new"
    one = f"{ROLES}/role/default/new"
    more = {**NEW, "memberReferences": ["user:default/jane", "group:default/dev"]}
    await site.ask("PUT", one, json={"oldRole": NEW, "newRole": more})
    await site.ask("PUT", one, 409, json={"oldRole": NEW, "newRole": NEW})
    await site.ask("DELETE", f"{one}?memberReferences=user:default/jane", 204)
    await site.ask("DELETE", f"{one}?memberReferences=user:default/jane", 404)
    (new,) = await site.ask("GET", one)
    assert new["memberReferences"] == ["group:default/dev"]
    await site.ask("PUT", one, 409, json={"oldRole": {**new, "metadata": {}}, "newRole": DEV})
    await site.ask("DELETE", one, 204)
    await site.ask("GET", one, 404)
    assert (await site.ask("GET", POLICY))["document"] == DOCUMENT


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"name": "new", "memberReferences": []},
        {"name": "role:other/new", "memberReferences": []},
        {"name": "role:default/New one", "memberReferences": []},
        {"name": "role:default/new"},
        {"name": "role:default/new", "memberReferences": ["component:default/crane"]},
        {**NEW, "metadata": {"description": 7}},
    ],
)
async def test_a_wrong_role_is_refused(site: Site, body: Any) -> None:
    await site.ask("POST", ROLES, 400, json=body)


async def test_what_roles_grant_is_listed_by_permission(site: Site) -> None:
    await site.save(DOCUMENT, 0)
    (found,) = await site.ask("GET", "/api/permission/policies")
    assert found == {
        "entityReference": "role:default/all",
        "permission": "catalog.location.read",
        "policy": "read",
        "effect": "allow",
        "metadata": {"source": "rest"},
    }
    assert await site.ask("GET", "/api/permission/policies/role/default/dev") == []
    plugins = await site.ask("GET", "/api/permission/plugins/policies")
    assert {"name": "catalog.entity.create", "policy": "create"} in plugins[0]["policies"]
    rules = await site.ask("GET", "/api/permission/plugins/condition-rules")
    assert [one["pluginId"] for one in rules] == ["catalog", "scaffolder"]


async def test_many_changes_of_single_roles_at_once_all_arrive(site: Site) -> None:
    names = [f"role:default/r{number}" for number in range(4)]
    await asyncio.gather(
        *(site.ask("POST", ROLES, 201, json={"name": name, "memberReferences": []}) for name in names)
    )
    assert {one["name"] for one in await site.ask("GET", ROLES)} == set(names)


async def test_roles_of_a_file_can_only_be_read(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text("roles: [{name: dev, members: ['*']}]\n")
    site, policy, database = await opened(
        database_url, tmp_path, "permission:\n  roles:\n    file: roles.yaml\n"
    )
    found = await site.ask("GET", POLICY)
    assert found["document"]["roles"][0]["name"] == "dev"
    assert found["readOnly"].startswith(str(tmp_path / "roles.yaml"))
    refused = await site.save({"roles": []}, 0, 403)
    assert "app-config.yaml:3" in refused["error"]["message"]
    await site.ask("POST", ROLES, 403, json=NEW)
    await policy.stop()
    await database.close()
