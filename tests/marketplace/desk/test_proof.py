"""Domains prove who a publisher is: a TXT record of a real DNS server, or a file of a real web server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import dns.message
import dns.rrset
import httpx
import pytest

from callboard.core.errors import InputError
from callboard.core.reader.allow import Reach
from callboard.marketplace.desk.proof import OneDomain, read_domain
from callboard.testing.web import running
from tests.marketplace.desk.market import EVE, PAT, RAE, Market, config
from tests.portal.conftest import OpenSite

DOMAIN = "tides.example.org"


class Zone(asyncio.DatagramProtocol):
    """A DNS server that knows TXT records."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = dns.message.from_wire(data)
        answer = dns.message.make_response(asked)
        name = asked.question[0].name
        known = self.texts.get(name.to_text(omit_final_dot=True), [])
        if known:
            quoted = [f'"{one}"' for one in known]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
        self._transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def zone() -> AsyncIterator[tuple[Zone, int]]:
    loop = asyncio.get_running_loop()
    transport, served = await loop.create_datagram_endpoint(Zone, local_addr=("127.0.0.1", 0))
    try:
        yield served, transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


async def applied(market: Market, name: str, owner: str) -> str:
    """The token that the domain has to show."""
    body = {"name": name, "title": name.title(), "domain": DOMAIN}
    made = await (await market.person(owner)).ask("POST", "/publishers", 201, body)
    return str(made["domains"][0]["token"])


async def test_a_domain_is_proved_by_dns_and_then_is_nobody_elses(
    open_site: OpenSite, tmp_path: Path
) -> None:
    async with zone() as (served, port):
        given = config(tmp_path / "desk", marketplace_dns_resolver=f"127.0.0.1:{port}",
                       marketplace_wellKnown="http://127.0.0.1:1/{domain}.txt")  # fmt: skip
        market = Market(await open_site(config=given))
        pat, eve, rae = [await market.person(one) for one in (PAT, EVE, RAE)]
        token, other = await applied(market, "acme", PAT), await applied(market, "eves", EVE)
        path = f"/domains/{DOMAIN}/verify"
        await eve.refused("POST", f"/publishers/acme{path}", 403)
        found = await pat.ask("POST", f"/publishers/acme{path}", 200)
        assert (found["verified"], len(found["found"])) == (False, 2)
        await rae.refused("POST", "/publishers/acme/approve", 409, {"type": "verified-partner"})
        served.texts[DOMAIN] = ["v=spf1 -all", f"callboard-verification={token}"]
        found = await pat.ask("POST", f"/publishers/acme{path}", 200)
        assert (found["verified"], found["method"]) == (True, "dns")
        served.texts[DOMAIN].append(f"callboard-verification={other}")
        assert "another publisher" in await eve.refused("POST", f"/publishers/eves{path}", 409)
        await rae.ask("POST", "/publishers/acme/approve", 200, {"type": "verified-partner"})
        await market.settled()
        entity = await market.site.node.entity("publisher:default/acme")
        assert [one["name"] for one in entity["spec"]["domains"]] == [DOMAIN]
        await market.close()


@pytest.mark.parametrize(("shown", "verified"), [("{token}\n", True), ("<p>{token}</p>", False), ("", False)])
async def test_a_domain_is_proved_by_a_file(
    open_site: OpenSite, tmp_path: Path, shown: str, verified: bool
) -> None:
    with running() as server:
        given = config(
            tmp_path / "desk",
            marketplace_wellKnown=server.url("/{domain}.txt"),
            marketplace_dns_resolver="127.0.0.1:9",
        )
        market = Market(await open_site(config=given, allow=[server.host]))
        token = await applied(market, "acme", PAT)
        if shown:
            server.files[f"/{DOMAIN}.txt"] = shown.format(token=token)
        found = await (await market.person(PAT)).ask("POST", f"/publishers/acme/domains/{DOMAIN}/verify", 200)
        assert found["verified"] is verified
        await market.close()


@pytest.mark.parametrize(
    "text",
    [
        "localhost",
        "127.0.0.1",
        "router.local",
        "a..b.org",
        "-a.org",
        "a b.org",
        "https://a.org",
        "a.org/x",
        "",
    ],
)
def test_what_is_no_public_domain_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_domain(text)


def test_a_domain_is_read_as_the_network_reads_it() -> None:
    assert read_domain(" Bücher.Example.ORG. ") == "xn--bcher-kva.example.org"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (f"https://{DOMAIN}/.well-known/callboard-verification.txt", True),
        (f"http://{DOMAIN}/.well-known/callboard-verification.txt", False),
        (f"https://{DOMAIN}:8443/.well-known/x", False),
        (f"https://{DOMAIN}/.well-known/%2e%2e/secret", False),
        ("https://www.example.org/.well-known/x", False),
        (f"https://{DOMAIN}.evil.org/.well-known/x", False),
    ],
)
def test_the_file_is_read_from_the_domain_alone_and_never_inside(url: str, allowed: bool) -> None:
    assert OneDomain(domain=DOMAIN).reach(httpx.URL(url)) is (Reach.PUBLIC if allowed else None)
