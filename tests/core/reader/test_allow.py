"""The allow-list against a table, and against URLs made to be misread."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.core.errors import CallboardError, ConfigError, InputError, NotAllowedError
from callboard.core.reader import UrlReader
from callboard.core.reader.allow import AllowList, Reach
from callboard.core.reader.locators import parse


def allow_list(*entries: dict[str, Any]) -> AllowList:
    return AllowList.from_config({"backend": {"reading": {"allow": list(entries)}}})


@pytest.mark.parametrize(
    ("host", "paths", "url", "reach"),
    [
        ("example.com", None, "https://example.com/a", Reach.INTERNAL),
        ("example.com", None, "http://example.com/a", Reach.INTERNAL),
        ("example.com", None, "https://EXAMPLE.com:443/a", Reach.INTERNAL),
        ("EXAMPLE.com", None, "https://example.com/a", Reach.INTERNAL),
        ("example.com", None, "https://example.com:8443/a", None),
        ("example.com", None, "https://sub.example.com/a", None),
        ("example.com", None, "https://example.com.evil.org/a", None),
        ("example.com", None, "https://notexample.com/a", None),
        ("example.com", None, "https://example.com./a", None),
        ("*.example.com", None, "https://sub.example.com/a", Reach.PUBLIC),
        ("*.example.com", None, "https://a.b.example.com/a", Reach.PUBLIC),
        ("*.example.com", None, "https://example.com/a", None),
        ("*.example.com", None, "https://evilexample.com/a", None),
        ("*.example.com", None, "https://sub.example.com:8443/a", None),
        ("*.example.com:8443", None, "https://sub.example.com:8443/a", Reach.PUBLIC),
        ("localhost:9999", None, "http://localhost:9999/a", Reach.INTERNAL),
        ("localhost:9999", None, "http://localhost:9998/a", None),
        ("example.com:443", None, "https://example.com/a", Reach.INTERNAL),
        ("example.com:443", None, "http://example.com/a", None),
        ("example.com:8000-8100", None, "http://example.com:8050/a", Reach.INTERNAL),
        ("example.com:8000-8100", None, "http://example.com:8101/a", None),
        ("[::1]:9999", None, "http://[::1]:9999/a", Reach.INTERNAL),
        ("bücher.example", None, "https://xn--bcher-kva.example/a", Reach.INTERNAL),
        ("example.com", ["/open/"], "https://example.com/open/a", Reach.INTERNAL),
        ("example.com", ["/open/"], "https://example.com/open", None),
        ("example.com", ["/open/"], "https://example.com/secret", None),
        ("example.com", ["/open/"], "https://example.com/open/../secret", None),
        ("example.com", ["/open/"], "https://example.com/open/%2e%2e/secret", None),
        ("example.com", ["/open/"], "https://example.com/open/%252e%252e/secret", None),
        ("example.com", ["/open/"], "https://example.com/open/..%2fsecret", None),
        ("example.com", ["/open/"], "https://example.com/open/..%5csecret", None),
        ("example.com", ["/open/"], "https://example.com//open/a", None),
        ("example.com", ["/open/"], "https://example.com/secret?/open/", None),
        ("example.com", ["/a/", "/b/"], "https://example.com/b/x", Reach.INTERNAL),
        ("example.com", [], "https://example.com/a", None),
    ],
)
def test_an_entry_allows_exactly_this(
    host: str, paths: list[str] | None, url: str, reach: Reach | None
) -> None:
    entry = {"host": host} | ({} if paths is None else {"paths": paths})
    assert allow_list(entry).reach(parse(url)) is reach


def test_an_exact_entry_does_not_open_other_paths_of_a_wildcard_to_the_inside() -> None:
    rules = allow_list({"host": "*.corp.example"}, {"host": "a.corp.example", "paths": ["/open/"]})
    assert rules.reach(parse("https://a.corp.example/open/x")) is Reach.INTERNAL
    assert rules.reach(parse("https://a.corp.example/x")) is Reach.PUBLIC


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"host": 5},
        {"host": "*"},
        {"host": ".example.com"},
        {"host": "prod.*.example.com"},
        {"host": "https://example.com"},
        {"host": "example.com/a"},
        {"host": "u@example.com"},
        {"host": "example.com:0"},
        {"host": "example.com:99999"},
        {"host": "example.com:20-10"},
        {"host": "example.com", "paths": "/a"},
        "example.com",
    ],
)
def test_an_entry_that_cannot_be_understood_is_a_configuration_error(entry: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        allow_list(entry)
    assert caught.value.problems[0].field.startswith("backend.reading.allow[0]")


async def test_the_refusal_is_worded_as_in_backstage() -> None:
    url = "https://not-allowed.example.org/catalog-info.yaml"
    async with UrlReader.from_config({}) as reader:
        with pytest.raises(NotAllowedError) as caught:
            await reader.read(url)
    assert str(caught.value) == (
        f"Reading from '{url}' is not allowed. You may need to configure an integration for the target host, "
        "or add it to the configured list of allowed hosts at 'backend.reading.allow'"
    )


@pytest.mark.parametrize(
    "url",
    [
        "", "a", "/etc/passwd", "file:///etc/passwd", "ftp://example.com/a", "javascript:alert(1)", "data:,x",
        "http://", "http:///a", "https://example.com:99999/a", "https://exa mple.com/", "https://example.com\\.evil/",
        "https://example.com\n/", "https://\x00/", "https://[::1/", "https://-/", "https://ex%61mple.com/",
        "https://example.com:canary@other.example/", "https://canary@example.com/", "https://@example.com/",
        "https://example.com/" + "a" * 9000,
    ],
)  # fmt: skip
async def test_a_url_that_is_not_plainly_a_web_address_is_refused(url: str) -> None:
    config = {"backend": {"reading": {"allow": [{"host": "example.com"}, {"host": "*.example"}]}}}
    async with UrlReader.from_config(config) as reader:
        with pytest.raises(InputError) as caught:
            await reader.read(url)
    assert "canary" not in str(caught.value)


@given(st.text(max_size=50), st.text(max_size=20))
def test_what_is_allowed_goes_to_the_allowed_host(before: str, after: str) -> None:
    rules = allow_list({"host": "example.com"}, {"host": "*.example.org"})
    for url in (
        f"https://{before}example.com{after}",
        f"https://{before}.example.org{after}",
        f"http://{before}",
    ):
        try:
            parsed = parse(url)
        except CallboardError:
            continue
        if rules.reach(parsed):
            assert httpx.URL(str(parsed)).host == "example.com" or parsed.host.endswith(".example.org")
            assert not parsed.userinfo
