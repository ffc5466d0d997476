"""From where a request comes, as far as proxies are trusted."""

from __future__ import annotations

from typing import Any

import pytest

from callboard.access.edge import client_address
from callboard.core.errors import ConfigError
from tests.access.edge.configs import config_of


def scope_of(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    return {"type": "http", "client": (peer, 1234) if peer else None, "headers": headers}


@pytest.mark.parametrize(
    ("trust", "peer", "forwarded", "expected"),
    [
        (None, "10.0.0.1", ("6.6.6.6",), "10.0.0.1"),
        (False, "10.0.0.1", ("6.6.6.6",), "10.0.0.1"),
        (True, "10.0.0.1", (), "10.0.0.1"),
        (True, "10.0.0.1", ("6.6.6.6, 7.7.7.7",), "6.6.6.6"),
        ("true", "10.0.0.1", ("6.6.6.6",), "6.6.6.6"),
        (1, "10.0.0.1", ("6.6.6.6, 7.7.7.7",), "7.7.7.7"),
        (2, "10.0.0.1", ("6.6.6.6, 7.7.7.7",), "6.6.6.6"),
        ("1", "10.0.0.1", ("6.6.6.6", "7.7.7.7"), "7.7.7.7"),
        ("loopback", "127.0.0.1", ("6.6.6.6",), "6.6.6.6"),
        ("loopback", "10.0.0.1", ("6.6.6.6",), "10.0.0.1"),
        ("loopback, 10.0.0.0/8", "127.0.0.1", ("6.6.6.6, 9.9.9.9, 10.1.1.1",), "9.9.9.9"),
        (["uniquelocal"], "10.0.0.1", ("6.6.6.6, 192.168.0.9",), "6.6.6.6"),
        (True, "10.0.0.1", ("<script>",), "10.0.0.1"),
        (True, "10.0.0.1", ("6.6.6.6, <script>, 7.7.7.7",), "7.7.7.7"),
        (True, "::1", ("[2001:db8::7]:4711",), "2001:db8::7"),
        (True, "::1", ("6.6.6.6:4711",), "6.6.6.6"),
        (None, "::ffff:10.0.0.1", (), "10.0.0.1"),
        (None, "fe80::1%eth0", (), "fe80::1"),
        (True, None, (), ""),
    ],
)
def test_the_client_is_the_last_address_that_a_trusted_proxy_wrote(
    trust: Any, peer: str | None, forwarded: tuple[str, ...], expected: str
) -> None:
    given = {} if trust is None else {"backend__trustProxy": trust}
    assert client_address(config_of(**given))(scope_of(peer, *forwarded)) == expected


@pytest.mark.parametrize("trust", ["some proxy", ["10.0.0.0/99"], {"a": 1}])
def test_a_trust_that_cannot_be_read_is_told_with_its_place(trust: Any) -> None:
    with pytest.raises(ConfigError, match=r"backend\.trustProxy"):
        client_address(config_of(backend__trustProxy=trust))


def test_a_thousand_forged_hops_do_not_hide_the_last_one() -> None:
    forged = ", ".join(["6.6.6.6"] * 10_000 + ["7.7.7.7"])
    assert client_address(config_of(backend__trustProxy=1))(scope_of("10.0.0.1", forged)) == "7.7.7.7"
