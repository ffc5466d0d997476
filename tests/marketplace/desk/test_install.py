"""From the shelf into the portal: plan, install, update, roll back, remove; and the card of updates."""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from callboard.testing.portal import Visitor
from tests.marketplace.desk.market import PAT, RAE, Market, config
from tests.marketplace.wheels import wheel
from tests.portal.conftest import OpenSite

PLAN, INSTALL = "/admin/plugins/install/plan", "/admin/plugins/install"
OSV = {
    "id": "PYSEC-2026-1",
    "summary": "Tides are told wrong",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "callboard-plugin-tides"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "1.1"}]}],
        }
    ],
}


@pytest.fixture(autouse=True)
def clean_python() -> Iterator[None]:
    """Python's path and modules as they were."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.startswith("callboard_"):
            del sys.modules[name]


@pytest.fixture
async def market(open_site: OpenSite, tmp_path: Path) -> AsyncIterator[Market]:
    """The operator of the portal is nobody in particular: the visitor without a token may do everything."""
    osv = tmp_path / "osv"
    osv.mkdir()
    given = config(tmp_path / "desk", marketplace_osv=str(osv))
    opened = Market(await open_site(config=given))
    yield opened
    await opened.close()


async def install(visitor: Visitor, source: str) -> str:
    planned = await visitor.post(PLAN, {"source": source}, 200)
    found = re.search(r'name="fingerprint" value="([^"]+)"', planned.text)
    assert found is not None
    await visitor.post(INSTALL, {"source": source, "fingerprint": found[1]})
    return html.unescape(planned.text)


async def test_a_plugin_is_installed_updated_rolled_back_and_removed(market: Market, tmp_path: Path) -> None:
    pat, site = await market.publisher(), market.site
    await market.published(wheel())
    plan = await install(site, "marketplace:tides")
    assert "callboard-plugin-tides 1.0" in plan
    assert "version 1.0" in await site.page("/tides")
    token = (await pat.ask("POST", "/publishers/acme/tokens", 201, {"name": "ci", "scopes": ["release"]}))[
        "token"
    ]
    (tmp_path / "osv" / "one.json").write_text(json.dumps(OSV))
    assert "Every installed plugin that the Marketplace lists is its newest version" in await site.page(
        "/admin"
    )
    newer = wheel(version="1.1")
    await market.bearing(token).send("POST", "/listings/tides/releases", newer.filename, newer.content, 201)
    await pat.ask("POST", "/listings/tides/releases/1.0/yank", 200, {"reason": "It counts wrong."})
    await market.settled()
    card = await site.page("/admin")
    assert "marketplace:tides@1.1" in card
    assert "It counts wrong." in card
    assert "replaces 1.0" in await install(site, "marketplace:tides")
    assert "version 1.1" in await site.page("/tides")
    assert "Go back to 1.0" in await site.page("/admin/plugins/tides")
    await site.post("/admin/plugins/tides/rollback", {})
    assert "version 1.0" in await site.page("/tides")
    answer = await site.client.post("/api/plugins/tides/rollback", json={})
    assert (answer.status_code, answer.json()["version"], answer.json()["formerVersion"]) == (
        200,
        "1.1",
        "1.0",
    )
    assert "version 1.1" in await site.page("/tides")
    await site.post("/admin/plugins/tides/remove", {"sure": "yes"})
    await site.page("/tides", 404)
    await site.post("/admin/plugins/tides/rollback", {}, 404)


async def test_what_was_taken_down_or_never_there_is_not_installed(market: Market) -> None:
    await market.publisher()
    await market.published(wheel())
    for source, words, status in (
        ("marketplace:waves", "no listing waves", 404),
        ("marketplace:tides@9", "no version 9", 404),
    ):
        assert words in (await market.site.post(PLAN, {"source": source}, status)).text
    rae = await market.person(RAE)
    await rae.ask("POST", "/listings/tides/take-down", 200, {"reason": "It mines coins."})
    assert "It mines coins." in (await market.site.post(PLAN, {"source": "marketplace:tides"}, 400)).text


async def test_who_may_not_install_is_refused(market: Market) -> None:
    await market.publisher()
    await market.published(wheel())
    pat = await market.person(PAT)
    answer = await pat.client.post("/api/plugins/plan", json={"source": "marketplace:tides"})
    assert answer.status_code == 403
