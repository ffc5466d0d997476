"""Wildcards in paths, and patterns made to take for ever."""

from __future__ import annotations

import pytest

from callboard.core.errors import InputError
from callboard.core.reader.globs import fixed_folder, matches


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**", "a/b/c", True),
        ("**/c", "c", True),
        ("a/**/c", "a/c", True),
        ("a/**/c", "a/x/y/c", True),
        ("a/**/c", "b/c", False),
        ("*.yaml", "x.yaml", True),
        ("*.yaml", "a/x.yaml", False),
        ("*.yaml", ".x.yaml", False),
        ("**/x", ".git/x", False),
        ("a?[b]*", "a?[b]c", True),
        ("a?[b]*", "axbc", False),
        ("{a,b}/*", "b/x", True),
        ("{a,b}/*", "c/x", False),
    ],
)
def test_a_pattern_matches_as_in_a_shell(pattern: str, path: str, expected: bool) -> None:
    assert matches(pattern, path) is expected


def test_the_fixed_folder_ends_before_the_first_wildcard() -> None:
    assert fixed_folder("a/b/*/c.yaml") == "a/b"
    assert fixed_folder("**/c.yaml") == ""
    assert fixed_folder("a/{b,c}/*.yaml") == "a"


@pytest.mark.timeout(60)
def test_no_pattern_takes_for_ever() -> None:
    assert not matches("**/" * 40 + "b", "a/" * 200 + "a")
    assert not matches("*a" * 40 + "b", "a" * 200)
    with pytest.raises(InputError, match="alternatives"):
        matches("{a,b}" * 20, "a")
