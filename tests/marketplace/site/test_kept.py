"""What is made once for everyone is given again, to those it was made for, until it is out of date."""

from __future__ import annotations

import asyncio
import base64
import gzip
import re
from typing import Any

from callboard.marketplace.site.kept import HTML, Answers, kept
from callboard.testing.portal import PortalUnderTest
from tests.marketplace.site.conftest import listing

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
LISTING = "/marketplace/plugins/default/ropes"


def component(name: str) -> dict[str, Any]:
    spec = {"type": "service", "lifecycle": "production", "owner": "crew"}
    version = "backstage.io/v1alpha1"
    return {"apiVersion": version, "kind": "Component", "metadata": {"name": name}, "spec": spec}


async def _made(market: PortalUnderTest, path: str, **headers: str) -> bool:
    """Whether the page had to be made for this request."""
    answer = await market.client.get(path, headers=headers)
    assert answer.status_code == 200
    return "server-timing" in answer.headers


async def _still(market: PortalUnderTest) -> None:
    """Wait until the shelf has found its relations: the Marketplace follows the catalog by itself."""
    index, seen = market.host.runtime.index, -1
    async with asyncio.timeout(30):
        while seen != index.version:
            seen = index.version
            await market.host.runtime.engine.settled()
            await asyncio.sleep(1)


async def test_a_change_elsewhere_in_the_catalog_leaves_pages_kept(market: PortalUnderTest) -> None:
    await _still(market)
    assert await _made(market, LISTING)
    before = market.host.runtime.index.version
    await market.give(component("engine"))
    assert market.host.runtime.index.version > before
    assert not await _made(market, LISTING)


async def test_a_release_a_publisher_or_a_listing_that_goes_makes_them_anew(market: PortalUnderTest) -> None:
    path = "/marketplace/browse"
    await _still(market)
    await _made(market, path)
    for ref in ("release:default/tides-1.0.0", "publisher:default/harbour", "listing:default/tides"):
        await market.take(ref)
        assert await _made(market, path), ref
        await _still(market)
        await _made(market, path)
        assert not await _made(market, path), ref
    assert "Tides" not in await market.page(path)


async def test_what_is_taken_down_is_gone_at_once(market: PortalUnderTest) -> None:
    assert "Ropes" in await market.page(LISTING)
    await market.give(listing("ropes", title="Ropes", takenDown={"reason": "It frayed."}))
    assert (await market.client.get(LISTING)).status_code == 404
    assert "Ropes" not in await market.page("/marketplace/browse")


async def test_a_kept_page_is_not_given_to_who_is_signed_in(market: PortalUnderTest) -> None:
    await market.page(LISTING)
    admin = await market.as_user("user:default/admin", groups=())
    answer = await admin.client.get(LISTING)
    assert 'class="sidebar"' in answer.text
    assert "public" not in answer.headers.get("cache-control", "")
    assert 'class="sidebar"' not in await market.page(LISTING)


async def test_what_only_the_signed_in_see_is_not_kept_for_others(market: PortalUnderTest) -> None:
    admin = await market.as_user("user:default/admin", groups=())
    for path in ("/marketplace/desk/apply", "/marketplace/desk"):
        await admin.client.get(path)
        assert (await market.client.get(path)).status_code in (303, 401), path


async def test_a_page_comes_in_the_form_that_is_accepted(market: PortalUnderTest) -> None:
    await market.page(LISTING)
    plain = await market.client.get(LISTING, headers={"accept-encoding": "identity"})
    packed = await market.client.get(LISTING, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.content == packed.content  # the client has unpacked it
    assert int(plain.headers["content-length"]) == len(plain.content)
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert "script-src 'self'" in plain.headers["content-security-policy"]


async def test_each_language_has_a_page_of_its_own(market: PortalUnderTest) -> None:
    assert await _made(market, LISTING, **{"accept-language": "en"})
    assert not await _made(market, LISTING, **{"accept-language": "en-GB,en;q=0.5"})


async def test_another_query_is_another_page(market: PortalUnderTest) -> None:
    for query in ("?q=tide", "?q=rope", "?sort=new"):
        assert await _made(market, f"/marketplace/browse{query}"), query


async def test_an_icon_is_a_file_of_its_own_that_browsers_keep(market: PortalUnderTest) -> None:
    source = "data:image/png;base64," + base64.b64encode(PNG).decode()
    await market.give(listing("ropes", title="Ropes", icon=source))
    html = await market.page(LISTING)
    assert "data:image/png" not in html
    icon = re.search(r'src="(/marketplace/icons/default/ropes/\w+\.png)"', html)
    assert icon
    answer = await market.client.get(icon[1])
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
    assert "immutable" in answer.headers["cache-control"]
    admin = await market.as_user("user:default/admin", groups=())
    assert "private" in (await admin.client.get(icon[1])).headers["cache-control"]
    assert (await market.client.get("/marketplace/icons/default/ropes/other.png")).status_code == 404
    await market.give(listing("ropes", title="Ropes"))
    assert (await market.client.get(icon[1])).status_code == 404


def test_the_least_used_answer_goes_when_there_is_no_room() -> None:
    answers = Answers(8 * 2000)
    answers.get("now", "")
    for name in range(14):
        answers.put("now", name, kept(b"x" * 100, HTML, compress=False))
        answers.get("now", 0)
    assert answers.get("now", 0) is not None
    assert answers.get("now", 13) is not None
    assert answers.get("now", 1) is None


def test_an_answer_of_a_former_state_is_not_kept() -> None:
    answers = Answers()
    answers.get("before", "page")
    answers.get("after", "page")
    answers.put("before", "page", kept(b"old", HTML))
    assert answers.get("after", "page") is None


def test_an_answer_knows_who_has_it_already() -> None:
    one = kept(b"<p>tide</p>" * 500, HTML)
    assert one.form(b"gzip", one.etag)[0] == 304
    status, head, body = one.form(b"br, gzip", b'"other"')
    assert (status, gzip.decompress(body)) == (200, b"<p>tide</p>" * 500)
    assert dict(head)[b"content-length"] == b"%d" % len(body)
    assert one.form(b"", b"")[2] == b"<p>tide</p>" * 500
    missing = kept(b"no", HTML, 404)
    assert missing.form(b"", missing.etag)[0] == 404
