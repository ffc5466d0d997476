"""The whole way of a plugin over the API, on both databases: from the application to the yank."""

from __future__ import annotations

from pathlib import Path

from callboard.access.audit.filters import Filter
from tests.marketplace.desk.market import EVE, MAX, PAT, RAE, Market, entity
from tests.marketplace.wheels import wheel

JSON = {"accept": "application/vnd.pypi.simple.v1+json"}


async def test_a_plugin_goes_from_application_to_shelf_and_others_may_not_help(market: Market) -> None:
    pat, rae, eve, max_ = [await market.person(one) for one in (PAT, RAE, EVE, MAX)]
    application = {"name": "acme", "title": "Acme", "contact": "pat@example.org"}
    await max_.refused("POST", "/publishers", 403, application)
    assert (await pat.ask("POST", "/publishers", 201, application))["state"] == "applied"
    await eve.refused("POST", "/publishers", 409, application)
    await pat.refused("POST", "/publishers/acme/approve", 403, {})
    await eve.refused("GET", "/publishers/acme", 403)
    await rae.ask("POST", "/publishers/acme/approve", 200, {"type": "community"})

    id = await market.drafted(pat, wheel(readme="Short."))
    for other in (eve, max_, rae):  # a draft is nobody else's affair, not even that it exists
        await other.refused("GET", f"/submissions/{id}", 404)
    handed = await pat.ask("POST", f"/submissions/{id}/submit", 200, {})
    assert handed["state"] == "in-review"
    assert [one["code"] for one in handed["findings"]] == ["readme-short", "link-unchecked"]
    await pat.refused("POST", f"/submissions/{id}/approve", 403, {})
    await rae.refused("POST", f"/submissions/{id}/publish", 403, {})
    await rae.refused("POST", f"/submissions/{id}/request-changes", 400, {})
    sent_back = await rae.ask("POST", f"/submissions/{id}/request-changes", 200, {"text": "Say more."})
    assert sent_back["state"] == "changes-requested"
    better = wheel()
    await pat.send("PUT", f"/submissions/{id}/wheel", better.filename, better.content)
    await pat.ask("POST", f"/submissions/{id}/submit", 200, {})
    await rae.ask("POST", f"/submissions/{id}/approve", 200, {"text": "Good."})
    done = await pat.ask("POST", f"/submissions/{id}/publish", 200, {})
    assert [one["action"] for one in done["timeline"]] == [
        "create", "submit", "pass-checks", "request-changes", "resubmit", "pass-checks", "approve", "publish",
    ]  # fmt: skip
    await market.settled()
    release = await market.site.node.entity("release:default/tides-1.0")
    assert release["spec"]["plugin"] == "tides"
    assert (await market.site.node.entity("listing:default/tides"))["spec"][
        "publisher"
    ] == "publisher:default/acme"


async def test_every_step_is_in_the_audit_log_and_mailed(market: Market, tmp_path: Path) -> None:
    await market.publisher()
    await market.published(wheel())
    await market.site.host.access.audit.flush()
    events, _ = await market.site.host.access.audit.store.find(Filter(limit=200))
    assert {"publisher-apply", "publisher-approve", "submission-submit", "submission-pass-checks",
            "submission-approve", "submission-publish"} <= {one.event for one in events}  # fmt: skip
    await market.posted()
    texts = [one.read_text() for one in sorted((tmp_path / "desk" / "mail").glob("*.eml"))]
    assert any("To: pat@example.org" in one and "Tides is approved" in one for one in texts)
    assert any("To: desk@example.org" in one and "waits for review" in one for one in texts)


async def test_a_yanked_release_is_told_and_comes_back(market: Market) -> None:
    pat = await market.publisher()
    await market.published(wheel())
    eve = await market.person(EVE)
    await eve.refused("POST", "/listings/tides/releases/1.0/yank", 403, {"reason": "mine now"})
    await pat.refused("POST", "/listings/tides/releases/1.0/yank", 400, {})
    await pat.ask("POST", "/listings/tides/releases/1.0/yank", 200, {"reason": "It counts wrong."})
    await market.settled()
    release = await market.site.node.entity("release:default/tides-1.0")
    assert release["spec"]["yanked"]["reason"] == "It counts wrong."
    page = await pat.ask("GET", "/simple/callboard-plugin-tides/", 200, headers=JSON)
    assert page["files"][0]["yanked"] == "It counts wrong."
    await pat.ask("POST", "/listings/tides/releases/1.0/unyank", 200, {})
    await market.settled()
    assert "yanked" not in (await market.site.node.entity("release:default/tides-1.0"))["spec"]


async def test_a_listing_goes_to_another_publisher_only_when_both_want_it(market: Market) -> None:
    pat, eve = await market.publisher(), await market.publisher("eves", EVE)
    await market.site.give(entity("Listing", "waves"), entity("Listing", "swell", "open"))
    await market.published(wheel())
    await eve.refused("POST", "/listings/tides/accept", 409, {})
    await pat.ask("POST", "/listings/tides/transfer", 200, {"publisher": "eves"})
    await pat.refused("POST", "/listings/tides/accept", 403, {})
    taken = await eve.ask("POST", "/listings/tides/accept", 200, {})
    assert taken["publisher"] == "eves"
    await pat.refused("POST", "/listings/tides/deprecate", 403, {"reason": "I want it back"})
    deprecate = "/listings/tides/deprecate"
    told = await eve.refused("POST", deprecate, 400, {"reason": "No time", "replacedBy": "nothere"})
    assert told == "There is no listing default/nothere"
    told = await eve.refused("POST", deprecate, 400, {"reason": "No time", "replacedBy": "swell"})
    assert told == "There is no listing default/swell; there is open/swell"
    await eve.refused("POST", deprecate, 400, {"replacedBy": "component:default/waves"})
    done = await eve.ask("POST", deprecate, 200, {"reason": "No time", "replacedBy": "waves"})
    assert (done["replacedBy"], done["deprecatedReason"]) == ("listing:default/waves", "No time")
    await market.settled()
    spec = (await market.site.node.entity("listing:default/tides"))["spec"]
    assert (spec["publisher"], spec["lifecycle"], spec["replacedBy"]) == (
        "publisher:default/eves", "deprecated", "listing:default/waves",
    )  # fmt: skip
    assert spec["deprecated"] == {"reason": "No time"}
    await eve.ask("POST", "/listings/tides/revive", 200, {})
    await market.settled()
    assert "deprecated" not in (await market.site.node.entity("listing:default/tides"))["spec"]


async def test_what_is_taken_down_gives_no_wheels_until_it_is_restored(market: Market) -> None:
    pat, rae = await market.publisher(), await market.person(RAE)
    await market.published(wheel())
    release = (await pat.ask("GET", "/listings/tides/releases", 200))["releases"][0]
    path = release["url"].removeprefix("/api/marketplace")
    answer = await pat.client.get(release["url"])
    assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")
    await pat.ask("POST", "/reports", 201, {"listing": "tides", "kind": "malware", "text": "It mines coins."})
    await pat.refused("GET", "/reports", 403)
    [report] = (await rae.ask("GET", "/reports", 200))["items"]
    await rae.ask("POST", "/listings/tides/take-down", 200, {"reason": "It mines coins."})
    await rae.ask(
        "POST", f"/reports/{report['id']}/decide", 200, {"dismissed": False, "decision": "Taken down."}
    )
    await pat.refused("GET", path, 404)
    await pat.refused("GET", "/simple/callboard-plugin-tides/", 404)
    await market.settled()
    assert (await market.site.node.entity("listing:default/tides"))["spec"]["takenDown"]
    await rae.ask("POST", "/listings/tides/restore", 200, {})
    assert (await pat.client.get(release["url"])).content == wheel().content


async def test_nobody_reviews_what_is_their_own(market: Market) -> None:
    pat = await market.publisher()
    await pat.ask("POST", "/publishers/acme/members", 200, {"member": RAE, "role": "viewer"})
    rae = await market.person(RAE)
    id = await market.drafted(pat, wheel())
    await pat.ask("POST", f"/submissions/{id}/submit", 200, {})
    await rae.refused("POST", f"/submissions/{id}/approve", 403, {})


async def test_the_last_owner_of_a_publisher_stays(market: Market) -> None:
    pat = await market.publisher()
    await market.person(EVE)  # who once signed in can be named
    await pat.refused("POST", "/publishers/acme/members", 409, {"member": PAT, "role": None})
    await pat.ask("POST", "/publishers/acme/members", 200, {"member": EVE, "role": "owner"})
    await pat.ask("POST", "/publishers/acme/members", 200, {"member": PAT, "role": "viewer"})
    await pat.refused("POST", "/publishers/acme/members", 403, {"member": EVE, "role": "viewer"})
