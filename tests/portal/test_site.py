from __future__ import annotations

import re

import pytest
from starlette.responses import Response

from callboard.plugins import Plugin, Registry
from callboard.portal.plugins import PLUGINS
from callboard.web.assets import Assets
from callboard.web.contributions import Page
from callboard.web.view import View
from tests.catalog.nodes import component
from tests.portal.conftest import OpenSite
from tests.portal.site import Site


async def test_every_page_forbids_what_it_does_not_load(site: Site) -> None:
    answer = await site.client.get("/settings")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", answer.text)


async def test_every_page_loads_from_here_only(site: Site) -> None:
    text = await site.page("/settings")
    loaded = re.findall(r'(?:src|href)="([^"#]+)', text)
    assert loaded
    assert all(url.startswith("/") and not url.startswith("//") for url in loaded)


async def test_an_unknown_path_is_a_page_for_people_and_empty_for_clients(site: Site) -> None:
    assert "Open the catalog" in await site.page("/nowhere", status=404)
    answer = await site.client.get("/nowhere", headers={"accept": "application/json"})
    assert (answer.status_code, answer.content) == (404, b"")
    answer = await site.client.get("/api/catalog/nowhere")
    assert (answer.status_code, answer.content) == (404, b"")


async def test_a_hostile_path_is_escaped_on_its_error_page(site: Site) -> None:
    text = await site.page("/%3Cscript%3Ealert(1)%3C/script%3E", status=404)
    assert "<script>alert" not in text


async def test_a_page_that_fails_says_so_and_tells_nothing(open_site: OpenSite) -> None:
    async def broken(_: View) -> Response:
        raise RuntimeError("the secret is 42")

    plugin = Plugin("broken", "Broken", (Page("/broken", broken),))
    site = await open_site(plugins=(*PLUGINS, plugin))
    text = await site.page("/broken", status=500)
    assert "Something broke" in text
    assert "secret" not in text
    incident = site.host.live.health.of("broken").incidents[-1]
    assert (incident.where, incident.message) == ("the page /broken", "RuntimeError: the secret is 42")
    assert site.host.live.health.state("broken") == "unhealthy"
    assert site.host.live.health.state("home") == "healthy"


def test_two_plugins_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="twin"):
        Registry([Plugin("twin", "One"), Plugin("twin", "Another")])


async def test_a_star_is_set_and_removed(site: Site) -> None:
    await site.give(component("shop"))
    ref = "component:default/shop"
    answer = await site.post(
        "/-/star", {"ref": ref, "starred": "yes"}, referer="http://portal.example/catalog?x=1"
    )
    assert answer.headers["location"] == "/catalog?x=1"
    assert "shop" in await site.page("/")
    answer = await site.post("/-/star", {"ref": ref, "starred": "no"}, 200, hx_request="true")
    assert 'aria-pressed="false"' in answer.text
    await site.post("/-/star", {"ref": "component:default/none", "starred": "yes"}, 404)


async def test_a_form_leads_back_to_no_other_site(site: Site) -> None:
    await site.give(component("shop"))
    form = {"ref": "component:default/shop", "starred": "yes"}
    for referer in ("https://evil.example/catalog", "http://portal.example//evil.example"):
        answer = await site.post("/-/star", form, referer=referer)
        location = answer.headers["location"]
        assert location.startswith("/")
        assert not location.startswith("//")


async def test_a_form_of_another_site_is_refused(site: Site) -> None:
    await site.give(component("shop"))
    form = {"ref": "component:default/shop", "starred": "yes"}
    await site.post("/-/star", form, 403, sec_fetch_site="cross-site")


async def test_a_form_that_is_not_text_is_refused(site: Site) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    answer = await site.client.post("/-/star", content=b"ref=%ff%fe", headers=headers)
    assert answer.status_code == 400


async def test_the_components_are_shown_in_development_only(
    site: Site, open_site: OpenSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.page("/_components", 404)
    monkeypatch.setenv("CALLBOARD_DEVELOPMENT", "1")
    developed = await open_site()
    text = await developed.page("/_components")
    for name in ("c-buttons", "c-notices", "c-form", "c-changes", "c-problems"):
        assert f'id="{name}"' in text


async def test_an_asset_is_served_under_the_address_that_pages_name(site: Site) -> None:
    assert (await site.client.get(Assets().url("app.css"))).status_code == 200
