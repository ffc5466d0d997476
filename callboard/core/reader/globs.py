"""Matches paths of a repository against `*`, `**` and `{a,b}`, in time that no pattern can blow up."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from callboard.core.errors import InputError

_MAX_ALTERNATIVES = 64
_BRACES = re.compile(r"\{([^{}]*)\}")


def is_glob(path: str) -> bool:
    return "*" in path


def fixed_folder(pattern: str) -> str:
    """The folder above the first wildcard: `a/b` of `a/b/*/c.yaml`."""
    fixed: list[str] = []
    for segment in pattern.split("/"):
        if "*" in segment or "{" in segment:
            break
        fixed.append(segment)
    return "/".join(fixed)


def matches(pattern: str, path: str) -> bool:
    """Whether `path` matches; wildcards pass over names that begin with a dot, as in a shell."""
    segments = path.split("/")
    return any(_matches(each.split("/"), segments) for each in alternatives(pattern))


def alternatives(pattern: str) -> list[str]:
    """`x.{yaml,yml}` as two patterns. Raises InputError past 64."""
    done, open_ = [], [pattern]
    while open_:
        text = open_.pop()
        match = _BRACES.search(text)
        if match is None:
            done.append(text)
        else:
            open_ += [text[: match.start()] + part + text[match.end() :] for part in match[1].split(",")]
        if len(done) + len(open_) > _MAX_ALTERNATIVES:
            raise InputError(f"The pattern has more than {_MAX_ALTERNATIVES} alternatives")
    return done


def _matches(pattern: list[str], path: list[str]) -> bool:
    # reachable[i]: the pattern so far can have consumed the first i segments.
    reachable = {0}
    for part in pattern:
        following: set[int] = set()
        if part == "**":
            for start in reachable:
                end = start
                following.add(end)
                while end < len(path) and not path[end].startswith("."):
                    end += 1
                    following.add(end)
        else:
            following = {i + 1 for i in reachable if i < len(path) and _segment(part, path[i])}
        reachable = following
    return len(path) in reachable


def _segment(pattern: str, name: str) -> bool:
    if "*" not in pattern:
        return pattern == name
    if name.startswith(".") and not pattern.startswith("."):
        return False
    # Brackets and question marks stand for themselves here.
    return fnmatchcase(name, re.sub(r"([\[?])", r"[\1]", pattern))
