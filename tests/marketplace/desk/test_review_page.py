"""What reviewers see of a submission, and what its publisher can say of it."""

from __future__ import annotations

import html
import re
from typing import Any

from callboard.testing.portal import Visitor, client_of
from tests.marketplace.desk.market import PAT, RAE, Market
from tests.marketplace.wheels import FIELDS, README, png, wheel
from tests.plugins.install.wheels import manifest

ROOT = "/marketplace/desk"
SAME = {"sec-fetch-site": "same-origin"}
CONFIG = {
    "key": "tides",
    "schema": {
        "type": "object",
        "required": ["station"],
        "properties": {
            "station": {"type": "string", "title": "Station", "description": "Whose tides are shown."},
            "unit": {"enum": ["m", "ft"], "default": "m"},
            "office": {"$ref": "#/$defs/Office"},
        },
        "$defs": {"Office": {"type": "object", "properties": {"key": {"type": "string", "writeOnly": True}}}},
    },
}
ADDS = [{"kind": "NavigationItem", "title": "Tides", "path": "/tides"}]
MORE = [*ADDS, {"kind": "EntityTab", "title": "Water"}, {"kind": "Invented", "title": "<b>odd</b>"}]
CATALOG = {"name": "catalog.read", "why": "to find the harbours"}
NETWORK = {"name": "network", "why": "to ask the harbour office"}


async def visitor(market: Market, ref: str) -> Visitor:
    token, _ = await market.site.host.access.identity.tokens.issue_user_token(ref, (ref,), live=False)
    return Visitor(client_of(market.site.host, authorization=f"Bearer {token}"))


def text_of(page: str) -> str:
    """The words of a page, one blank between them."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def handed_in(market: Market, version: str = "1.0", **changes: Any) -> str:
    """The path of the page of a submission."""
    pat = await market.person(PAT)
    fields = changes.pop("fields", {})
    id = await market.drafted(pat, wheel(version=version, **changes), **fields)
    await pat.ask("POST", f"/submissions/{id}/submit", 200, {})
    return f"{ROOT}/submissions/{id}"


async def test_a_reviewer_sees_what_the_plugin_adds_asks_for_and_is_configured_with(market: Market) -> None:
    await market.publisher()
    readme = f"{README}\n<script>alert(1)</script>\n\n[in](javascript:alert(2))\n"
    path = await handed_in(
        market, declared=manifest(contributions=MORE, needs=[CATALOG], config=CONFIG), readme=readme,
        further=["Requires-Dist: tzdata>=2"],
        fields={"highlights": ["Knows **neaps**"], "installation": "Name the `station`.",
                "documentation": [{"title": "Stations", "markdown": "All of *them*.", "type": "usage"}]},
    )  # fmt: skip
    page = await (await visitor(market, RAE)).page(path)
    words = text_of(page)
    assert "Entries of the navigation Tides: /tides" in words
    assert "Tabs of entities Water" in words
    assert "Invented <b>odd</b>" in words
    assert "<b>odd</b>" not in page
    assert "Read every entity, whatever permissions say catalog.read to find the harbours" in words
    assert "station Station Whose tides are shown. string has to be set" in words
    assert 'unit – m | ft "m"' in words
    assert "office.key – secret" in words
    assert "tzdata>=2" in words
    assert "Knows **neaps**" in words
    assert "Name the <code>station</code>." in page
    assert "All of <em>them</em>." in page
    assert "as its harbour master says" in words
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "tides/plugin.py" in words or "tides" in words
    assert "an update of" not in words


async def test_what_an_update_asks_for_anew_stands_out(market: Market) -> None:
    await market.publisher()
    await market.published(wheel(needs=["catalog.read"]))
    needs = [{**CATALOG, "why": "to find every harbour"}, NETWORK]
    declared = manifest(contributions=MORE, needs=needs)
    path = await handed_in(market, "1.1", declared=declared, fields={"title": "Tides and waves"})
    words = text_of(await (await visitor(market, RAE)).page(path))
    assert "an update of 1.0" in words
    assert "It adds or asks for more than 1.0 did" in words
    assert "Tabs of entities Water new" in words
    assert "Tides: /tides new" not in words
    assert "Pages /tides no longer" in words
    assert "Read addresses that the configuration allows network new to ask the harbour office" in words
    assert "catalog.read new" not in words
    assert "Before: to know" in words
    assert "title Tides Tides and waves" in words
    told = await (await market.person(RAE)).ask("GET", path.removeprefix(ROOT), 200)
    assert told["compared"] == {
        "before": "1.0",
        "newNeeds": ["network"],
        "newContributions": ["Tabs of entities: Water", "Invented: <b>odd</b>"],
    }
    assert told["wheel"]["version"] == "1.1"
    assert told["wheel"]["manifest"]["id"] == "tides"


async def test_a_wheel_that_cannot_be_read_says_why_and_hides_no_button(market: Market) -> None:
    pat = await market.publisher()
    id = await market.drafted(pat, wheel())
    await pat.send("PUT", f"/submissions/{id}/wheel", wheel().filename, b"PK nothing")
    await pat.ask("POST", f"/submissions/{id}/submit", 200, {})
    page = await (await visitor(market, PAT)).page(f"{ROOT}/submissions/{id}")
    assert "The wheel cannot be read:" in page
    assert 'value="withdraw"' in page
    told = await pat.ask("GET", f"/submissions/{id}", 200)
    assert "is not a readable wheel" in told["wheel"]["wrong"]


async def test_the_form_takes_chapters_related_listings_and_captions(market: Market) -> None:
    await market.publisher()
    await market.published(wheel("waves"), name="waves", title="Waves of the sea")
    pat = await visitor(market, PAT)
    form = await pat.page(f"{ROOT}/publishers/acme/submit")
    assert re.search(r'name="license" type="text" value=""', form)
    made = wheel()
    files = [
        ("wheel", (made.filename, made.content)),
        ("screenshots", ("a.png", png(640, 360))),
        ("screenshots", ("b.png", png(320, 180))),
    ]
    data = {
        **{name: str(FIELDS[name]) for name in ("name", "title", "summary", "license")},
        "categories": "Monitoring",
        "related": "waves",
        "documentation": "# Usage\n\nLook at it.\n\n```\n# no heading\n```\n\n"
        "# Where the data is from\n\nThe office.",
        "links": "https://code.example.org/tides\nDocs: https://docs.example.org/",
        "alts": "The card\nThe tab",
        "captions": "\nTides of a week",
    }
    submit = f"{ROOT}/publishers/acme/submit"
    for field, typed, wrong in (
        ("links", "nonsense", "has no address: write a title, a colon and the address"),
        ("related", "wafes", "related names wafes, but there is no such listing"),
        ("related", "tides", "must name other listings"),
        ("documentation", "Text without a heading", "Begin the documentation with the heading of a chapter"),
        ("summary", "x", "summary must have at least 10 characters; it has 1"),
        ("categories", "", "categories must have at least 1 entry; it is empty"),
    ):
        refused = await pat.client.post(submit, data={**data, field: typed}, files=files, headers=SAME)
        assert refused.status_code == 400, (field, refused.text)
        assert wrong in text_of(refused.text)
        assert "Tides of a week" in refused.text  # nothing that was typed is lost
    sent = await pat.client.post(submit, data=data, files=files, headers=SAME)
    assert sent.status_code == 303, text_of(sent.text)[-1500:]
    path = sent.headers["location"].partition("?")[0]
    draft = await pat.page(path)
    assert "<figcaption>Tides of a week</figcaption>" in draft
    edit = await pat.page(f"{path}/edit")
    assert 'value="waves"' in edit
    assert "# Where the data is from" in edit
    shots = re.findall(r'name="shot" value="([0-9a-f]{64})"', edit)
    assert len(shots) == 2
    changed = {
        **data,
        "shot": shots,
        "shot-alt": ["Card", "Tab"],
        "shot-caption": ["First", ""],
        "shot-drop": shots[1],
    }
    again = await pat.client.post(f"{path}/edit", data=changed, files=[("wheel", ("", b""))], headers=SAME)
    assert again.status_code == 303
    person, rae = await market.person(PAT), await market.person(RAE)
    id = path.rpartition("/")[2]
    await person.ask("POST", f"/submissions/{id}/submit", 200, {})
    await rae.ask("POST", f"/submissions/{id}/approve", 200, {})
    await person.ask("POST", f"/submissions/{id}/publish", 200, {})
    await market.settled()
    spec = (await market.site.node.entity("listing:default/tides"))["spec"]
    assert [(one["alt"], one.get("caption")) for one in spec["screenshots"]] == [("Card", "First")]
    assert spec["related"] == ["listing:default/waves"]
    assert [(one["title"], one.get("type")) for one in spec["documentation"]] == [
        ("README", "about"), ("Usage", "usage"), ("Where the data is from", None),
    ]  # fmt: skip
    assert "# no heading" in spec["documentation"][1]["markdown"]
    shown = await pat.page("/marketplace/plugins/default/tides")
    for text in ("Where the data is from", "The office.", "Waves of the sea", "First"):
        assert text in shown


async def test_words_about_screenshots_are_changed_over_the_api(market: Market) -> None:
    pat = await market.publisher()
    id = await market.drafted(pat, wheel())
    for at in (1, 2):
        path = f"/submissions/{id}/pictures?use=screenshot&alt=Shot+{at}&caption=Caption+{at}"
        await pat.send("POST", path, "a.png", png(300 + at, 200))
    one, two = (await pat.ask("GET", f"/submissions/{id}", 200))["pictures"]["screenshots"]
    assert (one["alt"], one["caption"]) == ("Shot 1", "Caption 1")
    wanted = [{"sha256": two["sha256"], "alt": "Last", "caption": "Now first"}]
    done = await pat.ask("PUT", f"/submissions/{id}", 200, {"screenshots": wanted})
    assert [one["caption"] for one in done["pictures"]["screenshots"]] == ["Now first"]
    gone = [{"sha256": one["sha256"]}]
    assert "send it first" in await pat.refused("PUT", f"/submissions/{id}", 400, {"screenshots": gone})
    odd = [{"sha256": two["sha256"], "title": "x"}]
    wrong = await pat.refused("PUT", f"/submissions/{id}", 400, {"screenshots": odd})
    assert wrong == "title is no field of the screenshot"


async def test_a_timeline_is_read_as_sentences(market: Market) -> None:
    await market.publisher()
    path = await handed_in(market, fields={"license": "MIT"})
    words = text_of(await (await visitor(market, PAT)).page(path))
    assert "pat handed it in" in words
    assert "The automatic checks sent it back" in words
    for raw in ("fail-checks", "plugin:callboard", "user:default/pat"):
        assert raw not in words
    assert "pat applied" in text_of(await (await visitor(market, PAT)).page(f"{ROOT}/publishers/acme"))


async def test_who_may_not_apply_is_not_led_to_it(market: Market) -> None:
    page = await (await visitor(market, RAE)).page(ROOT)
    assert "You are no member of a publisher" in page
    assert f'href="{ROOT}/apply"' not in page
    assert f'href="{ROOT}/apply"' in await (await visitor(market, PAT)).page(ROOT)
