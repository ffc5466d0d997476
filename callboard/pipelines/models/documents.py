"""What registries' documents and OSV records say, read once for both engines. Pure, and no model itself.

Documents are as people published them: whatever has another shape than documented counts as not said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Release:
    """A version; `withdrawn` is npm's deprecation or PyPI's yank."""

    version: str
    at: datetime | None
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A package as its registry describes it; None is not said."""

    latest: str | None
    releases: tuple[Release, ...]
    maintainers: int | None
    deprecated: bool
    runtime: str | None
    license: str | None
    description: str | None


def read(ecosystem: str, document: str) -> Document:
    """The document of a package, npm's packument or PyPI's project JSON."""
    try:
        body = orjson.loads(document)
    except orjson.JSONDecodeError:
        body = {}
    body = body if isinstance(body, dict) else {}
    return _pypi(body) if ecosystem == "pypi" else _npm(body)


def releases_since(document: Document, until: datetime) -> int:
    """Versions published in the year before `until`."""
    return sum(1 for one in document.releases if one.at is not None and until - YEAR < one.at <= until)


def _npm(body: dict[str, Any]) -> Document:
    versions, times = _dict(body.get("versions")), _dict(body.get("time"))
    latest = _text(_dict(body.get("dist-tags")).get("latest"))
    newest = _dict(versions.get(latest or ""))
    maintainers = body.get("maintainers")
    return Document(
        latest=latest,
        releases=tuple(
            Release(name, _time(times.get(name)), bool(_dict(one).get("deprecated")))
            for name, one in versions.items()
        ),
        maintainers=len(maintainers) if isinstance(maintainers, list) else None,
        deprecated=bool(newest.get("deprecated")),
        runtime=_text(_dict(newest.get("engines")).get("node")),
        license=_text(newest.get("license")) or _text(body.get("license")),
        description=_text(body.get("description")),
    )


def _pypi(body: dict[str, Any]) -> Document:
    info, releases = _dict(body.get("info")), _dict(body.get("releases"))
    latest = _text(info.get("version"))
    if latest and not releases and isinstance(body.get("urls"), list):
        releases = {latest: body["urls"]}
    classifiers = [one for one in _list(info.get("classifiers")) if isinstance(one, str)]
    roles = _dict(body.get("ownership")).get("roles")
    return Document(
        latest=latest,
        releases=tuple(_pypi_releases(releases)),
        maintainers=len(roles) if isinstance(roles, list) else None,
        deprecated=bool(info.get("yanked")) or "Development Status :: 7 - Inactive" in classifiers,
        runtime=_text(info.get("requires_python")),
        license=_text(info.get("license_expression")) or _text(info.get("license")),
        description=_text(info.get("summary")),
    )


def _pypi_releases(releases: dict[str, Any]) -> Iterable[Release]:
    for version, files in releases.items():
        known = [one for one in _list(files) if isinstance(one, dict)]
        times = [at for one in known if (at := _time(one.get("upload_time_iso_8601"))) is not None]
        yield Release(
            version,
            min(times, default=None),
            bool(known) and all(bool(one.get("yanked")) for one in known),
        )


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
