"""Known vulnerabilities of Python packages, from an OSV export: a folder or zip of JSON files."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from callboard.core.errors import InputError
from callboard.marketplace.checks.findings import Finding, error, warning
from callboard.marketplace.checks.severity import Severity, severity_of
from callboard.marketplace.reading import web_url

MAX_RECORD = 4 * 1024 * 1024
MAX_RECORDS = 200_000


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """What is affected of one package: versions that are listed, and ranges from (incl.) to (excl.)."""

    id: str
    summary: str
    versions: frozenset[str]
    ranges: tuple[tuple[Version, Version | None, Version | None], ...]
    """Introduced, fixed (not affected any more), last affected."""
    severity: Severity = ""
    url: str = ""
    """Where its record says that there is more; empty where it does not."""

    def affects(self, version: Version) -> bool:
        if str(version) in self.versions:
            return True
        return any(
            start <= version and (fixed is None or version < fixed) and (last is None or version <= last)
            for start, fixed, last in self.ranges
        )

    @property
    def fixed_in(self) -> list[Version]:
        return sorted(fixed for _, fixed, _ in self.ranges if fixed is not None)

    def fixed_for(self, version: str) -> str:
        """The lowest version above this one that is not affected any more; empty when none is known."""
        try:
            parsed = Version(version)
        except InvalidVersion:
            return ""
        return next((str(one) for one in self.fixed_in if one > parsed and not self.affects(one)), "")


@dataclass(frozen=True, slots=True)
class OsvDatabase:
    """Vulnerabilities by the normalised name of the package."""

    of: Mapping[str, tuple[Vulnerability, ...]]

    def affecting(self, name: str, version: str) -> list[Vulnerability]:
        """Those of one version; of a version that cannot be read none."""
        try:
            parsed = Version(version)
        except InvalidVersion:
            return []
        return [one for one in self.of.get(canonicalize_name(name), ()) if one.affects(parsed)]


NOTHING_KNOWN = OsvDatabase({})


def read_osv(path: Path) -> OsvDatabase:
    """Raises InputError when there is no such export."""
    found: dict[str, list[Vulnerability]] = {}
    for content in _contents(path):
        try:
            record = orjson.loads(content)
        except orjson.JSONDecodeError:
            continue  # one broken record hides no other
        if isinstance(record, dict) and not record.get("withdrawn"):
            for name, one in _vulnerabilities(record):
                found.setdefault(name, []).append(one)
    return OsvDatabase({name: tuple(ones) for name, ones in found.items()})


def _contents(path: Path) -> Iterator[bytes]:
    if path.is_dir():
        for count, file in enumerate(sorted(path.rglob("*.json"))):
            if count < MAX_RECORDS and file.stat().st_size <= MAX_RECORD:
                yield file.read_bytes()
    elif path.is_file() and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for one in archive.infolist()[:MAX_RECORDS]:
                if one.filename.endswith(".json") and one.file_size <= MAX_RECORD:
                    yield archive.read(one)
    else:
        raise InputError(f"{path} is neither a folder nor a zip of OSV records")


def _vulnerabilities(record: Mapping[str, Any]) -> Iterator[tuple[str, Vulnerability]]:
    """`record` is JSON of the OSV schema, of which only what is needed is read."""
    id, summary = str(record.get("id", "")), str(record.get("summary") or record.get("details") or "")[:200]
    for one in record.get("affected") or ():
        package = one.get("package") or {}
        if package.get("ecosystem") != "PyPI" or not isinstance(package.get("name"), str):
            continue
        ranges: list[tuple[Version, Version | None, Version | None]] = []
        for each in one.get("ranges") or ():
            if each.get("type") in ("ECOSYSTEM", "SEMVER"):
                ranges += _ranges(each.get("events") or ())
        versions = frozenset(str(version) for version in one.get("versions") or ())
        yield (
            canonicalize_name(package["name"]),
            Vulnerability(id, summary, versions, tuple(ranges), severity_of(record, one), _url_of(record)),
        )


def _url_of(record: Mapping[str, Any]) -> str:
    """The advisory that a record refers to, or else the first page that it names."""
    references = [one for one in record.get("references") or () if isinstance(one, dict)]
    known = [(one.get("type") != "ADVISORY", web_url(one.get("url"))) for one in references]
    return next((url for _, url in sorted(known, key=lambda one: one[0]) if url), "")


def _ranges(events: Iterable[Any]) -> Iterator[tuple[Version, Version | None, Version | None]]:
    start: Version | None = None
    for event in events:
        try:
            if "introduced" in event:
                start = Version("0.dev0" if event["introduced"] == "0" else event["introduced"])
            elif start is not None and "fixed" in event:
                yield start, Version(event["fixed"]), None
                start = None
            elif start is not None and "last_affected" in event:
                yield start, None, Version(event["last_affected"])
                start = None
        except (InvalidVersion, TypeError):
            return
    if start is not None:
        yield start, None, None


def check_vulnerabilities(
    name: str, version: str, requires: Iterable[Requirement], own: Mapping[str, str], osv: OsvDatabase
) -> Iterator[Finding]:
    """`own` are the versions that Callboard runs with: those it is not the plugin's fault to have."""
    for one in osv.affecting(name, version):
        yield error("vulnerable", f"{name} {version} has {one.id}: {one.summary}", "package")
    for wanted in requires:
        needed = canonicalize_name(wanted.name)
        if needed in own:
            continue
        for one in osv.of.get(needed, ()):
            if demands(wanted.specifier, one):
                told = f"{wanted.name}{wanted.specifier}, which has {one.id}: {one.summary}"
                yield error("vulnerable-dependency", f"It demands {told}", "METADATA")
            elif admits(wanted.specifier, one):
                fixed = ", ".join(map(str, one.fixed_in[-1:])) or "no version"
                yield warning(
                    "vulnerable-admitted",
                    f"It admits {wanted.name} versions with {one.id}; fixed in {fixed}",
                    "METADATA",
                )


def demands(wanted: SpecifierSet, vulnerability: Vulnerability) -> bool:
    """Whether only affected versions fit: an exact one that is, or none that was fixed."""
    exact = [one.version for one in wanted if one.operator in ("==", "===") and "*" not in one.version]
    if exact:
        try:
            return any(vulnerability.affects(Version(one)) for one in exact)
        except InvalidVersion:
            return False
    fixed = vulnerability.fixed_in
    upper = any(one.operator in ("<", "<=", "~=", "==") for one in wanted)
    return (
        upper
        and bool(fixed)
        and admits(wanted, vulnerability)
        and not any(wanted.contains(one, prereleases=True) for one in fixed)
    )


def admits(wanted: SpecifierSet, vulnerability: Vulnerability) -> bool:
    """Whether an affected version fits, as far as the record names any."""
    named = [*vulnerability.versions, *(str(start) for start, _, _ in vulnerability.ranges)]
    named += [str(last) for _, _, last in vulnerability.ranges if last is not None]
    for text in named:
        try:
            if wanted.contains(Version(text), prereleases=True):
                return True
        except InvalidVersion:
            continue
    return any(
        not any(one.operator in (">=", ">", "~=", "==") for one in wanted)
        or any(
            _inside(one.version, start, fixed, last) for one in wanted if one.operator in (">=", ">", "~=")
        )
        for start, fixed, last in vulnerability.ranges
    )


def _inside(text: str, start: Version, fixed: Version | None, last: Version | None) -> bool:
    try:
        version = Version(text)
    except InvalidVersion:
        return False
    return start <= version and (fixed is None or version < fixed) and (last is None or version <= last)
