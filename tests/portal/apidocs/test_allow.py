"""`apiDocs.tryIt.allow`: hosts as in `backend.reading.allow`, and URL prefixes."""

from __future__ import annotations

import httpx
import pytest

from callboard.core.errors import ConfigError
from callboard.core.reader.allow import Reach
from callboard.portal.apidocs.allow import TryAllowList, read_allow_list
from tests.portal.apidocs.rendering import config


def allow(*entries: str) -> TryAllowList:
    return read_allow_list(config(*entries))


@pytest.mark.parametrize(
    ("entry", "url", "reach"),
    [
        ("a.example", "https://a.example/x", Reach.INTERNAL),
        ("a.example", "http://a.example/x", Reach.INTERNAL),
        ("a.example", "https://a.example:8443/x", None),
        ("a.example", "https://b.a.example/x", None),
        ("a.example", "https://a.example.evil.example/x", None),
        ("*.a.example", "https://b.a.example/x", Reach.PUBLIC),
        ("*.a.example", "https://a.example/x", None),
        ("a.example:8080", "http://a.example:8080/x", Reach.INTERNAL),
        ("https://a.example/v2", "https://a.example/v2", Reach.INTERNAL),
        ("https://a.example/v2", "https://a.example/v2/ships?x=1", Reach.INTERNAL),
        ("https://a.example/v2/", "https://a.example/v2/ships", Reach.INTERNAL),
        ("https://a.example/v2", "https://a.example/v20", None),
        ("https://a.example/v2", "http://a.example/v2", None),
        ("https://a.example/v2", "https://a.example/v2/../admin", None),
        ("https://a.example/v2", "https://a.example/v2/%2e%2e/admin", None),
        ("https://a.example/v2", "https://a.example/v2/..%5cadmin", None),
        ("https://a.example", "https://a.example/anything", Reach.INTERNAL),
        ("http://[::1]:8080/x", "http://[::1]:8080/x/y", Reach.INTERNAL),
    ],
)
def test_an_entry_allows_exactly_what_it_says(entry: str, url: str, reach: Reach | None) -> None:
    assert allow(entry).reach(httpx.URL(url)) is reach


def test_nothing_is_allowed_by_default() -> None:
    assert not allow()
    assert allow().reach(httpx.URL("https://a.example/")) is None


@pytest.mark.parametrize(
    "entry", ["", "a b", "ftp://a.example/", "https://u:p@a.example/", "https://a.example/?x"]
)
def test_an_entry_without_sense_is_an_error_that_names_it(entry: str) -> None:
    with pytest.raises(ConfigError) as caught:
        allow("a.example", entry)
    assert [problem.field for problem in caught.value.problems] == ["apiDocs.tryIt.allow[1]"]


def test_servers_are_offered_when_something_below_them_is_allowed() -> None:
    urls = ["https://a.example/v1", "https://a.example", "/relative", "https://b.example", "https://{x}"]
    assert allow("a.example").permitted(urls) == ("https://a.example/v1", "https://a.example")
    assert allow("https://a.example/v1/").permitted(urls) == ("https://a.example/v1", "https://a.example")
    assert allow("https://a.example/v2").permitted(urls) == ("https://a.example",)
