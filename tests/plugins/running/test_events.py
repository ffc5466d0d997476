"""Events reach the plugins that subscribed: from source hosts by signature, and from the catalog itself."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable

import httpx
import orjson
import pytest

from callboard.plugins import Plugin, PluginContext
from callboard.plugins.contributions import Event, EventSubscriber
from callboard.portal.plugins import PLUGINS
from tests.catalog.nodes import component
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

SECRET = "a secret of the webhook"
CONFIG = {
    "auth_providers_guest": "{}",
    "events_http_topics": '["deploys"]',
    "events_modules_github_webhookSecret": SECRET,
}


class Heard:
    """What a subscriber was given; it fails for events that say so."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def handle(self, _: PluginContext, event: Event) -> None:
        if event.payload == {"fail": True}:
            raise RuntimeError("no")
        self.events.append(event)

    def plugin(self, *topics: str) -> Plugin:
        return Plugin("ears", "Ears", (EventSubscriber("all", topics, self.handle),))


async def until(done: Callable[[], bool]) -> None:
    for _ in range(200):
        if done():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen within 4 s")


async def github(site: Site, payload: object, secret: str = SECRET) -> httpx.Response:
    body = orjson.dumps(payload)
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/json",
        "x-github-event": "push",
        "x-hub-signature-256": f"sha256={signature}",
        "accept": "application/json",
    }
    return await site.client.post("/api/events/http/github", content=body, headers=headers)


async def test_a_signed_event_reaches_its_subscribers_and_no_other(open_site: OpenSite) -> None:
    heard = Heard()
    site = await open_site(plugins=[*PLUGINS, heard.plugin("github")], config=CONFIG)
    answer = await github(site, {"ref": "main"})
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    await until(lambda: bool(heard.events))
    assert heard.events[0].payload == {"ref": "main"}
    assert heard.events[0].metadata["x-github-event"] == "push"
    assert "x-hub-signature-256" not in heard.events[0].metadata


@pytest.mark.parametrize(("topic", "status"), [("github", 403), ("deploys", 401), ("unknown", 401)])
async def test_an_event_that_nobody_answers_for_is_refused(
    open_site: OpenSite, topic: str, status: int
) -> None:
    heard = Heard()
    site = await open_site(plugins=[*PLUGINS, heard.plugin("github", "deploys")], config=CONFIG)
    answer = await site.client.post(
        f"/api/events/http/{topic}", json={}, headers={"accept": "application/json"}
    )
    assert answer.status_code == status
    if topic == "github":
        assert (await github(site, {}, "another secret")).status_code == 403
    assert heard.events == []


async def test_a_subscriber_that_fails_hears_the_next_event(open_site: OpenSite) -> None:
    heard = Heard()
    site = await open_site(plugins=[*PLUGINS, heard.plugin("github")], config=CONFIG)
    await github(site, {"fail": True})
    await github(site, {"fail": False})
    await until(lambda: bool(heard.events))
    assert site.host.live.health.of("ears").failures == 1


async def test_a_change_of_the_catalog_is_told(open_site: OpenSite) -> None:
    heard = Heard()
    site = await open_site(plugins=[*PLUGINS, heard.plugin("catalog.entity")])
    await site.give(component("lamp"))
    await until(lambda: any(one.payload["entityRef"] == "component:default/lamp" for one in heard.events))
    await site.give()
    await until(lambda: heard.events[-1].payload["operation"] == "delete")
