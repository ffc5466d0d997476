"""Reads the text of a CODEOWNERS file: rules in their order, and what is wrong, with its line.

Besides GitHub's own form it knows GitLab's headings of sections, whose owners stand in for lines without any.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callboard_codeowners.patterns import Path, Pattern, PatternError, compiled

MAX_BYTES = 3 * 1024 * 1024
"""GitHub reads no larger file."""
_SECTION = re.compile(r"\^?\[[^\]]*\](?:\[\d+\])?(?P<owners>.*)")
_PATTERN = re.compile(r"(?:\\.|[^\s\\])+\\?")
_LONGEST_OWNER = 320
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)*|[^@\s/]+@[^@\s/]+\.[^@\s/]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line. Without owners, what it matches has none."""

    line: int
    pattern: Pattern
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line that is passed over; lines count from 1."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Codeowners:
    """A file that was read."""

    rules: tuple[Rule, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def owners_of(self, path: str) -> tuple[str, ...]:
        """The owners of a file, by the last rule that matches; its path begins at the repository's root."""
        wanted = Path.of(path)
        return next((rule.owners for rule in reversed(self.rules) if rule.pattern.matches(wanted)), ())


def parse(content: bytes) -> Codeowners:
    """Never raises: a line that cannot be understood is a mistake, and the others count."""
    if len(content) > MAX_BYTES:
        return Codeowners(mistakes=(Mistake(1, f"the file is larger than {MAX_BYTES} bytes"),))
    rules: list[Rule] = []
    mistakes: list[Mistake] = []
    inherited: Sequence[str] = ()
    for number, line in enumerate(content.decode("utf-8-sig", "replace").split("\n"), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            section = _SECTION.fullmatch(text)
            if section is not None:
                inherited = _owners(section["owners"])
                continue
            found = _PATTERN.match(text)
            if found is None:
                raise PatternError("there is no pattern")
            owners = _owners(text[found.end() :]) or tuple(inherited)
            rules.append(Rule(number, compiled(found[0]), owners))
        except PatternError as error:
            mistakes.append(Mistake(number, str(error)))
    return Codeowners(tuple(rules), tuple(mistakes))


def _owners(text: str) -> tuple[str, ...]:
    """The owners up to a comment. Raises PatternError, as GitHub passes over a line with a wrong one."""
    words = []
    for word in text.split():
        if word.startswith("#"):
            break
        if len(word) > _LONGEST_OWNER or not _OWNER.fullmatch(word):
            raise PatternError(
                f"{word[:100]!r} is neither @user nor @organisation/team nor an e-mail address"
            )
        words.append(word)
    return tuple(words)
