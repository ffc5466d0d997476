"""The role pages over a real catalog, on either database."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest

from callboard.access.permissions import PermissionRule
from callboard.access.principals import Principal
from callboard.access.roles.document import Known
from callboard.access.roles.policy import RolesPolicy
from callboard.access.roles.reading import read_policies
from callboard.access.roles.service import PERMISSIONS, Roles
from callboard.catalog import permissions as catalog_permissions
from callboard.core.config import load_config
from callboard.portal.plugins import PLUGINS
from callboard.portal.roles.desk import TABS
from callboard.portal.roles.plugin import PLUGIN
from tests.access.roles.speech import OWNED, Members, grant, role, rule, user
from tests.catalog.nodes import component, entity
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

ADMIN, READER, STRANGER = user("admin"), user("reader"), user("stranger")
JANE = "user:default/jane"
KNOWN = Known((*catalog_permissions.PERMISSIONS, *PERMISSIONS), tuple(catalog_permissions.RULES))
DEV = "/admin/roles/role/dev"
DOCUMENT = {
    "roles": [
        role(
            "dev",
            ["group:default/dev"],
            grant("catalog.entity.read", conditions=OWNED),
            grant("catalog.entity.*", "deny", rule("IS_ENTITY_KIND", kinds=["Group"])),
        ),
        role("all", ["*"], grant("catalog.location.read")),
    ]
}


def main_of(html: str) -> str:
    """What a page holds besides the frame of all pages."""
    return html.partition("<main")[2].partition("</main>")[0]


class Roled:
    """A portal with roles. Who looks is told by a token of the portal; at first it is the admin."""

    def __init__(self, site: Site, policy: RolesPolicy) -> None:
        self.site = site
        self.policy = policy
        self.page, self.post = site.page, site.post

    async def visit(self, who: Principal) -> None:
        """Look at the following pages as this user."""
        token, _ = await self.site.host.access.identity.tokens.issue_user_token(who.subject, who.owns)
        self.site.client.headers["authorization"] = f"Bearer {token}"

    async def text(self, path: str, status: int = 200) -> str:
        """What a person reads on a page, without the markup."""
        html = await self.site.page(path, status)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", main_of(html))).split())

    async def give(self, document: Any = None, comment: str = "") -> None:
        """Make the next version."""
        found = read_policies(DOCUMENT if document is None else document, KNOWN)
        await self.policy.reload()
        based_on = self.policy.about.version
        await self.policy.store.save(found, based_on=based_on, author=ADMIN.subject, comment=comment)
        await self.policy.reload()

    async def form(self, path: str, fields: dict[str, Any], status: int = 303) -> str:
        """Post a form based on the newest version; where it leads, or the page it shows."""
        await self.policy.reload()
        answer = await self.site.post(path, {"version": str(self.policy.about.version), **fields}, status)
        return answer.headers["location"] if status == 303 else unescape(answer.text)


@pytest.fixture
async def roled(open_site: OpenSite) -> AsyncIterator[Roled]:
    plugins = [one for one in PLUGINS if one.id != PLUGIN.id]
    site = await open_site(plugins=[*plugins, PLUGIN])
    runtime = site.node.runtime
    policy = RolesPolicy(runtime.database, load_config([], {}), lambda: KNOWN)
    await policy.start()

    def owns(ref: str) -> tuple[str, ...]:
        return (ref, "group:default/dev") if ref == JANE else ()

    async def resource(_asker: Principal, _type: str, ref: str) -> Any:
        try:
            return await site.node.entity(ref)
        except KeyError:
            return None

    guard = Members([READER.subject], [ADMIN.subject])
    runtime.offers.offer(Roles, Roles(policy, guard, owns, resource))
    made = Roled(site, policy)
    await made.visit(ADMIN)
    yield made
    await policy.stop()


def owned(name: str, owner: str) -> dict[str, Any]:
    made = component(name)
    return {**made, "spec": {**made["spec"], "owner": owner}}


async def test_every_tab_has_its_own_address_and_is_marked_there(roled: Roled) -> None:
    for path, title in TABS:
        page = await roled.page(path)
        assert f'href="{path}" aria-current="page">{title}<' in page
        assert page.count('aria-current="page"') >= 1


async def test_without_roles_the_page_says_what_that_means(roled: Roled) -> None:
    assert "No roles yet" in await roled.text("/admin/roles")
    assert "No versions" in await roled.text("/admin/roles/versions")
    assert "Whose portal?" in await roled.text("/admin/roles/preview")


async def test_a_role_is_made_filled_and_deleted_by_forms(roled: Roled) -> None:
    assert await roled.form("/admin/roles", {"name": "ops"}) == "/admin/roles/role/ops?done=created"
    ops = "/admin/roles/role/ops"
    await roled.form(ops, {"title": "Operators", "description": "Keep it <b>running</b>"})
    await roled.form(f"{ops}/members", {"add": "Group:default/Ops"})
    await roled.form(f"{ops}/members", {"add": "*"})
    await roled.form(f"{ops}/grants/new", {"permission": "catalog.*", "effect": "allow", "action": "read"})
    page = await roled.text(ops)
    for said in ("Operators", "Keep it <b>running</b>", "everyone who is signed in", "allows", "catalog.*"):
        assert said in page
    assert "<b>running" not in await roled.page(ops)
    assert "only to read" in page
    await roled.form(f"{ops}/members", {"remove": "*"})
    assert roled.policy.document.role("ops").members == ("group:default/ops",)
    await roled.form(f"{ops}/delete", {}, 400)
    assert await roled.form(f"{ops}/delete", {"sure": "yes"}) == "/admin/roles?done=deleted"
    assert roled.policy.document.roles == ()
    comments = [one.comment for one in await roled.policy.store.versions()]
    assert comments[0] == "Deleted the role ops"
    assert comments[-1] == "Created the role ops"


async def test_what_is_wrong_with_a_name_or_member_is_told_beside_the_field(roled: Roled) -> None:
    page = await roled.form("/admin/roles", {"name": "Ops Team"}, 400)
    assert 'value="Ops Team"' in page
    assert "must be at most 63 lower-case letters" in page
    await roled.give()
    page = await roled.form(f"{DEV}/members", {"add": "component:default/crane"}, 400)
    assert "is neither a user nor a group" in page
    assert 'aria-invalid="true"' in page
    await roled.form("/admin/roles", {"name": "dev"}, 409)
    await roled.form(f"{DEV}/members", {}, 400)
    await roled.form(f"{DEV}/members", {"remove": "user:default/none"}, 404)


async def test_a_grant_with_wrong_conditions_keeps_what_was_typed_and_names_the_line(roled: Roled) -> None:
    await roled.give()
    typed = (
        "anyOf:\n  - rule: IS_ENTITY_OWNER\n    resourceType: catalog-entity\n    params: {claim: [<x>]}\n"
    )
    fields = {
        "permission": "catalog.entity.read",
        "effect": "allow",
        "conditions": typed.replace("\n", "\r\n"),
    }
    page = await roled.form(f"{DEV}/grants/new", fields, 400)
    assert re.search(r"<b>Line 4, column \d+:</b>", page)
    assert "params: {claim: [<x>]}" in page
    assert "[<x>]" not in (await roled.post(f"{DEV}/grants/new", {"version": "1", **fields}, 400)).text
    assert len(roled.policy.document.role("dev").grants) == 2
    right = typed.replace("claim: [<x>]", "claims: $ownerRefs")
    await roled.form(f"{DEV}/grants/new", {**fields, "conditions": right})
    assert len(roled.policy.document.role("dev").grants) == 3


async def test_conditions_are_checked_while_they_are_typed(roled: Roled) -> None:
    fields = {"permission": "catalog.entity.read", "effect": "allow", "conditions": "anyOf: []"}
    answer = await roled.post("/admin/roles/check", fields, 200, hx_request="true")
    assert "must be a list that is not empty" in answer.text
    assert "<html" not in answer.text
    answer = await roled.post("/admin/roles/check", {**fields, "conditions": ""}, 200, hx_request="true")
    assert "Nothing is wrong with it" in answer.text


async def test_a_grant_is_changed_in_its_place_and_removed(roled: Roled) -> None:
    await roled.give()
    page = await roled.page(f"{DEV}/grants/1")
    assert "rule: IS_ENTITY_OWNER" in page
    await roled.form(f"{DEV}/grants/1", {"permission": "catalog.location.read", "effect": "deny"})
    first, second = roled.policy.document.role("dev").grants
    assert (first.permission, first.effect, first.conditions) == ("catalog.location.read", "deny", None)
    assert second.permission == "catalog.entity.*"
    await roled.form(f"{DEV}/grants/1/remove", {})
    assert roled.policy.document.role("dev").grants == (second,)
    await roled.form(f"{DEV}/grants/7/remove", {}, 404)
    await roled.page(f"{DEV}/grants/7", 404)
    await roled.page("/admin/roles/role/none", 404)


async def test_of_two_editors_the_later_one_is_told(roled: Roled) -> None:
    await roled.give()
    await roled.form(f"{DEV}/members", {"add": "user:default/first"})
    answer = await roled.post(f"{DEV}/members", {"version": "1", "add": "user:default/second"}, 409)
    assert "The roles were changed meanwhile" in answer.text
    await roled.post(f"{DEV}/members", {"add": "user:default/second"}, 400)
    assert roled.policy.document.role("dev").members == ("group:default/dev", "user:default/first")


async def test_versions_show_their_difference_and_come_back(roled: Roled) -> None:
    await roled.give(comment="The first")
    await roled.form(f"{DEV}/members", {"add": JANE})
    await roled.form("/admin/roles/role/all/delete", {"sure": "yes"})
    listed = await roled.text("/admin/roles/versions")
    assert "Deleted the role all" in listed
    assert "The first" in listed
    page = await roled.text("/admin/roles/versions/2")
    assert f"dev.members {JANE}" in page
    assert "Bring it back" in page
    assert "grants allow catalog.location.read" in page
    location = await roled.form("/admin/roles/versions/2", {"comment": "It was needed"})
    assert location == "/admin/roles/versions/4?done=restored"
    assert [one.name for one in roled.policy.document.roles] == ["dev", "all"]
    assert "It was needed" in await roled.text("/admin/roles/versions")
    await roled.post("/admin/roles/versions/1", {"version": "2"}, 409)
    await roled.page("/admin/roles/versions/9", 404)


async def test_the_preview_explains_a_conditional_decision_and_counts(roled: Roled) -> None:
    await roled.site.give(
        owned("crane", "group:default/dev"),
        owned("hoist", "group:default/ops"),
        entity("Group", "dev", type="team", children=[]),
        entity("User", "jane", memberOf=["dev"]),
    )
    await roled.give()
    page = await roled.text("/admin/roles/preview?user=jane&permission=catalog.entity.read")
    assert "Allowed under conditions" in page
    assert 'where the conditions of role "dev" hold, but not where those that role "dev" denies hold' in page
    assert "Grant 1: allow catalog.entity.read where IS_ENTITY_OWNER(claims: [$ownerRefs])" in page
    assert "Grant 2: deny catalog.entity.* where IS_ENTITY_KIND(kinds: [Group])" in page
    assert "nothing about this permission" in page
    assert re.search(r"Component 1 2 Group 0 1 User 0 1", page)
    about = "/admin/roles/preview?user=jane&permission=catalog.entity.read&entity="
    own = await roled.text(about + "crane")
    assert 'Allowed: the conditions of role "dev" hold.' in own
    assert "does not hold here" in own
    assert "Denied" in await roled.text(about + "component:default/hoist")
    assert 'role "dev" denies it' in await roled.text(about + "group:default/dev")


async def test_the_preview_of_what_needs_no_conditions(roled: Roled) -> None:
    await roled.site.give(component("crane"))
    await roled.give({"roles": [role("all", ["*"], grant("catalog.entity.read"))]})
    page = await roled.text("/admin/roles/preview?user=joe&permission=catalog.entity.read")
    assert 'Allowed by role "all".' in page
    assert "The catalog has no such user" in page
    assert "Component 1 1" in page
    denied = await roled.text("/admin/roles/preview?user=joe&permission=catalog.entity.delete")
    assert "Denied: no role of the user says anything" in denied
    assert "Component 0 1" in denied


@pytest.mark.parametrize(
    "query",
    [
        "user=jane&permission=catalog.entity.reed",
        "user=group:default/dev&permission=catalog.entity.read",
        "user=<script>alert:x&permission=catalog.entity.read",
        "user=jane&permission=catalog.entity.read&entity=component:default/none",
        "user=jane&permission=catalog.entity.read&entity=a:",
        "user=jane&permission=policy.read&entity=component:default/none",
    ],
)
async def test_a_preview_of_what_is_not_there_says_so(roled: Roled, query: str) -> None:
    page = await roled.page(f"/admin/roles/preview?{query}", 400)
    assert 'class="wrong"' in page
    assert "<script>alert" not in page


PAGES = [
    "/admin/roles",
    DEV,
    "/admin/roles/versions",
    "/admin/roles/versions/1",
    "/admin/roles/preview?user=jane",
]
FORMS = [
    ("/admin/roles", {"name": "new"}),
    (DEV, {"title": "x"}),
    (f"{DEV}/members", {"add": "*"}),
    (f"{DEV}/delete", {"sure": "yes"}),
    (f"{DEV}/grants/new", {"permission": "*", "effect": "allow"}),
    (f"{DEV}/grants/1", {"permission": "*", "effect": "allow"}),
    (f"{DEV}/grants/1/remove", {}),
    ("/admin/roles/versions/1", {}),
    ("/admin/roles/check", {"permission": "*"}),
]


async def test_a_stranger_sees_nothing_and_a_reader_changes_nothing(roled: Roled) -> None:
    await roled.give()
    for path in PAGES:
        for who, status in ((STRANGER, 403), (READER, 200)):
            await roled.visit(who)
            page = await roled.page(path, status)
            assert 'method="post"' not in main_of(page)
    for who in (STRANGER, READER):
        await roled.visit(who)
        for path in (f"{DEV}/grants/new", f"{DEV}/grants/1"):
            await roled.page(path, 403)
        for path, fields in FORMS:
            await roled.form(path, fields, 403)
    assert roled.policy.about.version == 1


async def test_a_form_of_another_site_changes_nothing(roled: Roled) -> None:
    await roled.give()
    for path, fields in FORMS:
        await roled.post(path, {"version": "1", **fields}, 403, sec_fetch_site="cross-site")
    assert roled.policy.about.version == 1


async def test_every_field_has_a_label_and_every_button_a_name(roled: Roled) -> None:
    await roled.give()
    for path in (*PAGES, f"{DEV}/grants/new"):
        main = main_of(await roled.page(path))
        labelled = set(re.findall(r'<label for="([^"]+)"', main))
        for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", main):
            kind = re.search(r'type="(\w+)"', field)
            if kind is None or kind[1] not in ("hidden", "radio", "checkbox"):
                found = re.search(r' id="([^"]+)"', field)
                assert found, field
                assert found[1] in labelled, field
        ids = re.findall(r' id="([^"]+)"', main)
        assert len(ids) == len(set(ids)), path


def test_rules_of_the_catalog_are_rules() -> None:
    assert all(isinstance(one, PermissionRule) for one in catalog_permissions.RULES)
