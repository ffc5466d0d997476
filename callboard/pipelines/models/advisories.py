"""Whether an OSV record is about a version of a package, and how severe it is. Pure.

The rules are those of the OSV schema: a version is affected when it is listed, or lies between `introduced`
and `fixed` (or up to `last_affected`) of a range of its ecosystem or of SEMVER.
"""

from __future__ import annotations

import re
from typing import Any

import orjson
from packaging.version import InvalidVersion, Version

ECOSYSTEMS = {"npm": "npm", "pypi": "pypi"}
SEVERITIES = ("low", "moderate", "high", "critical")
_SEMVER = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?")


def severity(document: str) -> str:
    """How severe the record calls itself; `moderate` when it does not say."""
    body = _loaded(document)
    specific = body.get("database_specific")
    said = specific.get("severity") if isinstance(specific, dict) else None
    word = said.lower() if isinstance(said, str) else ""
    word = {"medium": "moderate"}.get(word, word)
    return word if word in SEVERITIES else "moderate"


def affects(document: str, ecosystem: str, package: str, version: str) -> bool:
    """Whether the record is about this version; a withdrawn record is about none."""
    body = _loaded(document)
    if body.get("withdrawn"):
        return False
    return any(
        _affected(one, ecosystem, version)
        for one in body.get("affected") or ()
        if isinstance(one, dict) and _is_about(one, ecosystem, package)
    )


def _is_about(affected: dict[str, Any], ecosystem: str, package: str) -> bool:
    named = affected.get("package")
    if not isinstance(named, dict):
        return False
    own = str(named.get("ecosystem", "")).lower()
    return own == ecosystem and _name(ecosystem, str(named.get("name", ""))) == _name(ecosystem, package)


def _name(ecosystem: str, name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "pypi" else name


def _affected(affected: dict[str, Any], ecosystem: str, version: str) -> bool:
    if version in (affected.get("versions") or ()):
        return True
    return any(
        _in_range(one.get("events") or (), ecosystem, version)
        for one in affected.get("ranges") or ()
        if isinstance(one, dict) and one.get("type") in ("SEMVER", "ECOSYSTEM")
    )


def _in_range(events: Any, ecosystem: str, version: str) -> bool:
    at = _key(ecosystem, version)
    if at is None:
        return False
    steps = []
    for event in events:
        for kind, value in event.items() if isinstance(event, dict) else ():
            key = _key(ecosystem, "0" if value == "0" else str(value))
            if key is not None and kind in ("introduced", "fixed", "last_affected"):
                steps.append((key, kind, value == "0"))
    inside = False
    for key, kind, always in sorted(steps, key=lambda one: one[0]):
        if kind == "introduced" and (always or at >= key):
            inside = True
        elif (kind == "fixed" and at >= key) or (kind == "last_affected" and at > key):
            inside = False
    return inside


def _key(ecosystem: str, version: str) -> Any:
    """Something of this ecosystem that can be compared; None for what is no version."""
    if ecosystem == "pypi":
        try:
            return Version(version)
        except InvalidVersion:
            return None
    match = _SEMVER.fullmatch(version.strip())
    if match is None:
        return None
    numbers = tuple(int(one or 0) for one in match.groups()[:3])
    # A pre-release stands before its release; numbers in it before words (SemVer 2, rule 11).
    rest = match[4].split(".") if match[4] else None
    parts = tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in rest or ())
    return numbers, rest is None, parts


def _loaded(document: str) -> dict[str, Any]:
    try:
        body = orjson.loads(document)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}
