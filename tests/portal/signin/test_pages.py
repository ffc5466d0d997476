"""The pages of sign-in: what they offer, what they say, and where they lead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import unescape
from typing import Any

import pytest

from callboard.portal.plugins import PLUGINS
from callboard.portal.signin.plugin import PLUGIN
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

WITH_SIGNIN = (*(one for one in PLUGINS if one.id != PLUGIN.id), PLUGIN)
GITHUB = {
    "clientId": "portal",
    "clientSecret": "canary-of-the-secret",
    "signIn": {"resolvers": [{"resolver": "usernameMatchingUserEntityName"}]},
}


def config_of(providers: Mapping[str, Any]) -> dict[str, str]:
    return {
        "auth_providers": json.dumps(providers),
        "app_baseUrl": "http://portal.example",
        "backend_baseUrl": "http://portal.example",
    }


@pytest.fixture
async def site(open_site: OpenSite) -> Site:
    providers = {"github": {"development": GITHUB}, "guest": {}}
    return await open_site(plugins=WITH_SIGNIN, config=config_of(providers))


async def test_every_provider_is_a_link_that_works_without_scripts(site: Site) -> None:
    text = unescape(await site.page("/sign-in?from=/catalog%3Fa%3Db"))
    query = "env=development&flow=redirect&redirectUrl=%2Fcatalog%3Fa%3Db"
    assert f'href="/api/auth/github/start?{query}"' in text
    assert f'href="/api/auth/guest/start?{query}"' in text
    assert "Sign in with GitHub" in text
    assert "Enter as a guest" in text
    assert "<script" not in text
    assert "canary" not in text


async def test_the_page_shows_nothing_of_the_portal(site: Site) -> None:
    text = await site.page("/sign-in")
    assert "sidebar" not in text
    assert "/catalog" not in text


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/sign-out",
        "/sign-in?from=/x",
    ],
)
async def test_the_way_back_is_never_another_site(site: Site, back: str) -> None:
    answer = await site.client.get("/sign-in", params={"from": back})
    assert "redirectUrl=%2F&" in unescape(answer.text) + "&" or 'redirectUrl=%2F"' in unescape(answer.text)
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    ("code", "status"), [("refused", 401), ("expired", 401), ("denied", 401), ("limit", 429)]
)
async def test_a_failed_sign_in_is_said_clearly(site: Site, code: str, status: int) -> None:
    text = await site.page(f"/sign-in?error={code}", status)
    assert 'role="alert"' in text


async def test_an_invented_error_is_not_shown(site: Site) -> None:
    text = await site.page("/sign-in?error=<b>pwned</b>")
    assert "pwned" not in text
    assert 'role="alert"' not in text


async def test_without_providers_the_page_says_so(open_site: OpenSite) -> None:
    site = await open_site(plugins=WITH_SIGNIN)
    assert "No way to sign in is configured" in await site.page("/sign-in")


async def test_nobody_is_asked_to_sign_out_who_is_not_signed_in(site: Site) -> None:
    answer = await site.client.get("/sign-out")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?from=/sign-out"


async def test_the_page_to_sign_out_says_when_there_is_nobody(open_site: OpenSite) -> None:
    site = await open_site(plugins=WITH_SIGNIN)
    assert "You are not signed in." in await site.page("/sign-out")
