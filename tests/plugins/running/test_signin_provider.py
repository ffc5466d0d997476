"""A way to sign in that a plugin brings: configured, used, and left out when the plugin is off."""

from __future__ import annotations

import json

import pytest
from starlette.datastructures import Headers

from callboard.access.signin import SignInProvider
from callboard.access.signin.entry import Entry
from callboard.access.signin.profile import Profile
from callboard.access.signin.provider import ProxiedProvider
from callboard.core.errors import ConfigError
from callboard.plugins import Plugin
from callboard.portal.plugins import PLUGINS
from tests.catalog.nodes import entity
from tests.portal.conftest import OpenSite


async def by_badge(headers: Headers) -> Profile:
    return Profile(subject=headers["x-badge"], username=headers["x-badge"])


def read(entry: Entry) -> ProxiedProvider:
    resolvers = entry.resolvers()
    return ProxiedProvider(entry.id, "Badge", entry.networks("trustedAddresses"), by_badge, resolvers)


BADGE = Plugin("badge", "Badge", (SignInProvider("badge", read),))
GIVEN = {
    "trustedAddresses": ["127.0.0.1"],
    "signIn": {"resolvers": [{"resolver": "usernameMatchingUserEntityName"}]},
}
CONFIG = {"auth_providers": json.dumps({"badge": GIVEN})}


async def test_people_sign_in_by_the_provider_of_a_plugin(open_site: OpenSite) -> None:
    site = await open_site(plugins=[*PLUGINS, BADGE], config=CONFIG)
    await site.give(entity("User", "ada", profile={}, memberOf=[]))
    assert "Badge" in await site.page("/sign-in")
    assert (await site.client.get("/api/catalog/entities")).status_code == 401
    answer = await site.client.get("/api/auth/badge/refresh", headers={"x-badge": "ada"})
    identity = answer.json()["backstageIdentity"]["identity"]
    assert identity["userEntityRef"] == "user:default/ada"
    assert (await site.client.get("/api/catalog/entities")).status_code == 200
    site.host._plugins = PLUGINS  # as when it is removed
    await site.host.renew()
    assert (await site.client.get("/api/auth/badge/refresh")).status_code == 404
    assert "Badge" not in await site.page("/sign-in")
    site.host._plugins = [*PLUGINS, BADGE]
    await site.host.renew()
    assert (await site.client.get("/api/auth/badge/refresh", headers={"x-badge": "ada"})).status_code == 200


async def test_a_provider_that_no_plugin_has_is_a_mistake_with_its_place(open_site: OpenSite) -> None:
    with pytest.raises(ConfigError, match=r"auth\.providers\.badge: there is no such provider"):
        await open_site(config=CONFIG)
