"""Installed plugins beside their listings of every source: what is newer, yanked, vulnerable; a way back."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from callboard.marketplace.checks.osv import NOTHING_KNOWN
from callboard.marketplace.desk.office import Office
from callboard.testing.portal import Visitor
from tests.marketplace.conftest import until
from tests.marketplace.desk.market import PAT, Market, Person, config
from tests.marketplace.desk.test_install import PLAN, clean_python, install
from tests.marketplace.wheels import wheel
from tests.plugins.install.signing import WORKFLOW, attestation, bundle, statement
from tests.plugins.install.wheels import Made
from tests.portal.conftest import OpenSite

__all__ = ["clean_python"]
PAGE = "/marketplace/plugins/default/tides"


def advisory(name: str, *, id: str = "PYSEC-2026-1", fixed: str = "1.1", **more: Any) -> str:
    return json.dumps(
        {
            "id": id,
            "summary": "Tides are told wrong",
            "references": [
                {"type": "WEB", "url": "https://news.example/tides"},
                {"type": "ADVISORY", "url": f"https://advisories.example/{id}"},
                {"type": "ADVISORY", "url": "javascript:alert(1)"},
            ],
            "affected": [
                {
                    "package": {"ecosystem": "PyPI", "name": name},
                    "ranges": [
                        {
                            "type": "ECOSYSTEM",
                            "events": [{"introduced": "1.0"}, *([{"fixed": fixed}] if fixed else [])],
                        }
                    ],
                }
            ],
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
            **more,
        }
    )


@pytest.fixture
def osv(tmp_path: Path) -> Path:
    folder = tmp_path / "osv"
    folder.mkdir()
    return folder


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


@pytest.fixture
async def market(open_site: OpenSite, tmp_path: Path, osv: Path, wheels: Path) -> AsyncIterator[Market]:
    given = config(
        tmp_path / "desk",
        marketplace_osv=str(osv),
        marketplace_wheels=[{"target": str(wheels), "namespace": "open"}],
    )
    opened = Market(await open_site(config=given, interval=0.3))
    yield opened
    await opened.close()


async def ci(market: Market, pat: Person) -> Person:
    made = await pat.ask("POST", "/publishers/acme/tokens", 201, {"name": "ci", "scopes": ["release"]})
    return market.bearing(made["token"])


async def released(market: Market, machine: Person, made: Made) -> None:
    await machine.send("POST", "/listings/tides/releases", made.filename, made.content, 201)
    await market.settled()


def put(folder: Path, made: Made) -> None:
    (folder / made.filename).write_bytes(made.content)


async def page(visitor: Visitor, path: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", await visitor.page(path))).split())


async def test_the_listing_says_what_is_installed_and_leads_to_the_update_or_away(market: Market) -> None:
    pat, site = await market.publisher(), market.site
    await market.published(wheel())
    assert "Installed:" not in await site.page(PAGE)
    await install(site, "marketplace:tides")
    shown = await site.page(PAGE)
    assert "Installed: 1.0" in html.unescape(re.sub(r"<[^>]+>", "", shown))
    assert 'href="/admin/plugins/tides#remove"' in shown
    assert "Update to" not in shown
    await released(market, await ci(market, pat), wheel(version="1.1"))
    shown = await site.page(PAGE)
    assert "/admin/plugins/install?source=marketplace%3Atides%401.1" in shown
    assert "Update to 1.1" in await page(site, PAGE)
    # Who may not install sees that there is an update, and no button.
    answer = await (await market.person(PAT)).client.get(PAGE)
    assert "Installed:" in answer.text
    assert "/admin/plugins/" not in answer.text
    await site.post("/admin/plugins/tides/remove", {"sure": "yes"})
    assert "Installed:" not in await site.page(PAGE)


async def test_a_yanked_newest_version_offers_the_newest_that_is_not(market: Market) -> None:
    pat, site = await market.publisher(), market.site
    await market.published(wheel())
    machine = await ci(market, pat)
    await released(market, machine, wheel(version="1.1"))
    await released(market, machine, wheel(version="2.0rc1"))
    await install(site, "marketplace:tides@1.1")
    reason = {"reason": "It counts wrong."}
    await pat.ask("POST", "/listings/tides/releases/1.1/yank", 200, reason)
    await market.settled()
    card = await page(site, "/admin")
    assert "1 installed plugin is a version that was yanked" in card
    assert "Yanked: It counts wrong." in card
    assert "Look at going to 1.0" in card
    assert 'value="marketplace:tides@1.0"' in await site.page("/admin")
    shown = await page(site, PAGE)
    assert "The installed version was yanked: It counts wrong." in shown
    assert "Go to 1.0" in shown
    await install(site, "marketplace:tides@1.0")
    card = await page(site, "/admin")
    assert "yanked" not in card
    assert "is its newest version" in card
    # With nothing left to go to it is said so.
    await pat.ask("POST", "/listings/tides/releases/1.0/yank", 200, reason)
    await pat.ask("POST", "/listings/tides/releases/2.0rc1/yank", 200, reason)
    await market.settled()
    assert "There is no other version to go to." in await page(site, "/admin")


async def test_a_plugin_of_a_folder_has_updates_as_well(market: Market, wheels: Path) -> None:
    site = market.site
    put(wheels, wheel("waves"))
    await until(site, lambda: "listing:open/callboard-plugin-waves" in site.node.refs)
    await install(site, "listing:open/callboard-plugin-waves")
    assert "is its newest version" in await page(site, "/admin")
    put(wheels, wheel("waves", "1.2"))
    await until(site, lambda: len(site.node.names("release")) == 2)
    card = await site.page("/admin")
    assert 'value="listing:open/callboard-plugin-waves@1.2"' in card
    assert "replaces 1.0" in await install(site, "listing:open/callboard-plugin-waves@1.2")
    assert "Installed: 1.2" in await page(site, "/marketplace/plugins/open/callboard-plugin-waves")


async def test_a_version_of_another_publisher_is_no_update(market: Market, wheels: Path) -> None:
    """Two listings name one distribution: what was installed from one of them is updated from no other."""
    await market.publisher()
    site = market.site
    await market.published(wheel())
    await install(site, "marketplace:tides")
    put(wheels, wheel(version="9.0"))
    await until(site, lambda: "listing:open/callboard-plugin-tides" in site.node.refs)
    card = await page(site, "/admin")
    assert "Every installed plugin that the Marketplace lists is its newest version." in card
    assert "Look at" not in card
    assert "Installed: 1.0" in await page(site, PAGE)
    assert "Installed:" not in await site.page("/marketplace/plugins/open/callboard-plugin-tides")


async def test_what_no_listing_names_is_not_called_up_to_date(market: Market, tmp_path: Path) -> None:
    site = market.site
    made = wheel("waves")
    file = tmp_path / made.filename
    file.write_bytes(made.content)
    admin = site.host.admin
    await admin.install(await admin.plan(str(file)), "tests")
    card = await page(site, "/admin")
    assert "No listing names these, so nobody knows of newer versions here: waves" in card
    assert "newest version" not in card


async def test_vulnerabilities_are_told_with_severity_summary_fix_and_link(market: Market, osv: Path) -> None:
    await market.publisher()
    site = market.site
    await market.published(wheel())
    (osv / "one.json").write_text(advisory("callboard-plugin-tides"))
    (osv / "two.json").write_text(
        advisory("callboard-plugin-tides", id="PYSEC-2026-2", severity=[], references=[], fixed="")
    )
    Office(market.context).shared.osv = (0.0, NOTHING_KNOWN)  # as an hour later
    plan = await install(site, "marketplace:tides")
    told = "callboard-plugin-tides 1.0 has PYSEC-2026-1 (high): Tides are told wrong; fixed in 1.1"
    assert told in plan
    assert "Known vulnerability:" in plan
    assert 'href="https://advisories.example/PYSEC-2026-1"' in plan
    assert "javascript:" not in plan
    card = await page(site, "/admin")
    assert "1 installed plugin has a known vulnerability" in card
    assert re.search(
        r"PYSEC-2026-1 high callboard-plugin-tides 1.0: Tides are told wrong *\. Fixed in 1.1", card
    )
    assert re.search(r"PYSEC-2026-2 severity not stated .* No fixed version is known", card)
    assert card.index("PYSEC-2026-1") < card.index("PYSEC-2026-2")
    assert 'href="https://advisories.example/PYSEC-2026-1"' in await site.page("/admin")


async def test_the_plan_says_why_a_version_was_yanked_and_a_listing_deprecated(market: Market) -> None:
    pat, site = await market.publisher(), market.site
    await market.published(wheel())
    await released(market, await ci(market, pat), wheel(version="1.1"))
    await pat.ask("POST", "/listings/tides/releases/1.1/yank", 200, {"reason": "It counts wrong."})
    await pat.ask("POST", "/listings/tides/deprecate", 200, {"reason": "The sea has dried up."})
    await market.settled()
    told = html.unescape((await site.post(PLAN, {"source": "marketplace:tides@1.1"}, 200)).text)
    assert re.search(r"This version was yanked:</b> <bdi>It counts wrong\.", told)
    assert re.search(r"does not develop it any more:</b> <bdi>The sea has dried up\.", told)
    answer = await site.client.post("/api/plugins/plan", json={"source": "marketplace:tides@1.1"})
    kinds = [(one["kind"], one["text"]) for one in answer.json()["notices"]]
    assert kinds == [("yanked", "It counts wrong."), ("deprecated", "The sea has dried up.")]
    sound = html.unescape((await site.post(PLAN, {"source": "marketplace:tides@1.0"}, 200)).text)
    assert "was yanked" not in sound


# Attestations


def form(made: Made, attested: bytes) -> dict[str, Any]:
    return {"files": {"wheel": (made.filename, made.content), "attestation": ("one.json", attested)}}


def digest(made: Made) -> str:
    return sha256(made.content).hexdigest()


def attested_by_ci(made: Made, **changed: Any) -> bytes:
    return json.dumps(attestation(statement(digest(made), made.filename), **changed)).encode()


async def test_an_attestation_comes_with_a_release_and_reaches_the_entity_and_the_plan(
    market: Market,
) -> None:
    pat, site = await market.publisher(), market.site
    await market.published(wheel())
    machine = await ci(market, pat)
    newer = wheel(version="1.1")
    made = await machine.ask("POST", "/listings/tides/releases", 201, **form(newer, attested_by_ci(newer)))
    assert made["attested"]["state"] == "stated"
    assert made["attested"]["publisher"]["identity"] == WORKFLOW
    await market.settled()
    artefact = (await site.node.entity("release:default/tides-1.1"))["spec"]["artefact"]
    assert artefact["attestation"] == "/api/marketplace/listings/tides/releases/1.1/provenance"
    assert artefact["attested"] == {"state": "stated", "by": "https://code.example/harbour/tides"}
    plan = html.unescape((await site.post(PLAN, {"source": "marketplace:tides"}, 200)).text)
    assert "its maker is stated, not verified" in plan
    assert WORKFLOW in plan
    assert "nobody attests who made it" not in plan
    old = html.unescape((await site.post(PLAN, {"source": "marketplace:tides@1.0"}, 200)).text)
    assert "nobody attests who made it" in old
    assert "maker stated, not verified: https://code.example/harbour/tides" in await page(site, PAGE)
    document = (await pat.client.get(artefact["attestation"])).json()
    assert document["attestation_bundles"][0]["publisher"]["repository"] == "harbour/tides"
    simple = await pat.client.get(
        "/api/marketplace/simple/callboard-plugin-tides/",
        headers={"accept": "application/vnd.pypi.simple.v1+json"},
    )
    assert [one.get("provenance") for one in simple.json()["files"]] == [None, artefact["attestation"]]


async def test_a_release_is_attested_later_once_and_only_by_its_token(market: Market) -> None:
    pat = await market.publisher()
    made = wheel()
    await market.published(made)
    machine = await ci(market, pat)
    path = "/listings/tides/releases/1.0/attestation"
    sent = json.loads(attested_by_ci(made))
    assert "Missing credentials" not in await pat.refused("PUT", path, 401, sent)
    first = await machine.ask("PUT", path, 200, bundle(sent))
    assert first["attested"]["state"] == "stated"
    assert await machine.ask("PUT", path, 200, bundle(sent)) == first
    again = json.loads(attested_by_ci(made))
    assert "never replaced" in await machine.refused("PUT", path, 409, again)
    await pat.ask("GET", "/listings/tides/releases/9/provenance", 404)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (
            lambda made: json.dumps(attestation(statement("b" * 64, made.filename))).encode(),
            "not about this file",
        ),
        (lambda made: attested_by_ci(made, signed=b"another"), "it is false, or was changed"),
        (lambda _: b"{", "no JSON"),
    ],
)
async def test_a_false_attestation_refuses_the_whole_release(market: Market, sent: Any, words: str) -> None:
    pat = await market.publisher()
    await market.published(wheel())
    machine, newer = await ci(market, pat), wheel(version="1.1")
    told = await machine.refused("POST", "/listings/tides/releases", 400, **form(newer, sent(newer)))
    assert words in told
    assert [
        one["version"] for one in (await pat.ask("GET", "/listings/tides/releases", 200))["releases"]
    ] == ["1.0"]
    body = {"files": {"waste": ("x", b"x")}}
    assert "must have the file" in await machine.refused("POST", "/listings/tides/releases", 400, **body)
