"""Versions of both ecosystems stand in the order that their package managers give them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from callboard.marketplace.versions import version_order

SEMANTIC = (
    "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 "
    "1.9.0 1.10.0"
)
"""The order of https://semver.org, section 11, and one that texts get wrong."""
PYTHON = (
    "1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345"
    " 1.0rc1.dev456 1.0rc1 1.0 1.0.post456.dev34 1.0.post456 1.1.dev1 1!0.1"
)
"""The order of the version specifiers of the Python Packaging Authority."""


@pytest.mark.parametrize("texts", [SEMANTIC.split(), PYTHON.split()])
def test_versions_are_ordered_as_the_specifications_say(texts: list[str]) -> None:
    for older, newer in pairwise(texts):
        assert version_order(older) < version_order(newer), (older, newer)


@pytest.mark.parametrize(("one", "same"), [("1", "1.0.0"), ("v1.2", "1.2.0"), ("1.0.0+linux", "1.0.0")])
def test_the_same_version_may_be_written_in_two_ways(one: str, same: str) -> None:
    assert version_order(one) == version_order(same)


@pytest.mark.parametrize("text", ["", "latest", "1.0.0.0.0.0.0.0", "☃", "9" * 400, "1.-2"])
def test_what_is_no_version_comes_first_and_is_no_prerelease(text: str) -> None:
    order = version_order(text)
    if not order.known:
        assert order < version_order("0.0.0-alpha")
        assert not order.is_prerelease


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=4), st.lists(st.integers(0, 30), min_size=1, max_size=4)
)
def test_plain_releases_are_ordered_as_packaging_orders_them(one: list[int], two: list[int]) -> None:
    first, second = (".".join(map(str, parts)) for parts in (one, two))
    assert (version_order(first) < version_order(second)) == (Version(first) < Version(second))
    assert (version_order(first) == version_order(second)) == (Version(first) == Version(second))


@pytest.mark.parametrize("text", PYTHON.split())
def test_what_is_no_release_yet_is_told_as_packaging_tells_it(text: str) -> None:
    assert version_order(text).is_prerelease == Version(text).is_prerelease


@given(st.text(max_size=30))
def test_every_text_has_a_place(text: str) -> None:
    assert version_order(text) == version_order(text)
    assert version_order(text) < version_order("1!0") or version_order(text).epoch > 0
