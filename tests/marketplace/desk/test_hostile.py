"""Hostile submissions, one a row: each is refused, and told why. On both databases."""

from __future__ import annotations

import asyncio
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from callboard.testing.web import Sent, running
from tests.marketplace.desk.market import EVE, PAT, Market, config
from tests.marketplace.wheels import FIELDS, README, png, recipe, wheel
from tests.plugins.install.wheels import MODULE, Made, link, manifest
from tests.portal.conftest import OpenSite

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


def code(text: str, needs: tuple[str, ...] = (), **changes: Any) -> Made:
    """A wheel whose plugin has one more module."""
    files = {"callboard_tides_test/more.py": text.encode()}
    return wheel(files=files, needs=needs, **changes)


def outside(name: str) -> Made:
    return wheel(further_files=[(zipfile.ZipInfo(name), b"x")])


def bomb() -> Made:
    """A file of a gigabyte of zeros in a wheel of a megabyte."""
    info = zipfile.ZipInfo("callboard_tides_test/zeros.bin")
    info.compress_type = zipfile.ZIP_DEFLATED
    return wheel(further_files=[(info, bytes(320 * 1024 * 1024))])


def huge_png() -> bytes:
    """A picture of 60,000 by 60,000 in a few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


@dataclass(frozen=True)
class Case:
    """`made` is the wheel, `fields` lie over those of the listing; `code` and `words` are of the finding."""

    made: Callable[[], Made] = wheel
    fields: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    words: str = ""


CASES = {
    "script in the README": Case(
        lambda: wheel(readme=README + "\n<script>alert(1)</script>\n"), code="text-active", words="<script>"
    ),
    "event handler in the README": Case(
        lambda: wheel(readme=README + '\n<img src="x" onerror="alert(1)">\n'),
        code="text-active",
        words="onerror",
    ),
    "javascript: link in the README": Case(
        lambda: wheel(readme=README + "\n[press](javascript:alert(1))\n"),
        code="text-active",
        words="javascript",
    ),
    "frame in the description": Case(
        fields={"description": "<iframe src='https://evil.example.org'></iframe>"},
        code="text-active",
        words="<iframe>",
    ),
    "zip slip": Case(lambda: outside("../../evil.py"), code="wheel-refused", words="outside of it"),
    "absolute name": Case(lambda: outside("/etc/cron.d/evil"), code="wheel-refused", words="outside of it"),
    "drive letter": Case(lambda: outside("C:/evil.py"), code="wheel-refused", words="outside of it"),
    "symbolic link": Case(
        lambda: wheel(further_files=[link("callboard_tides_test/key", "/etc/shadow")]),
        code="wheel-refused",
        words="link or a device",
    ),
    "bomb": Case(bomb, code="wheel-refused", words="unpacks to more than"),
    "start-up hook": Case(
        lambda: wheel(files={"evil.pth": b"import os"}), code="wheel-refused", words="every start"
    ),
    "file that is not what RECORD says": Case(
        lambda: wheel(record="callboard_tides_test/__init__.py,sha256=AAAA,1\n"),
        code="wheel-refused",
        words="RECORD",
    ),
    "no zip at all": Case(
        lambda: Made("callboard_plugin_tides-1.0-py3-none-any.whl", b"MZ" + bytes(99)),
        code="wheel-refused",
        words="not a readable wheel",
    ),
    "manifest without a plugin": Case(
        lambda: wheel(declared={"id": "tides"}), code="wheel-refused", words="title must be str"
    ),
    "manifest that hides a need": Case(
        lambda: wheel(
            module=MODULE.format(id="tides", version="1.0", needs=[]) + 'N = Need("network", "quietly")\n'
        ),
        code="manifest-lies",
        words="need network",
    ),
    "manifest of another id": Case(
        lambda: wheel(module=MODULE.format(id="other", version="1.0", needs=[]), declared=manifest("tides")),
        code="manifest-lies",
        words="the manifest tides",
    ),
    "manifest that hides a contribution": Case(
        lambda: code("from callboard.plugins.contributions import Router\nR = Router(lambda c: [])\n"),
        code="manifest-lies",
        words="contributes Router",
    ),
    "network that is not declared": Case(
        lambda: code("import httpx\nhttpx.get('https://evil.example.org')\n"),
        code="network-undeclared",
        words="httpx",
    ),
    "database that is not declared": Case(
        lambda: code("from sqlalchemy import text\n"), code="database-undeclared", words="sqlalchemy"
    ),
    "service that is not declared": Case(
        lambda: code(
            "from callboard.core.database import Database as D\ndef go(context):\n    return context.get(D)\n"
        ),
        code="need-undeclared",
        words="asks for database",
    ),
    "compiled code": Case(
        lambda: wheel(files={"callboard_tides_test/fast.so": b"\x7fELF"}),
        code="code-compiled",
        words="cannot be read",
    ),
    "syntax that cannot be read": Case(lambda: code("def :"), code="code-broken", words="not Python"),
    "licence that differs": Case(fields={"license": "MIT"}, code="license-differs", words="MIT"),
    "licence of fancy": Case(fields={"license": "Do what you want"}, code="license-unknown", words="SPDX"),
    "no licence": Case(
        lambda: wheel(
            metadata=f"Metadata-Version: 2.1\nName: callboard-plugin-tides\nVersion: 1.0\n\n{README}"
        ),
        code="license-missing",
        words="names no licence",
    ),
    "no README": Case(lambda: wheel(readme=""), code="readme-missing", words="no README"),
    "link that runs": Case(
        fields={"links": [{"title": "Docs", "url": "javascript:alert(1)"}]},
        code="link-refused",
        words="https:",
    ),
    "link inside the network": Case(
        fields={"links": [{"title": "Docs", "url": "https://169.254.169.254/latest"}]},
        code="link-refused",
        words="not an address",
    ),
    "link with a password": Case(
        fields={"links": [{"title": "Docs", "url": "https://a:b@example.org/"}]},
        code="link-refused",
        words="password",
    ),
    "title in other letters": Case(fields={"title": "Тides of Реru"}, code="title-homoglyph", words="alike"),
    "package that Callboard runs with": Case(
        lambda: recipe(name="httpx").made(), code="package-taken", words="what Callboard runs with"
    ),
    "local version": Case(lambda: wheel(version="1.0+evil"), code="version-local", words="local version"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
async def test_it_is_refused_with_a_clear_reason(market: Market, case: Case) -> None:
    pat = await market.publisher()
    made = case.made()
    id = await market.drafted(pat, made, **case.fields)
    handed = await pat.ask("POST", f"/submissions/{id}/submit", 200, {})
    assert handed["state"] == "changes-requested"
    errors = {one["code"]: one["message"] for one in handed["findings"] if one["level"] == "error"}
    assert case.code in errors, handed["findings"]
    assert case.words in errors[case.code]
    await pat.refused("POST", f"/submissions/{id}/publish", 409, {})


async def test_names_of_others_cannot_be_squatted(market: Market) -> None:
    await market.publisher()
    await market.published(wheel("harbours"), name="harbours", title="Harbours")
    eve = await market.publisher("eves", EVE)
    listing = {**FIELDS, "name": "harbours"}
    assert "belongs to acme" in await eve.refused(
        "POST", "/submissions", 409, {"publisher": "eves", "listing": listing}
    )
    for name, title, code in (
        ("harb0urs", "Something else", "name-taken"),
        ("harbour-s", "Something else", "name-taken"),
        ("habours", "Something else", "name-near"),
        ("quays", "Harbours", "title-taken"),
        ("quays", "Ηarbours", "title-homoglyph"),
    ):
        id = await market.drafted(eve, wheel("quays"), "eves", name=name, title=title)
        handed = await eve.ask("POST", f"/submissions/{id}/submit", 200, {})
        assert code in {one["code"] for one in handed["findings"] if one["level"] == "error"}, handed[
            "findings"
        ]
        await eve.ask("POST", f"/submissions/{id}/withdraw", 200, {})
    id = await market.drafted(eve, wheel("harbours", "9.0"), "eves", name="quays", title="Quays")
    handed = await eve.ask("POST", f"/submissions/{id}/submit", 200, {})
    assert "package-taken" in {one["code"] for one in handed["findings"]}


PICTURES = {
    "script in an SVG": (SVG.format("<script>alert(1)</script>").encode(), "<script>"),
    "handler in an SVG": (SVG.format('<path d="M0 0" onload="alert(1)"/>').encode(), "onload"),
    "foreignObject in an SVG": (SVG.format("<foreignObject><b/></foreignObject>").encode(), "foreignObject"),
    "reference out of an SVG": (
        SVG.format('<use href="https://evil.example.org/a.svg#x"/>').encode(),
        "outside",
    ),
    "address in a style of an SVG": (
        SVG.format('<path fill="url(https://evil.example.org/)"/>').encode(),
        "outside",
    ),
    "entities in an SVG": (
        b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG.format("<title>&a;</title>").encode(),
        "document type",
    ),
    "huge picture": (huge_png(), "unpacks to more"),
    "picture that is a page": (b"<html><script>alert(1)</script></html>", "neither PNG"),
    "picture cut off": (png()[:60], "cannot be read"),
    "oblong icon": (png(200, 60), "square"),
}


@pytest.mark.parametrize(("content", "words"), PICTURES.values(), ids=list(PICTURES))
async def test_a_hostile_picture_is_not_even_kept(market: Market, content: bytes, words: str) -> None:
    pat = await market.publisher()
    draft = await pat.ask("POST", "/submissions", 201, {"publisher": "acme", "listing": FIELDS})
    path = f"/submissions/{draft['id']}/pictures?use=icon"
    refused = await pat.send("POST", path, "icon.png", content, 400)
    assert words in refused["error"]["message"]


async def test_a_redirecting_link_is_refused() -> None:
    """The links of a listing are https, so the reader's own hop is tested where it can be: in the check."""
    from callboard.core.reader import UrlReader
    from callboard.marketplace.checks import reach

    with running() as server, running() as other:
        server.files["/away"] = Sent(302, headers={"Location": other.url("/secret")})
        server.files["/here"] = "fine"
        other.files["/secret"] = "secret"
        allow = {"backend": {"reading": {"allow": [{"host": server.host}]}}}
        async with UrlReader.from_config(allow) as reader:
            away = await reach._one(reader, "links[0].url", server.url("/away"))
            here = await reach._one(reader, "links[1].url", server.url("/here"))
            gone = await reach._one(reader, "links[2].url", server.url("/gone"))
        assert away is not None
        assert (away.level, away.code) == ("error", "link-redirects")
        assert here is None
        assert gone is not None
        assert gone.code == "link-dead"
        assert not other.asked


async def test_a_forged_token_releases_nothing(market: Market) -> None:
    pat = await market.publisher()
    await market.published(wheel())
    made = wheel(version="1.1")
    real = (await pat.ask("POST", "/publishers/acme/tokens", 201, {"name": "ci", "scopes": ["yank"]}))[
        "token"
    ]
    id = real.split("_")[1]
    for text, status, words in (
        ("cbm_" + "0" * 24 + "_" + "A" * 43, 401, "no token of a publisher"),
        (f"cbm_{id}_" + "A" * 43, 401, "no token of a publisher"),
        ("cbm_x", 401, "no token of a publisher"),
        (real, 403, "lacks the scope release"),
    ):
        told = await market.bearing(text).send(
            "POST", "/listings/tides/releases", made.filename, made.content, status
        )
        assert words in told["error"]["message"]
    answer = await pat.send("POST", "/listings/tides/releases", made.filename, made.content, 401)
    assert "with a token" in answer["error"]["message"]
    await pat.ask("DELETE", f"/publishers/acme/tokens/{id}", 204)
    await market.bearing(real).refused(
        "POST", "/listings/tides/releases/1.0/yank", 401, {"reason": "revoked"}
    )


async def test_a_token_is_for_its_publisher_and_listing_alone(market: Market) -> None:
    await market.publisher()
    await market.published(wheel())
    eve = await market.publisher("eves", EVE)
    token = (
        await eve.ask("POST", "/publishers/eves/tokens", 201, {"name": "ci", "scopes": ["release", "yank"]})
    )["token"]
    made = wheel(version="1.1")
    told = await market.bearing(token).send(
        "POST", "/listings/tides/releases", made.filename, made.content, 403
    )
    assert "not for tides" in told["error"]["message"]
    await market.bearing(token).refused(
        "POST", "/listings/tides/releases/1.0/yank", 403, {"reason": "mine now"}
    )


async def _token(market: Market) -> str:
    pat = await market.person(PAT)
    made = await pat.ask("POST", "/publishers/acme/tokens", 201, {"name": "ci", "scopes": ["release"]})
    return str(made["token"])


async def test_a_replayed_upload_changes_nothing_and_other_bytes_are_refused(market: Market) -> None:
    await market.publisher()
    await market.published(wheel())
    ci, path = market.bearing(await _token(market)), "/listings/tides/releases"
    made, other = wheel(version="1.1"), wheel(version="1.1", readme=README + "\nAnother one.\n")
    first = await ci.send("POST", path, made.filename, made.content, 201)
    again = await ci.send("POST", path, made.filename, made.content, 200)
    assert again == first
    told = await ci.send("POST", path, other.filename, other.content, 409)
    assert "a version is never replaced" in told["error"]["message"]
    replayed = wheel()
    assert (await ci.send("POST", path, replayed.filename, replayed.content, 200))["version"] == "1.0"


async def test_of_two_uploads_of_one_version_at_once_one_wins(market: Market) -> None:
    await market.publisher()
    await market.published(wheel())
    token, path = await _token(market), "/api/marketplace/listings/tides/releases"
    many = [wheel(version="1.1", readme=f"{README}\nNumber {number}.\n") for number in range(4)]

    async def upload(made: Made) -> int:
        headers = {"content-type": "application/octet-stream", "x-filename": made.filename}
        answer = await market.bearing(token).client.post(path, content=made.content, headers=headers)
        return answer.status_code

    assert sorted(await asyncio.gather(*map(upload, many))) == [201, 409, 409, 409]
    pat = await market.person(PAT)
    releases = (await pat.ask("GET", "/listings/tides/releases", 200))["releases"]
    assert sorted(one["version"] for one in releases) == ["1.0", "1.1"]


async def test_a_release_that_asks_for_more_goes_through_review(market: Market) -> None:
    await market.publisher()
    await market.published(wheel())
    made = wheel(version="1.1", needs=["network"])
    told = await market.bearing(await _token(market)).send(
        "POST", "/listings/tides/releases", made.filename, made.content, 403
    )
    assert "more than was reviewed (network)" in told["error"]["message"]


async def test_a_wheel_over_the_limit_is_not_read_to_its_end(open_site: OpenSite, tmp_path: Any) -> None:
    given = config(tmp_path / "desk", marketplace_maxWheelSize=1000)
    market = Market(await open_site(config=given))
    pat = await market.publisher()
    draft = await pat.ask("POST", "/submissions", 201, {"publisher": "acme", "listing": FIELDS})
    told = await pat.send("PUT", f"/submissions/{draft['id']}/wheel", wheel().filename, wheel().content, 413)
    assert "at most 1000 bytes" in told["error"]["message"]
    await market.close()


@pytest.mark.parametrize(
    "name", ["../evil-1.0-py3-none-any.whl", "evil.whl", "a/b-1.0-py3-none-any.whl", "x.zip", ""]
)
async def test_a_name_that_is_no_wheels_is_refused(market: Market, name: str) -> None:
    pat = await market.publisher()
    draft = await pat.ask("POST", "/submissions", 201, {"publisher": "acme", "listing": FIELDS})
    told = await pat.send("PUT", f"/submissions/{draft['id']}/wheel", name, wheel().content, 400)
    assert "name of" in told["error"]["message"]
