"""The rows of listings: made of Listing and Release entities, and of Backstage's directory files. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from callboard.pipelines.sources.contract import Package, Shelf
from callboard.pipelines.sources.writing import Row

Entity = Mapping[str, Any]  # JSON


def of_entity(entity: Entity, releases: Iterable[Entity], day: date) -> list[Row]:
    """A row for each package of a listing. `releases` are those of the listing."""
    metadata, spec = _dict(entity.get("metadata")), _dict(entity.get("spec"))
    namespace = metadata.get("namespace") or "default"
    supports: dict[str, str | None] = {"backstage": None, "callboard": None}
    for release in sorted(releases, key=lambda one: str(_dict(one.get("spec")).get("date") or "")):
        for name, value in _dict(_dict(release.get("spec")).get("supports")).items():
            if name in supports and value:
                supports[name] = str(value)
    documentation = spec.get("documentation")
    texts = [str(spec.get("description") or "")]
    texts += [str(_dict(one).get("markdown") or "") for one in documentation or () if isinstance(one, dict)]
    return _rows(
        spec.get("packages"),
        {
            "day": day,
            "listing": f"listing:{namespace}/{metadata.get('name')}".lower(),
            "title": str(metadata.get("title") or metadata.get("name")),
            "publisher": _text(spec.get("publisher")),
            "lifecycle": _text(spec.get("lifecycle")) or "active",
            "repository": repository_of(entity),
            "added": _day(spec.get("added")),
            "license": _text(spec.get("license")),
            "readme_bytes": sum(len(text.encode()) for text in texts),
            "documented": bool(documentation) or any(_is_documentation(one) for one in _links(metadata)),
            "supports_backstage": supports["backstage"],
            "supports_callboard": supports["callboard"],
        },
    )


def of_directory_file(name: str, body: Mapping[str, Any], day: date) -> list[Row]:
    """The rows of a file of Backstage's plugin directory; `name` is the file's without its ending."""
    package = _text(body.get("npmPackageName"))
    return _rows(
        [{"ecosystem": "npm", "name": package}] if package else [],
        {
            "day": day,
            "listing": f"listing:default/{slug(name)}",
            "title": _text(body.get("title")) or name,
            "publisher": _text(body.get("author")),
            "lifecycle": _text(body.get("status")) or "active",
            "repository": _repository(str(body.get("documentation") or "")),
            "added": _day(body.get("addedDate")),
            "license": None,
            "readme_bytes": len(str(body.get("description") or "").encode()),
            "documented": bool(body.get("documentation")),
            "supports_backstage": None,
            "supports_callboard": None,
        },
    )


def shelf_of(rows: Iterable[Row]) -> Shelf:
    """Whom to ask about: the packages and repositories that these rows name."""
    packages, repositories = set(), set()
    for row in rows:
        if row["ecosystem"] and row["package"]:
            packages.add(Package(row["ecosystem"], row["package"]))
        if row["repository"]:
            repositories.add(row["repository"])
    return Shelf(tuple(sorted(packages)), tuple(sorted(repositories)))


def repository_of(entity: Entity) -> str | None:
    """Where its source lies, by its annotation or by a link that says so."""
    metadata = _dict(entity.get("metadata"))
    annotations = _dict(metadata.get("annotations"))
    said = str(annotations.get("backstage.io/source-location") or "").removeprefix("url:")
    candidates = [said] if said else []
    links = _links(metadata)
    candidates += [
        str(one.get("url"))
        for one in links
        if re.search(r"source|repository|code", f"{one.get('title')} {one.get('type')}", re.IGNORECASE)
    ]
    return next((found for one in candidates if (found := _repository(one))), None)


def slug(name: str) -> str:
    """A name that an entity may have."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63] or "unnamed"


def _rows(packages: Any, common: Row) -> list[Row]:
    """Packages are JSON as people wrote it, hence Any."""
    named = []
    for one in packages if isinstance(packages, list) else ():
        ecosystem, name = _text(_dict(one).get("ecosystem")), _text(_dict(one).get("name"))
        if ecosystem in ("npm", "pypi") and name and (ecosystem, name) not in named:
            named.append((ecosystem, name))
    pairs: list[tuple[str | None, str | None]] = [*named] or [(None, None)]
    return [{**common, "ecosystem": ecosystem, "package": name} for ecosystem, name in pairs]


def _repository(url: str) -> str | None:
    """`https://host/owner/name` of a URL somewhere below it; GitLab's groups end at `/-/`."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    path = parts.path.split("/-/")[0] if "/-/" in parts.path else "/".join(parts.path.split("/")[:3])
    path = path.strip("/").removesuffix(".git")
    if path.count("/") < 1:
        return None
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}/{path}".lower()


def _links(metadata: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    links = metadata.get("links")
    return [one for one in links if isinstance(one, dict)] if isinstance(links, list) else []


def _is_documentation(link: Mapping[str, Any]) -> bool:
    return bool(re.search(r"doc|readme|guide", f"{link.get('title')} {link.get('type')}", re.IGNORECASE))


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
