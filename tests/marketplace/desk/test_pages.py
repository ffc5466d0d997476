"""The pages of the desk, as browsers use them without a script."""

from __future__ import annotations

import html
import re

import pytest

from callboard.core.errors import InputError
from callboard.marketplace.desk_pages.multipart import parsed
from callboard.testing.portal import Visitor, client_of
from tests.marketplace.desk.market import PAT, RAE, Market
from tests.marketplace.wheels import FIELDS, png, wheel

ROOT = "/marketplace/desk"
FORM = {
    **{name: str(FIELDS[name]) for name in ("name", "title", "summary", "description", "license")},
    "categories": "Monitoring, Ports",
    "links": "Source: https://code.example.org/tides",
    "changelog": "The first one.",
}
SAME = {"sec-fetch-site": "same-origin"}


async def visitor(market: Market, ref: str) -> Visitor:
    token, _ = await market.site.host.access.identity.tokens.issue_user_token(ref, (ref,), live=False)
    return Visitor(client_of(market.site.host, authorization=f"Bearer {token}"))


async def test_a_plugin_is_submitted_reviewed_and_published_by_forms(market: Market) -> None:
    pat, rae = await visitor(market, PAT), await visitor(market, RAE)
    assert "no member of a publisher" in await pat.page(ROOT)
    wrong = await pat.post(f"{ROOT}/apply", {"name": "Acme!", "title": "Acme"}, 400)
    assert 'value="Acme!"' in wrong.text
    done = await pat.post(
        f"{ROOT}/apply", {"name": "acme", "title": "Acme <b>", "domain": "tides.example.org"}
    )
    assert done.headers["location"] == f"{ROOT}/publishers/acme?done=applied"
    shown = await pat.page(f"{ROOT}/publishers/acme")
    assert "callboard-verification=" in shown
    assert "Acme &lt;b&gt;" in shown
    assert "Acme &lt;b&gt;" in await rae.page(f"{ROOT}/review")
    marked = {"decision": "approve", "type": "verified-partner", "reason": "We know them."}
    refused = await rae.post(f"{ROOT}/publishers/acme/decide", marked, 409)
    assert "needs a domain that is proved" in refused.text
    assert 'value="We know them."' in refused.text
    await rae.post(f"{ROOT}/publishers/acme/decide", {"decision": "approve"})
    await pat.page(f"{ROOT}/review", 403)
    await market.publisher("ports")

    made = wheel()
    files = [
        ("wheel", (made.filename, made.content)),
        ("icon", ("icon.png", png())),
        ("screenshots", ("a.png", png(640, 360))),
        ("screenshots", ("", b"")),
    ]
    sent = await pat.client.post(
        f"{ROOT}/publishers/ports/submit", data={**FORM, "alts": "The card"}, files=files, headers=SAME
    )
    assert sent.status_code == 303, html.unescape(re.sub(r"<[^>]+>", " ", sent.text))[-2000:]
    path = sent.headers["location"].partition("?")[0]
    draft = await pat.page(path)
    assert 'alt="The card"' in draft
    await rae.page(path, 404)
    await pat.post(path, {"action": "submit"})
    await rae.page(path)
    await rae.post(path, {"action": "request-changes", "text": "Say <i>more</i>."})
    back = await pat.page(path)
    assert "Say &lt;i&gt;more&lt;/i&gt;." in back
    assert "Monitoring, Ports" in await pat.page(f"{path}/edit")
    again = await pat.client.post(
        f"{path}/edit",
        data={**FORM, "summary": "High and low water, explained"},
        files=[("wheel", ("", b""))],
        headers=SAME,
    )
    assert again.status_code == 303
    await pat.post(path, {"action": "submit"})
    await rae.post(path, {"action": "approve", "text": "Good."})
    await pat.post(path, {"action": "publish"})
    await market.settled()
    listing = await pat.page(f"{ROOT}/listings/tides")
    assert "can be installed" in listing
    await pat.post(
        f"{ROOT}/listings/tides", {"action": "yank", "version": "1.0", "reason": "It counts wrong."}
    )
    assert "It counts wrong." in await pat.page(f"{ROOT}/listings/tides")
    await rae.post(f"{ROOT}/listings/tides", {"action": "yank", "version": "1.0", "reason": "no"}, 403)
    report = await pat.page(f"{ROOT}/report?listing=default/tides")
    assert 'value="listing:default/tides"' in report
    await pat.post(
        f"{ROOT}/report",
        {"listing": "listing:default/tides", "kind": "broken", "text": "It never worked."},
        200,
    )
    assert "It never worked." in await rae.page(f"{ROOT}/review")


async def test_a_token_is_shown_once(market: Market) -> None:
    await market.publisher()
    pat = await visitor(market, PAT)
    made = await pat.post(
        f"{ROOT}/publishers/acme/tokens",
        {"token-name": "ci", "scope": ["release", "read"], "days": "30"},
        200,
    )
    found = re.search(r"cbm_[0-9a-f]{24}_[A-Za-z0-9_-]{43}", made.text)
    assert found is not None
    assert found[0] not in await pat.page(f"{ROOT}/publishers/acme")
    assert (await market.bearing(found[0]).client.get("/api/marketplace/simple/")).status_code == 200


async def test_a_file_that_is_no_picture_is_told_beside_the_form(market: Market) -> None:
    await market.publisher()
    pat, made = await visitor(market, PAT), wheel()
    files = [("wheel", (made.filename, made.content)), ("icon", ("icon.png", b"MZ\x90"))]
    sent = await pat.client.post(f"{ROOT}/publishers/acme/submit", data=FORM, files=files, headers=SAME)
    assert sent.status_code == 400
    assert "neither PNG, JPEG, WebP nor SVG" in sent.text
    assert "The first one." in sent.text


def test_a_form_is_read_part_by_part() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\ntwo\r\n'
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="C:\\dir\\w%22.whl"\r\n'
        b"Content-Type: application/zip\r\n\r\n\x00\r\n--y\r\n--x--\r\n"
    )
    found = parsed(body, b"x")
    assert found.text("a") == "one\ntwo"
    assert [(one.filename, one.content) for one in found.files["f"]] == [('w".whl', b"\x00\r\n--y")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\none',
        b"--x\r\nContent-Disposition: form-data\r\n\r\none\r\n--x--",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--',
        b"--x" + b'\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--x' * 101 + b"--",
    ],
    ids=["empty", "begun", "cut off", "nameless", "not UTF-8", "too many"],
)
def test_a_form_that_no_browser_sends_is_refused(body: bytes) -> None:
    with pytest.raises(InputError):
        parsed(body, b"x")
