"""No name, number or redirect leads a user's URL to a private address that the operator did not name."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.core.errors import CallboardError, NotAllowedError, ServiceUnavailableError
from callboard.core.reader.addresses import is_public
from callboard.core.reader.network import Resolver, resolve_with_system
from tests.core.reader.conftest import ReaderFactory
from tests.core.reader.servers import Server, answer, redirect


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.10", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "169.254.169.254", "169.254.0.1", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1",
        "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1",
        "2001:0:7f00:1::", "not an address", "",
    ],
)  # fmt: skip
def test_this_address_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "140.82.121.4",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_this_address_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_inside_ipv6(address: IPv4Address) -> None:
    for prefix in (0xFFFF << 32, int(IPv6Address("64:ff9b::"))):
        assert is_public(str(IPv6Address(prefix | int(address)))) == is_public(str(address))


def resolver_of(*answers: Sequence[str]) -> tuple[Resolver, list[str]]:
    """A resolver that gives each answer once and then the last one for ever."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"]],
)
async def test_a_wildcard_never_permits_a_private_address(
    server: Server, reader_of: ReaderFactory, addresses: list[str]
) -> None:
    resolver, _ = resolver_of(addresses)
    reader = reader_of(f"*.example:{server.port}", resolver=resolver)
    with pytest.raises(NotAllowedError, match="private or reserved") as caught:
        await reader.read(server.url("/a", "a.example"))
    assert server.seen == []
    assert not any(address in str(caught.value) for address in addresses)


async def test_an_exact_entry_permits_what_the_operator_named(
    server: Server, reader_of: ReaderFactory
) -> None:
    server.routes["/a"] = answer(b"inside")
    resolver, _ = resolver_of(["127.0.0.1"])
    reader = reader_of(f"intranet.example:{server.port}", resolver=resolver)
    assert (await reader.read(server.url("/a", "intranet.example"))).content == b"inside"
    assert server.seen[0].headers["host"] == f"intranet.example:{server.port}"


async def test_the_public_services_are_never_inside(reader_of: ReaderFactory) -> None:
    resolver, asked = resolver_of(["127.0.0.1"])
    reader = reader_of(integrations={"github": [{"host": "github.com", "token": "t"}]}, resolver=resolver)
    with pytest.raises(NotAllowedError, match="private or reserved"):
        await reader.read("https://github.com/o/r/blob/main/a.yaml")
    assert asked == ["api.github.com"]


async def test_a_redirect_to_a_private_address_is_refused(
    server: Server, other: Server, reader_of: ReaderFactory
) -> None:
    resolver, _ = resolver_of(["127.0.0.1"])
    reader = reader_of(server.host, f"*.example:{other.port}", resolver=resolver)
    server.routes["/a"] = redirect(other.url("/metadata", "rebound.example"))
    with pytest.raises(NotAllowedError, match="private or reserved"):
        await reader.read(server.url("/a"))
    assert other.seen == []


async def test_a_name_that_changes_after_the_check_gains_nothing(
    server: Server, reader_of: ReaderFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first answer is public for the check, every later one is the loopback interface.
    resolver, asked = resolver_of(["8.8.8.8"], ["127.0.0.1"])
    tried: list[str] = []

    async def refuse(self: object, host: str, *args: object) -> None:
        tried.append(host)
        raise httpcore.ConnectError("no network in tests")

    monkeypatch.setattr("httpcore.AnyIOBackend.connect_tcp", refuse)
    reader = reader_of(f"*.example:{server.port}", resolver=resolver)
    with pytest.raises(NotAllowedError, match="private or reserved"):
        await reader.read(server.url("/a", "rebound.example"))
    # One connection was tried, to the address that was checked; the retry was checked again and refused.
    assert tried == ["8.8.8.8"]
    assert asked == ["rebound.example"] * 2
    assert server.seen == []


async def test_the_next_address_is_tried_when_one_does_not_answer(
    server: Server, reader_of: ReaderFactory
) -> None:
    server.routes["/a"] = answer(b"found")
    resolver, asked = resolver_of(["127.0.0.2", "127.0.0.1"])
    reader = reader_of(f"two.example:{server.port}", resolver=resolver)
    assert (await reader.read(server.url("/a", "two.example"))).content == b"found"
    assert len(asked) == 1


async def test_a_name_without_addresses_is_unavailable(reader_of: ReaderFactory) -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(ServiceUnavailableError, match=r"the name gone\.example cannot be resolved"):
        await reader_of("gone.example", resolver=unknown).read("https://gone.example/a")


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "017700000001", "127.1", "0x7f.1", "0", "127.0.0.1", "[::1]",
        "[::ffff:7f00:1]", "localhost", "localhost.", "127.0.0.1.", "①②⑦.0.0.1", "ⓛocalhost", "sub.localhost",
    ],
)  # fmt: skip
async def test_no_spelling_of_the_loopback_address_is_read(
    server: Server, reader_of: ReaderFactory, host: str
) -> None:
    with pytest.raises(CallboardError):
        await reader_of("*.example", "127.0.0.1:1").read(server.url("/a", host))
    assert server.seen == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
async def test_a_spelling_that_a_wildcard_would_match_is_still_checked(
    server: Server, reader_of: ReaderFactory, host: str
) -> None:
    async def as_the_system_reads_it(_: str, port: int) -> Sequence[str]:
        return await resolve_with_system(host, port)

    reader = reader_of(f"*.example:{server.port}", resolver=as_the_system_reads_it)
    with pytest.raises(NotAllowedError, match="private or reserved"):
        await reader.read(server.url("/a", "odd.example"))
    assert server.seen == []


async def test_tls_asks_for_the_name_at_the_checked_address(reader_of: ReaderFactory) -> None:
    greetings: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greetings.append(await reader.read(4096))
        writer.close()

    resolver, _ = resolver_of(["127.0.0.1"])
    async with await asyncio.start_server(listen, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(ServiceUnavailableError):
            await reader_of(f"tls.example:{port}", resolver=resolver).read(f"https://tls.example:{port}/a")
    assert all(b"tls.example" in greeting for greeting in greetings)
    assert greetings
