"""From the links of an entity to what people see, in a whole portal and against a real host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from callboard_links_checker.results import LINK, Results, links_of
from callboard_links_checker.settings import HOUR, Settings
from callboard_links_checker.task import due_links, following

from callboard.testing import CatalogUnderTest, PortalUnderTest, Sent, WebServer

if TYPE_CHECKING:
    from playwright.async_api import Page


def lamp(*urls: object, name: str = "lamp") -> dict[str, Any]:
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {
            "name": name,
            "links": [{"url": url, "title": f"Link {n}"} for n, url in enumerate(urls)],
        },
        "spec": {"type": "service", "lifecycle": "production", "owner": "crew"},
    }


def results(portal: PortalUnderTest) -> Results:
    return Results(portal.storage("links-checker"))


async def test_each_link_of_an_entity_is_shown_as_it_is(
    portal: PortalUnderTest, web_server: WebServer
) -> None:
    web_server.files["/docs"] = "here"
    await portal.give(lamp(web_server.url("/docs"), web_server.url("/gone"), "https://elsewhere.example/x"))
    assert (await portal.page("/catalog/default/component/lamp")).count("not checked yet") == 3
    await portal.run_task("check")
    text = await portal.page("/catalog/default/component/lamp")
    assert "not checked yet" not in text
    known = await results(portal).all()
    assert {one.url: one.state for one in known.values()} == {
        web_server.url("/docs"): "ok",
        web_server.url("/gone"): "broken",
        "https://elsewhere.example/x": "unchecked",
    }
    assert "404" in text
    assert "backend.reading.allow" in text


async def test_a_host_that_is_not_allowed_is_never_asked(
    portal: PortalUnderTest, web_server: WebServer
) -> None:
    other = f"http://localhost:{web_server.port}/secret"
    web_server.files["/hop"] = Sent(302, headers={"Location": other})
    named = f"http://ann:secret@{web_server.host}/docs"
    await portal.give(lamp(other, web_server.url("/hop"), web_server.url("/private/x"), named))
    await portal.run_task("check")
    assert web_server.paths() == ["/hop"]
    assert {one.state for one in (await results(portal).all()).values()} == {"unchecked"}


async def test_a_broken_link_never_changes_the_entity(portal: PortalUnderTest, web_server: WebServer) -> None:
    await portal.give(lamp(web_server.url("/gone")))
    before = await portal.entity("component:default/lamp")
    await portal.run_task("check")
    assert await portal.entity("component:default/lamp") == before
    assert before is not None
    assert "status" not in before


async def test_broken_links_are_listed_with_their_entities_and_owners(
    portal: PortalUnderTest, web_server: WebServer
) -> None:
    assert "No link is broken" in await portal.page("/links-checker")
    await portal.give(lamp(web_server.url("/gone")), lamp(web_server.url("/gone"), name="buoy"))
    await portal.run_task("check")
    text = await portal.page("/links-checker")
    assert web_server.url("/gone") in text
    assert "/catalog/default/component/buoy" in text
    assert "/catalog/default/group/crew" in text
    assert "Broken links" in text


async def test_what_is_gone_is_forgotten(portal: PortalUnderTest, web_server: WebServer) -> None:
    await portal.give(
        lamp(web_server.url("/a"), web_server.url("/b")), lamp(web_server.url("/c"), name="buoy")
    )
    await portal.run_task("check")
    await portal.give(lamp(web_server.url("/a")))
    await portal.take("component:default/buoy")
    await portal.run_task("check")
    assert set(await results(portal).all()) == {web_server.url("/a")}
    assert [pair[0].url for pair in await results(portal).broken()] == [web_server.url("/a")]
    await portal.give(lamp())
    await portal.run_task("check")
    assert await portal.storage("links-checker").keys() == []


async def test_a_link_that_works_again_is_no_longer_listed(
    portal: PortalUnderTest, web_server: WebServer
) -> None:
    url = web_server.url("/page")
    await portal.give(lamp(url))
    await portal.run_task("check")
    storage = portal.storage("links-checker")
    key = next(iter(await storage.keys(LINK)))
    known = await storage.get(key)
    assert known["failures"] == 1
    web_server.files["/page"] = "back"
    await portal.run_task("check")  # it is not due
    assert (await storage.get(key))["state"] == "broken"
    await storage.set(key, {**known, "checked_at": known["checked_at"] - 2 * HOUR})
    await portal.run_task("check")
    assert (await storage.get(key))["state"] == "ok"
    assert "No link is broken" in await portal.page("/links-checker")


async def test_a_host_that_fails_is_asked_again_before_its_link_is_broken(
    portal: PortalUnderTest, web_server: WebServer
) -> None:
    web_server.files["/down"] = Sent(503)
    web_server.files["/slow"] = Sent(200, delay=1.5)
    await portal.give(lamp(web_server.url("/down"), web_server.url("/slow")))
    await portal.run_task("check")
    assert web_server.paths().count("/down") == 2
    assert {one.state for one in (await results(portal).all()).values()} == {"broken"}


async def test_a_slow_host_makes_no_link_broken_by_its_queue(
    portal: PortalUnderTest, web_server: WebServer
) -> None:
    paths = [f"/slow/{n}" for n in range(8)]
    web_server.files.update({path: Sent(200, delay=0.4) for path in paths})
    await portal.give(lamp(*(web_server.url(path) for path in paths)))
    await portal.run_task("check")
    assert {one.state for one in (await results(portal).all()).values()} == {"ok"}


async def test_an_entity_with_strange_links_is_left_in_peace(
    catalog: CatalogUnderTest, web_server: WebServer
) -> None:
    with_links = lamp("ftp://a.example", "mailto:a@b.example", " https://ok.example/ ")
    await catalog.process(with_links)
    noted = await Results(catalog.storage("links-checker")).noted()
    assert noted == {"component:default/lamp": ["https://ok.example/"]}
    assert catalog.health("links-checker").failures == 0


@pytest.mark.parametrize(
    "links",
    [None, "x", 3, [None], [{"url": 3}], [{"url": "https://[::1"}], [{}], {"url": "https://a.example"}],
)
def test_whatever_stands_in_the_place_of_links_is_passed_over(links: object) -> None:
    assert links_of({"metadata": {"links": links}}) == []


def test_links_are_due_in_the_order_in_which_they_were_looked_at() -> None:
    day = 24 * HOUR
    known = {
        "old": following(None, "old", "ok", "", 0),
        "older": following(None, "older", "ok", "", -5),
        "young": following(None, "young", "ok", "", day - 10),
        "broken": following(None, "broken", "broken", "404", day - HOUR),
    }
    assert due_links(["young", "broken", "old", "new", "older"], known, Settings(), day) == [
        "older",
        "new",
        "old",
        "broken",
    ]


def test_a_state_is_as_old_as_its_first_time() -> None:
    first = following(None, "u", "broken", "404", 10)
    again = following(first, "u", "broken", "410", 20)
    assert (again.since, again.checked_at, again.failures) == (10, 20, 2)
    assert following(again, "u", "ok", "", 30).since == 30


async def test_a_link_with_markup_in_its_title_stays_text(portal: PortalUnderTest) -> None:
    entity = lamp("https://elsewhere.example/<script>")
    entity["metadata"]["links"][0]["title"] = "<script>alert(1)</script>"
    await portal.give(entity)
    await portal.run_task("check")
    text = await portal.page("/catalog/default/component/lamp")
    assert "<script>alert" not in text
    assert "elsewhere.example/<script>" not in text


async def test_the_card_and_the_page_work_in_a_browser(
    portal: PortalUnderTest, browser_page: Page, web_server: WebServer
) -> None:
    await portal.give(lamp(web_server.url("/gone")))
    await portal.run_task("check")
    await browser_page.goto("/catalog/default/component/lamp")
    await browser_page.get_by_role("link", name="All broken links").click()
    await browser_page.wait_for_url("**/links-checker")
    assert await browser_page.locator("tbody tr").count() == 1
    assert "crew" in await browser_page.locator("tbody").inner_text()


def test_settings_refuse_what_makes_no_sense() -> None:
    for wrong in ({"intervalHours": 0}, {"concurrency": 1000}, {"intervall": 3}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Settings.model_validate(wrong)
