from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from callboard.web.assets import Assets
from callboard.web.contributions import Templates
from callboard.web.templating import (
    ago,
    entity_path,
    environment,
    markdown,
    query_string,
    safe_url,
    short_ref,
)


@pytest.mark.parametrize(
    "url",
    ["https://example.org/a?b=c#d", "http://example.org", "mailto:crew@example.org", "/catalog", "#part"],
)
def test_an_ordinary_address_stays_as_it_is(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "//evil.example",
        "/\\evil.example",
        "file:///etc/passwd",
        "http://[broken",
        "relative/path",
        "",
    ],
)
def test_an_address_that_could_run_or_mislead_becomes_nothing(url: str) -> None:
    assert safe_url(url) == ""


@given(st.text())
def test_no_address_leads_to_another_scheme(url: str) -> None:
    safe = safe_url(url)
    assert not safe or safe[0] in "/#" or safe.lower().startswith(("http:", "https:", "mailto:"))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "![a](https://example.org/pixel.png)",
        '<a href="x" onclick="y">',
    ],
)
def test_markdown_runs_nothing_and_fetches_nothing(text: str) -> None:
    html = str(markdown(text)).lower()
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert '<a href="x"' not in html


def test_markdown_is_rendered() -> None:
    html = str(markdown("# Harbour\n\n* [pilot](https://example.org)\n\n| a |\n|---|\n| b |"))
    assert "<h1>Harbour</h1>" in html
    assert '<a href="https://example.org"' in html
    assert "<td>b</td>" in html


@pytest.mark.parametrize(
    ("ref", "path"),
    [
        ("component:default/ticket-shop", "/catalog/default/component/ticket-shop"),
        ("API:Fleet/Track.v1", "/catalog/fleet/api/Track.v1"),
        ("group:default/a b?", "/catalog/default/group/a%20b%3F"),
    ],
)
def test_a_reference_has_the_path_of_its_page(ref: str, path: str) -> None:
    assert entity_path(ref) == path


def test_what_is_no_reference_leads_to_the_search() -> None:
    assert entity_path("a:").startswith("/search?term=")


def test_a_reference_is_said_without_what_goes_without_saying() -> None:
    assert short_ref("component:default/shop") == "component:shop"
    assert short_ref("group:default/crew", "group") == "crew"
    assert short_ref("group:fleet/crew", "group") == "fleet/crew"
    assert short_ref("crew") == "crew"


def test_times_are_told_in_one_unit() -> None:
    now = time.time()
    assert ago(now, now) == "just now"
    assert ago(now - 61, now) == "1 minute ago"
    assert ago(now - 7200, now) == "2 hours ago"
    assert ago(now + 3600 * 3, now) == "in 3 hours"
    assert ago(now + 86400 * 30 - 2, now) == "in 30 days"
    assert ago(0, now) == "1 January 1970"


def test_a_query_string_repeats_the_key_of_a_list() -> None:
    assert query_string({"a": ["1", "2"], "b": "x y"}) == "?a=1&a=2&b=x+y"
    assert query_string({}) == ""


def test_a_new_environment_compiles_only_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str | None] = []
    compile_one = Environment.compile

    def watched(
        self: Environment, source: str, name: str | None = None, filename: str | None = None
    ) -> object:
        compiled.append(name)
        return compile_one(self, source, name, filename)

    monkeypatch.setattr(Environment, "compile", watched)
    assets = Assets()
    for text in ("one", "one", "another"):
        (tmp_path / "page.html").write_text(text)
        made = environment([Templates("ships", tmp_path)], assets)
        assert made.get_template("ships/page.html").render() == text
    assert compiled == ["page.html", "page.html"]
