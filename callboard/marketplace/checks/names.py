"""Whether a name or title could be taken for another one's: those of listings, and those of publishers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from confusable_homoglyphs import confusables  # type: ignore[import-untyped]  # ships no types
from packaging.utils import canonicalize_name
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.fuzz import ratio

from callboard.marketplace.checks.findings import Finding, error, warning
from callboard.marketplace.checks.given import Taken, TakenPublisher

NEAR_TITLE = 90.0  # of 100: how alike two titles may be at most
_PREFIX = ("callboard-plugin-", "callboard-", "backstage-plugin-", "backstage-", "plugin-")
_DIGITS = str.maketrans("0135", "oles")
_FORMS = re.compile(
    r"[\s,.]+(?:inc|incorporated|ltd|limited|llc|llp|plc|corp|corporation|company|gmbh|ag|kg|sa|sas|sarl|srl|bv|"
    r"nv|ab|as|oy|pty|official|team|plugins)[.]?\s*$",
    re.IGNORECASE,
)
"""What companies write behind their names, and those who pose as them: it tells nobody apart."""


def check_names(
    name: str, title: str, distribution: str, publisher: str, taken: Iterable[Taken]
) -> Iterator[Finding]:
    """`taken` holds names of others, and the publisher's own."""
    yield from _disguised(title)
    shape = skeleton(title)
    for other in taken:
        if other.publisher == publisher or other.name == name:
            continue
        yield from _near(name, distribution, other)
        likeness = ratio(shape, skeleton(other.title))
        if shape == skeleton(other.title):
            yield error("title-taken", f'The title reads like "{other.title}" of {other.publisher}', "title")
        elif likeness >= NEAR_TITLE:
            yield warning("title-near", f'The title is near "{other.title}" of {other.publisher}', "title")


def check_publisher(name: str, title: str, taken: Iterable[TakenPublisher]) -> Iterator[Finding]:
    """Whether a publisher could be taken for another one by its name or title; `taken` are all others."""
    yield from _disguised(title)
    mine = (("name", name, _organisation(name)), ("title", title, _organisation(title)))
    for other in taken:
        theirs = {_organisation(other.name), _organisation(other.title)} - {""}
        if name == other.name:
            yield error("name-listed", f"The name is that of {other}", "name")
            continue  # that the title is the same says no more
        for field, said, shape in mine:
            if shape in theirs:
                yield error(f"{field}-taken", f'"{said}" reads like {other}', field)
            elif any(_close(shape, one) for one in theirs) or (
                field == "title" and any(ratio(shape, one) >= NEAR_TITLE for one in theirs)
            ):
                yield warning(f"{field}-near", f'"{said}" is near {other}', field)


def _organisation(text: str) -> str:
    """The name of a publisher as the eye takes it, without the form of its company."""
    plain = text.replace("-", " ").strip()
    while (shorter := _FORMS.sub("", plain)) and shorter != plain:
        plain = shorter
    return skeleton(plain)


def _disguised(title: str) -> Iterator[Finding]:
    if confusables.is_dangerous(title) or _mixes(title):
        letters = ", ".join(f"U+{ord(one):04X}" for one in title if ord(one) > 127)[:80]
        yield error(
            "title-homoglyph",
            f"The title mixes letters of several scripts that look alike ({letters})",
            "title",
        )


def _near(name: str, distribution: str, other: Taken) -> Iterator[Finding]:
    mine, theirs = _core(name), _core(other.name)
    if mine == theirs:
        yield error("name-taken", f"The name is that of {other.name} in another spelling", "name")
    elif _close(mine, theirs):
        yield error("name-near", f"The name is too near {other.name} of {other.publisher}", "name")
    if distribution and other.distribution:
        mine, theirs = _core(distribution), _core(other.distribution)
        if mine == theirs and canonicalize_name(distribution) != canonicalize_name(other.distribution):
            yield error("package-near", f"The package reads like {other.distribution}", "package")
        elif mine != theirs and _close(mine, theirs):
            yield error("package-near", f"The package is too near {other.distribution}", "package")


def _core(name: str) -> str:
    """What tells names apart: without the usual prefixes, hyphens, and digits that look like letters."""
    core: str = canonicalize_name(name)
    for prefix in _PREFIX:
        if core.startswith(prefix) and len(core) > len(prefix):
            core = core.removeprefix(prefix)
            break
    return core.replace("-", "").translate(_DIGITS)


def _close(one: str, other: str) -> bool:
    """One slip of the finger; in short names that would refuse half of all words."""
    if min(len(one), len(other)) < 6:
        return False
    most = 2 if min(len(one), len(other)) >= 14 else 1
    return 0 < DamerauLevenshtein.distance(one, other, score_cutoff=most) <= most


def skeleton(text: str) -> str:
    """A title as the eye takes it: every letter by the Latin one that it looks like."""
    shaped = []
    for letter in unicodedata.normalize("NFKC", text).casefold():
        if letter.isascii() or not letter.isalnum():
            shaped.append(letter)
            continue
        found = confusables.is_confusable(letter, greedy=True) or [{"homoglyphs": []}]
        alike = [one["c"] for one in found[0]["homoglyphs"] if one["c"].isascii()]
        shaped.append(alike[0].casefold() if alike else letter)
    return "".join(one for one in "".join(shaped).translate(_DIGITS) if one.isalnum())


def _mixes(text: str) -> bool:
    """Whether one word holds letters of Latin and of Greek or Cyrillic."""
    for word in text.split():
        scripts = {unicodedata.name(one, "").partition(" ")[0] for one in word if one.isalpha()}
        if "LATIN" in scripts and scripts & {"GREEK", "CYRILLIC", "CHEROKEE", "ARMENIAN", "COPTIC"}:
            return True
    return any(unicodedata.category(one) in ("Cf", "Co") for one in text)
