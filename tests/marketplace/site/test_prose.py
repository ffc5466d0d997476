"""Markdown of strangers does no harm, and fits below a page's headings."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.marketplace.site.made import script_json
from callboard.marketplace.site.prose import MOST, line, plain, prose


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<img src=x onerror=alert(1)>",
        "![x](https://spy.example/pixel.png)",
        "<a href='https://ok.example' onclick='x()'>x</a>",
        "<svg><script>alert(1)</script></svg>",
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_nothing_a_stranger_writes_runs_or_loads(text: str) -> None:
    html = str(prose(text)).lower()
    assert "<script" not in html
    assert "<img" not in html
    assert "<svg" not in html
    assert not re.search(r"<[^>]+(javascript:|data:|\son\w+=)", html)


def test_a_picture_stands_as_its_words() -> None:
    assert "the harbour" in prose("![the harbour](https://spy.example/pixel.png)")


def test_headings_begin_below_the_pages_own_and_skip_no_level() -> None:
    html = str(prose("# One\n\n#### Deep\n\n## Two\n\n# Three", 2))
    assert re.findall(r"<h(\d)>", html) == ["3", "4", "4", "3"]


def test_a_huge_text_is_cut() -> None:
    assert len(prose("word " * MOST)) < 2 * MOST


def test_a_text_that_turns_its_direction_loses_the_marks_that_do_it() -> None:
    assert line("Tides\u202egpj.exe\u2066") == "Tidesgpj.exe"


def test_a_description_is_made_of_the_words() -> None:
    assert (
        plain("# Tides\n\nShows the `tide` of [today](https://x.example).")
        == "Tides Shows the tide of today."
    )


@given(st.text(max_size=300))
def test_no_text_ends_the_element_of_data(text: str) -> None:
    written = str(script_json({"name": text}))
    assert "<" not in written
    assert ">" not in written


@given(st.text(alphabet="#<>[]()`*_!\n abc:/\"'&;", max_size=200))
def test_whatever_is_written_no_tag_with_code_comes_out(text: str) -> None:
    html = str(prose(text)).lower()
    assert not re.search(r"<(script|img|svg|iframe|object|style|form|input)", html)
