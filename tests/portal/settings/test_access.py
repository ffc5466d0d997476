"""The settings of somebody who is signed in: sessions, access tokens, and what is theirs everywhere."""

from __future__ import annotations

import re

import pytest

from callboard.access.identity.cookies import SESSION_COOKIE
from callboard.access.identity.sessions import Facts
from tests.catalog.nodes import component, entity
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

JANE = "user:default/jane"


async def sign_in(site: Site, user: str = JANE, agent: str = "Firefox") -> str:
    """The client is signed in from now on; the id of the session."""
    identity = site.host.access.identity
    session, cookie = await identity.sessions.create(
        user, [user], profile={}, provider="test", facts=Facts(agent, "10.0.0.7")
    )
    site.client.cookies.set(SESSION_COOKIE, cookie)
    return session.id


@pytest.fixture
async def mine(site: Site) -> Site:
    await site.give(
        entity("User", "jane", profile={"displayName": "Jane Doe"}, memberOf=["crew"]),
        entity("Group", "crew", type="team", children=[]),
        component("shop", owner="crew"),
    )
    await sign_in(site)
    return site


async def test_the_header_names_who_is_signed_in(mine: Site) -> None:
    text = await mine.page("/")
    assert "Jane Doe" in text
    assert 'href="/catalog/default/user/jane"' in text
    assert re.search(r'<form method="post" action="/sign-out"', text)
    assert 'href="/catalog/default/component/shop"' in text, "what my group owns is mine"


async def test_nobody_signed_in_is_offered_to_where_it_is_configured(open_site: OpenSite) -> None:
    config = {
        "auth_providers_guest": "{}",
        "backend_auth_dangerouslyDisableDefaultAuthPolicy": "true",
    }
    site = await open_site(config=config)
    assert 'href="/sign-in?from=%2Fcatalog%3Flimit%3D50"' in await site.page("/catalog?limit=50")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_without_providers_there_is_nothing_to_sign_in_to(site: Site) -> None:
    text = await site.page("/settings")
    assert "/sign-in" not in text
    assert "settings-tokens" not in text


async def test_who_signed_in_cannot_say_to_be_another(mine: Site) -> None:
    assert "You are signed in as" in await mine.page("/settings")
    await mine.post("/settings", {"me": "jane"}, 400)


async def test_sessions_are_listed_and_ended(mine: Site) -> None:
    there = await sign_in(mine, agent="<b>Opera</b>")
    here = await sign_in(mine, agent="Safari")
    text = await mine.page("/settings")
    assert "&lt;b&gt;Opera&lt;/b&gt;" in text
    assert text.count('action="/settings/sessions"') == 4
    await mine.post("/settings/sessions", {"id": there})
    await mine.post("/settings/sessions", {"id": there}, 404)
    others = await sign_in(mine, "user:default/bob")
    await mine.post("/settings/sessions", {"id": here}, 404)
    assert await mine.host.access.identity.sessions.read(here) is not None, "nobody ends another's"
    await sign_in(mine)
    await mine.post("/settings/sessions", {"all": "yes"})
    left = await mine.host.access.identity.sessions.of(JANE)
    assert [one.user_agent for one in left] == ["Firefox"]
    assert await mine.host.access.identity.sessions.read(others) is not None
    await mine.page("/settings")


async def test_a_token_is_made_shown_once_used_and_revoked(mine: Site) -> None:
    answer = await mine.post("/settings/tokens", {"name": "deploy", "scope": "read", "days": "30"}, 200)
    assert answer.headers["cache-control"] == "no-store"
    found = re.search(r"cbp_[0-9a-f]{24}_[A-Za-z0-9_-]{43}", answer.text)
    assert found
    text = await mine.page("/settings")
    assert "deploy" in text
    assert "cbp_" not in text
    bearer = {"authorization": f"Bearer {found[0]}"}
    mine.client.cookies.clear()
    assert (await mine.client.get("/api/catalog/entities", headers=bearer)).status_code == 200
    refused = await mine.client.post(
        "/settings/tokens", data={"name": "x", "scope": "write", "days": "30"}, headers=bearer
    )
    assert refused.status_code in (401, 403), "a token makes no tokens"
    await sign_in(mine)
    token = (await mine.host.access.identity.personal.of(JANE))[0]
    await mine.post("/settings/tokens/revoke", {"id": token.id})
    await mine.post("/settings/tokens/revoke", {"id": token.id}, 404)
    mine.client.cookies.clear()
    assert (await mine.client.get("/api/catalog/entities", headers=bearer)).status_code == 401


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "scope": "read", "days": "30"},
        {"name": "a", "days": "30"},
        {"name": "a", "scope": "admin", "days": "30"},
        {"name": "a", "scope": "read", "days": "100000"},
        {"name": "a", "scope": "read", "days": "soon"},
        {"name": "a", "scope": "read"},
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_token_that_cannot_be_made_is_said(mine: Site, form: dict[str, str]) -> None:
    answer = await mine.post("/settings/tokens", form, 400)
    assert 'class="wrong"' in answer.text
    assert await mine.host.access.identity.personal.of(JANE) == []


async def test_the_forms_are_for_those_who_are_signed_in(site: Site) -> None:
    for path in ("/settings/sessions", "/settings/tokens", "/settings/tokens/revoke"):
        await site.post(path, {"id": "x", "name": "a", "scope": "read", "days": "30"}, 403)
