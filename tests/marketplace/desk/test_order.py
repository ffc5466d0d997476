"""Listings that the desk does not publish are taken down, stay so, and come back. On both databases."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from callboard.access.audit.filters import Filter
from callboard.catalog.query import Queries
from callboard.marketplace.asked import Browse
from callboard.marketplace.desk.office import Office
from callboard.marketplace.desk.order import Order
from callboard.marketplace.shelf import Shelves
from callboard.testing.portal import client_of
from tests.marketplace.conftest import example_entities, located
from tests.marketplace.desk.market import MAX, PAT, RAE, Market, config, entity
from tests.marketplace.desk.test_pages import ROOT, visitor
from tests.marketplace.wheels import wheel
from tests.portal.conftest import OpenSite

TEKTON = "/listings/rhdh/tekton"
DOWN = {"reason": "It mines coins."}


def tekton(name: str = "tekton", **spec: object) -> dict[str, object]:
    """A plugin of the extension kinds, which brings a listing."""
    made = {
        "apiVersion": "extensions.backstage.io/v1alpha1",
        "kind": "Plugin",
        "metadata": {
            "name": name,
            "namespace": "rhdh",
            "title": f"{name.title()} plugin",
            "description": "CI.",
        },
        "spec": {"author": "Red Hat", "categories": ["CI/CD"], "packages": [], **spec},
    }
    return located(made)


async def opened(market: Market) -> None:
    await market.site.give(tekton(), tekton("quay"))
    await market.settled()
    assert await names(market) == ["listing:rhdh/quay", "listing:rhdh/tekton"]


async def names(market: Market) -> list[str]:
    """What the Marketplace shows in its lists."""
    shelf = Shelves().of(market.context.get(Queries))
    found = await shelf.all()
    assert (await shelf.find(Browse())).total == len(found)
    return found


async def test_a_listing_of_another_source_is_taken_down_everywhere_and_restored(market: Market) -> None:
    await opened(market)
    rae, max_, pat = [await market.person(one) for one in (RAE, MAX, PAT)]
    await max_.refused("POST", f"{TEKTON}/take-down", 403, DOWN)
    await pat.refused("GET", f"{TEKTON}/order", 403)
    await rae.refused("POST", f"{TEKTON}/take-down", 400, {"reason": " "})
    await rae.refused("POST", "/listings/rhdh/nothere/take-down", 404, DOWN)
    assert (await rae.ask("GET", f"{TEKTON}/order", 200))["takenDown"] is False
    done = await rae.ask("POST", f"{TEKTON}/take-down", 200, DOWN)
    assert (done["ref"], done["takenDown"], done["reason"], done["by"]) == (
        "listing:rhdh/tekton", True, "It mines coins.", RAE,
    )  # fmt: skip
    await rae.refused("POST", f"{TEKTON}/take-down", 409, DOWN)
    await market.settled()
    assert await names(market) == ["listing:rhdh/quay"]
    shelf = Shelves().of(market.context.get(Queries))
    assert await shelf.listing("listing:rhdh/tekton") is None
    assert (await shelf.find(Browse(text="tekton"))).total == 0
    page = await rae.client.get("/marketplace/plugins/rhdh/tekton")
    assert page.status_code == 404
    extensions = (await rae.client.get("/api/extensions/plugins")).json()
    assert [one["metadata"]["name"] for one in extensions["items"]] == ["quay"]
    assert extensions["totalItems"] == 1
    assert (await rae.client.get("/api/extensions/plugin/rhdh/tekton")).status_code == 404

    await rae.ask("POST", f"{TEKTON}/restore", 200, {})
    await rae.refused("POST", f"{TEKTON}/restore", 409, {})
    await market.settled()
    assert await names(market) == ["listing:rhdh/quay", "listing:rhdh/tekton"]
    assert (await rae.client.get("/api/extensions/plugin/rhdh/tekton")).status_code == 200

    await market.site.host.access.audit.flush()
    events, _ = await market.site.host.access.audit.store.find(Filter(limit=200))
    assert {"listing-take-down", "listing-restore"} <= {one.event for one in events}


async def test_it_stays_down_when_its_source_gives_it_again_and_when_it_comes_back(market: Market) -> None:
    await opened(market)
    rae = await market.person(RAE)
    await rae.ask("POST", f"{TEKTON}/take-down", 200, DOWN)
    await market.settled()
    await market.site.give(tekton(developer="Somebody else"), tekton("quay"))
    await market.settled()
    assert await names(market) == ["listing:rhdh/quay"]
    await market.site.give(tekton("quay"))
    await market.settled()
    # It can be restored while its source does not give it, and is known until then.
    assert (await rae.ask("GET", f"{TEKTON}/order", 200))["takenDown"] is True
    await market.site.give(tekton(), tekton("quay"))
    await market.settled()
    assert await names(market) == ["listing:rhdh/quay"]


async def test_a_mark_that_was_lost_is_written_again(market: Market) -> None:
    """As when another node processed the listing before it knew."""
    await opened(market)
    office = Office(market.context)
    rae = await market.person(RAE)
    office.shared.taken_at = float(
        "inf"
    )  # what this node knows never becomes old: it does not see the change
    await rae.ask("POST", f"{TEKTON}/take-down", 200, DOWN)
    await market.settled()
    assert await names(market) == ["listing:rhdh/quay", "listing:rhdh/tekton"]
    office.shared.taken_at = 0.0
    assert await Order(office).keep() == 1
    await market.settled()
    assert await names(market) == ["listing:rhdh/quay"]
    assert await Order(office).keep() == 0


async def test_a_listing_of_the_desk_is_taken_down_by_its_reference_too(market: Market) -> None:
    await market.publisher()
    await market.published(wheel())
    rae = await market.person(RAE)
    done = await rae.ask("POST", "/listings/default/tides/take-down", 200, DOWN)
    assert (done["ref"], done["reason"]) == ("listing:default/tides", "It mines coins.")
    await market.settled()
    assert await names(market) == []
    pat = await market.person(PAT)
    assert (await pat.ask("GET", "/listings/tides/releases", 200))["takenDown"] == "It mines coins."
    await rae.ask("POST", "/listings/tides/restore", 200, {})
    await market.settled()
    assert await names(market) == ["listing:default/tides"]


@pytest.mark.parametrize("dismissed", [True, False], ids=["dismissed", "acted on"])
async def test_who_reported_learns_the_decision(market: Market, tmp_path: Path, dismissed: bool) -> None:
    user = entity("User", "pat", profile={"email": "pat@reader.example.org"}, memberOf=[])
    await market.site.give(tekton(), {**user, "apiVersion": "backstage.io/v1alpha1"})
    pat, rae = await market.person(PAT), await market.person(RAE)
    body = {"listing": "rhdh/tekton", "kind": "malware", "text": "It mines coins all night."}
    made = await pat.ask("POST", "/reports", 201, body)
    decision = {"dismissed": dismissed, "decision": "We looked at every line."}
    await rae.ask("POST", f"/reports/{made['id']}/decide", 200, decision)
    await market.posted()
    texts = [one.read_text() for one in sorted((tmp_path / "desk" / "mail").glob("*.eml"))]
    told = [one for one in texts if "To: pat@reader.example.org" in one and "We looked at every line." in one]
    assert len(told) == 1
    assert "Tekton plugin" in told[0]
    assert ("dismissed" in told[0]) is dismissed


async def test_a_report_leads_to_the_page_where_the_listing_is_taken_down(market: Market) -> None:
    await opened(market)
    pat, rae = await visitor(market, PAT), await visitor(market, RAE)
    typed = {"listing": "listing:rhdh/tekton", "kind": "malware", "text": "short"}
    refused = await pat.post(f"{ROOT}/report", typed, 400)
    assert 'value="listing:rhdh/tekton"' in refused.text
    await pat.post(f"{ROOT}/report", {**typed, "text": "It mines coins all night."}, 200)
    path = f"{ROOT}/shelf/rhdh/tekton"
    assert f'href="{path}"' in await rae.page(f"{ROOT}/review")
    assert "It mines coins all night." in await rae.page(path)
    await pat.page(path, 403)
    refused = await rae.post(path, {"action": "take-down", "reason": "x"}, 400)
    assert "Say why it is taken down" in refused.text
    await rae.post(path, {"action": "take-down", "reason": "It mines coins."})
    assert "It is taken down: It mines coins." in re.sub(r"\s+", " ", await rae.page(path))
    await market.settled()
    assert await names(market) == ["listing:rhdh/quay"]
    await rae.post(path, {"action": "restore"})
    await market.settled()
    assert await names(market) == ["listing:rhdh/quay", "listing:rhdh/tekton"]


async def test_only_who_may_report_is_shown_the_link(market: Market) -> None:
    await opened(market)
    link = "/marketplace/desk/report?listing=rhdh%2Ftekton"
    listing = "/marketplace/plugins/rhdh/tekton"
    assert link in html.unescape(await (await visitor(market, PAT)).page(listing))
    assert link not in html.unescape(await (await visitor(market, RAE)).page(listing))


async def test_who_is_not_signed_in_comes_back_to_the_form(open_site: OpenSite, tmp_path: Path) -> None:
    given = config(
        tmp_path,
        auth_environment="development",
        auth_providers={"guest": {}},
        marketplace_public={"enabled": True},
        permission_enabled=False,
    )
    site = await open_site(config=given)
    await site.give(tekton())
    nobody = client_of(site.host, accept="text/html")
    listing = await nobody.get("/marketplace/plugins/rhdh/tekton")
    link = "/marketplace/desk/report?listing=rhdh%2Ftekton"
    assert link in html.unescape(listing.text)
    sent = await nobody.get(link)
    assert (sent.status_code, sent.headers["location"].partition("?")[0]) == (303, "/sign-in")
    choices = await nobody.get(sent.headers["location"])
    [enter] = re.findall(r'href="(/api/auth/guest/start[^"]*)"', choices.text)
    form = await nobody.get(html.unescape(enter), follow_redirects=True)
    assert str(form.url).endswith(link)
    assert 'value="listing:rhdh/tekton"' in form.text
    await nobody.aclose()


async def test_a_real_listing_with_packages_and_collections_is_taken_down(market: Market) -> None:
    """The real files: with packages, collections and relations between them."""
    await market.site.give(*example_entities())
    await market.settled()
    before = await names(market)
    rae = await market.person(RAE)
    gone = before[0]
    await rae.ask("POST", f"/listings/{gone.partition(':')[2]}/take-down", 200, DOWN)
    await market.settled()
    assert await names(market) == before[1:]
