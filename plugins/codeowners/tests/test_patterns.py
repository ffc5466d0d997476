"""The rules of GitHub, one by one; then all of them against a naive model that tries every way."""

from __future__ import annotations

import time
from functools import cache

import pytest
from callboard_codeowners.parsing import MAX_BYTES, parse
from callboard_codeowners.patterns import Path, PatternError, compiled
from hypothesis import given, settings
from hypothesis import strategies as st

RULES = [
    # pattern, paths that match, paths that do not
    ("*", ["a", "a/b", "a/b/c"], []),
    ("*.js", ["a.js", "x/a.js", "x.js/y"], ["a.ts", "js"]),
    ("/build/logs/", ["build/logs/a", "build/logs/x/y"], ["x/build/logs/a", "build/logs"]),
    ("docs/*", ["docs/a.md"], ["docs/x/a.md", "y/docs/a.md"]),
    ("apps/", ["apps/a", "x/apps/a", "x/apps/y/a"], ["apps"]),
    ("/docs/", ["docs/a", "docs/x/a"], ["x/docs/a"]),
    ("/scripts", ["scripts", "scripts/a", "scripts/x/y"], ["x/scripts"]),
    ("**/logs", ["logs", "logs/a", "build/logs/a", "a/b/logs"], ["logs2/a"]),
    ("/apps/github", ["apps/github", "apps/github/x"], ["apps/x", "x/apps/github"]),
    ("/*", ["a"], ["a/b"]),
    ("a/**/b", ["a/b", "a/x/b", "a/x/y/b", "a/x/b/c"], ["x/a/b"]),
    ("a/**", ["a/b", "a/b/c"], ["a", "x/a/b"]),
    ("**", ["a", "a/b"], []),
    ("**/", ["a/b", "a/b/c"], ["a"]),
    ("*/", ["a/b"], ["a"]),
    ("docs/*/", ["docs/x/a"], ["docs/a", "y/docs/x/a"]),
    ("a?c", ["abc", "x/axc/y"], ["ac", "a/c"]),
    ("a*c*e", ["abcde", "ace"], ["aec", "abce2"]),
    (r"a\ b", ["a b"], ["a", r"a\ b"]),
    (r"a\*b", ["a*b"], ["axb"]),
    ("catalog-info.yaml", ["catalog-info.yaml", "x/catalog-info.yaml"], ["Catalog-info.yaml"]),
    ("aa*aa", ["aaaa", "aabaa"], ["aaa", "aa"]),
]


@pytest.mark.parametrize(("pattern", "matching", "others"), RULES, ids=[rule[0] for rule in RULES])
def test_a_pattern_matches_what_github_says(pattern: str, matching: list[str], others: list[str]) -> None:
    made = compiled(pattern)
    assert [path for path in matching if not made.matches(Path.of(path))] == []
    assert [path for path in others if made.matches(Path.of(path))] == []


@pytest.mark.parametrize("pattern", ["!a", "[ab].js", "a\\", "/", "//", "x" * 1001])
def test_what_github_does_not_understand_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compiled(pattern)


def naive(pattern: str, path: str) -> bool:
    """The same rules said another way: with recursion over every choice, for short texts."""
    parts = pattern.split("/")
    in_folder = len(parts) > 1 and parts[-1] == ""
    wanted = [part for part in parts if part]
    anywhere = len(wanted) == 1 and not pattern.startswith("/")
    names = [name for name in path.split("/") if name]

    @cache
    def name_fits(want: str, name: str) -> bool:
        if not want:
            return not name
        if want[0] == "*":
            return name_fits(want[1:], name) or (bool(name) and name_fits(want, name[1:]))
        return bool(name) and want[0] in ("?", name[0]) and name_fits(want[1:], name[1:])

    def fits(want: list[str], rest: list[str]) -> bool:
        if not want:
            # What is left of the path lies in the folder that matched.
            if in_folder:
                return bool(rest)
            return not rest or wanted[-1] != "*"
        if want[0] != "**":
            return bool(rest) and name_fits(want[0], rest[0]) and fits(want[1:], rest[1:])
        if len(want) == 1:
            return len(rest) > 1 if in_folder else bool(rest)
        return any(fits(want[1:], rest[count:]) for count in range(len(rest) + 1))

    starts = range(len(names)) if anywhere else (0,)
    return any(fits(wanted, names[start:]) for start in starts)


PART = st.one_of(st.sampled_from(["**", "*", "a", "b"]), st.text("ab*?", min_size=1, max_size=5)).filter(
    lambda part: part == "**" or "**" not in part
)
PATTERNS = st.builds(
    lambda lead, parts, tail: lead + "/".join(parts) + tail,
    st.sampled_from(["", "/"]),
    st.lists(PART, min_size=1, max_size=4),
    st.sampled_from(["", "/"]),
)
PATHS = st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=5).map("/".join)


@settings(max_examples=2000, deadline=None)
@given(PATTERNS, PATHS)
def test_patterns_match_as_a_naive_model_says(pattern: str, path: str) -> None:
    assert compiled(pattern).matches(Path.of(path)) == naive(pattern, path)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(content: bytes) -> None:
    file = parse(content)
    file.owners_of("a/b/c")
    lines = content.count(b"\n") + 1
    assert all(
        1 <= line <= lines for line in [one.line for one in file.rules] + [one.line for one in file.mistakes]
    )


HOSTILE = {
    "stars": ("*a" * 499 + "b", "a" * 255),
    "questions": ("*" + "a?" * 120 + "b*", "a" * 255),
    "folders": ("**/a/" * 199 + "b", "/".join(["a"] * 2000)),
    "both": ("**/*a*a*a*a*a*b/" * 60 + "c", "/".join(["a" * 30] * 130)),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_pattern_takes_long(kind: str) -> None:
    pattern, path = HOSTILE[kind]
    rules = parse(f"{pattern} @a\n".encode() * 100)
    assert len(rules.rules) == 100
    started = time.perf_counter()
    assert rules.owners_of(path) == ()
    assert time.perf_counter() - started < 2


def test_a_huge_file_is_read_in_time_and_one_beyond_the_limit_not_at_all() -> None:
    line = b"/src/*/deep/**/*.py @acme/lamps\n"
    content = line * (MAX_BYTES // len(line))
    started = time.perf_counter()
    file = parse(content)
    assert file.owners_of("src/a/other.js") == ()
    assert time.perf_counter() - started < 20
    assert parse(content + line * 2).rules == ()


def test_a_long_word_in_the_place_of_an_owner_takes_no_time() -> None:
    started = time.perf_counter()
    file = parse(b"* a@" + b"." * 1_000_000 + b"@")
    assert [one.line for one in file.mistakes] == [1]
    assert time.perf_counter() - started < 2
