"""Which hosts a server answers for, by its configuration."""

from __future__ import annotations

from typing import Any

import pytest

from callboard.access.edge import allowed_hosts
from callboard.core.errors import ConfigError
from callboard.core.http_hosts import host_check
from tests.access.edge.configs import config_of


def answers(listens_on: str, host: str, **keys: Any) -> bool:
    allowed = allowed_hosts(config_of(**keys), listens_on)
    return allowed is None or host_check(allowed)([(b"host", host.encode())])


@pytest.mark.parametrize("listens_on", ["127.0.0.1", "localhost", "::1"])
def test_a_server_on_loopback_answers_only_by_the_names_of_loopback(listens_on: str) -> None:
    assert all(answers(listens_on, host) for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000"))
    assert not answers(listens_on, "rebound.example:8000")
    assert not answers(listens_on, "10.0.0.7:8000")


@pytest.mark.parametrize("listens_on", ["0.0.0.0", "::", "[::]"])
def test_a_server_on_all_interfaces_answers_by_address_and_by_configured_names(listens_on: str) -> None:
    keys = {"backend__baseUrl": "https://Portal.example:8443/path", "app__baseUrl": "http://app.example"}
    for host in ("localhost", "10.0.0.7:8000", "portal.example", "app.example:3000"):
        assert answers(listens_on, host, **keys)
    assert not answers(listens_on, "rebound.example", **keys)


def test_a_server_on_one_address_answers_by_it() -> None:
    assert answers("10.0.0.7", "10.0.0.7:8000")
    assert not answers("10.0.0.7", "10.0.0.8:8000")


def test_further_hosts_are_listed() -> None:
    hosts = {"backend__allowedHosts": ["portal.internal", "*.teams.example", "2001:db8::7", "[2001:db8::8]"]}
    for host in ("portal.internal:80", "a.teams.example", "[2001:db8::7]:1", "[2001:db8::8]"):
        assert answers("127.0.0.1", host, **hosts)
    assert not answers("127.0.0.1", "teams.example", **hosts)
    assert answers("127.0.0.1", "whatever.example", backend__allowedHosts=["*"])


@pytest.mark.parametrize("entry", ["https://portal.example", "a b", "", 7, "portal.*", "*.*.example"])
def test_an_entry_that_is_no_host_is_told_with_its_place(entry: Any) -> None:
    with pytest.raises(ConfigError, match=r"backend\.allowedHosts\[1\]"):
        allowed_hosts(config_of(backend__allowedHosts=["portal.example", entry]), "127.0.0.1")
