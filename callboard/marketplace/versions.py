"""Puts versions of both ecosystems in order: those of Python, and the semantic versions of npm."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from packaging.version import InvalidVersion, Version

_SEMANTIC = re.compile(r"[vV=\s]*(\d{1,9}(?:\.\d{1,9}){0,5})(?:-([0-9A-Za-z.-]+))?(?:\+.*)?")


class Order(NamedTuple):
    """Compares as the versions do; what cannot be read comes before everything else."""

    known: bool
    epoch: int
    release: tuple[int, ...]
    final: int
    """0 for a pre-release, 1 for the release, 2 for what was published after it."""
    rest: tuple[tuple[int, int, str], ...]

    @property
    def is_prerelease(self) -> bool:
        return self.known and (self.final == 0 or (self.final == 2 and self.rest[-1][0] < 0))


@lru_cache(maxsize=16384)
def version_order(text: str) -> Order:
    """Where a version stands among others."""
    semantic = _SEMANTIC.fullmatch(text.strip())
    if semantic is not None:
        numbers = tuple(int(part) for part in semantic[1].split("."))
        before = semantic[2]
        return Order(True, 0, _trimmed(numbers), 0 if before else 1, _parts(before or ""))
    try:
        found = Version(text)
    except InvalidVersion:
        return Order(False, 0, (), 0, _parts(text[:100]))
    # A development release of a post-release still comes after the release itself.
    final = 2 if found.is_postrelease and found.pre is None else 0 if found.is_prerelease else 1
    rest: list[tuple[int, int, str]] = []
    if found.pre is None and found.dev is not None and found.post is None:
        rest.append((0, 0, ""))  # a development release comes before alpha, beta and candidates
    if found.pre is not None:
        rest += [(2, 0, found.pre[0]), (1, found.pre[1], "")]
    if found.post is not None:
        rest.append((1, found.post, ""))
    rest.append((0, 0, "") if found.dev is None else (-1, found.dev, ""))
    return Order(True, found.epoch, _trimmed(found.release), final, tuple(rest))


def _trimmed(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """1.0 and 1.0.0 are one version."""
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers = numbers[:-1]
    return numbers


def _parts(text: str) -> tuple[tuple[int, int, str], ...]:
    """Numbers come before words, as semantic versions have it."""
    return tuple(
        (1, int(part), "") if part.isascii() and part.isdigit() and len(part) < 10 else (2, 0, part)
        for part in re.split(r"[.-]", text)
        if part
    )
