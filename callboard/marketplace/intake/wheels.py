"""Reads wheels of Callboard plugins as listings and releases; nothing of a wheel is run. Pure."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import Message
from email.parser import BytesParser
from typing import Any

from callboard.catalog.ingest.contract import Entity
from callboard.core.errors import InputError
from callboard.marketplace.intake.making import entity, filled, summary
from callboard.marketplace.intake.names import entity_name, publisher_name, tag
from callboard.marketplace.model import PUBLISHER_TITLE
from callboard.marketplace.reading import text, web_url
from callboard.marketplace.versions import version_order
from callboard.plugins.install.wheel import Wheel

LONGEST_README = 512 * 1024
HOST = "callboard"


@dataclass(frozen=True, slots=True)
class Offered:
    """A plugin's wheel with where it can be had, and the day it was published if that is known.

    `yanked` is why it shall not be installed any more; None when it may.
    """

    wheel: Wheel
    url: str
    published: date | None = None
    yanked: str | None = None


def entities_of(offered: Sequence[Offered], *, namespace: str) -> list[Entity]:
    """A listing for each distribution, as its newest version describes it, and a release for each wheel."""
    by_name: dict[str, list[Offered]] = {}
    for one in offered:
        by_name.setdefault(one.wheel.name, []).append(one)
    found = []
    for name in sorted(by_name):
        versions = sorted(by_name[name], key=lambda one: version_order(one.wheel.version), reverse=True)
        stable = [one for one in versions if not version_order(one.wheel.version).is_prerelease]
        found.append(_listing((stable or versions)[0], versions, namespace))
        found += [_release(one, namespace) for one in versions]
    return found


def _listing(newest: Offered, versions: Sequence[Offered], namespace: str) -> Entity:
    wheel, meta = newest.wheel, metadata_of(newest.wheel)
    manifest = _manifest(wheel)
    author = _author(meta)
    license = text(meta["License-Expression"]) or _classified(meta) or _short(text(meta["License"]))
    first = min((one.published for one in versions if one.published), default=None)
    return entity(
        "Listing",
        {
            "name": entity_name(wheel.name),
            "namespace": namespace,
            "title": text(manifest["title"]) or wheel.name,
            "description": summary(text(manifest["description"]) or text(meta["Summary"])),
            "tags": [one for one in map(tag, _keywords(meta)) if one],
            "links": _links(meta),
            "annotations": filled({PUBLISHER_TITLE: author}),
        },
        {
            "type": "plugin",
            "publisher": f"publisher:default/{publisher_name(author)}" if author else "",
            "authors": [{"name": author}] if author else [],
            "lifecycle": "inactive"
            if "Development Status :: 7 - Inactive" in _classifiers(meta)
            else "active",
            "description": _readme(meta),
            "license": license,
            "packages": [{"ecosystem": "pypi", "name": wheel.name}],
            "added": first.isoformat() if first else "",
            "source": {"type": "wheel", "ref": wheel.name},
        },
    )


def _release(offered: Offered, namespace: str) -> Entity:
    wheel = offered.wheel
    manifest = _manifest(wheel)
    config = manifest.get("config") or {}
    host = next((str(one.specifier) for one in wheel.requires if one.name == HOST), "")
    return entity(
        "Release",
        {
            "name": entity_name(f"{wheel.name}-{wheel.version}"),
            "namespace": namespace,
            "title": f"{manifest['title']} {wheel.version}",
        },
        {
            "listing": f"listing:{namespace}/{entity_name(wheel.name)}",
            "package": {"ecosystem": "pypi", "name": wheel.name},
            "version": wheel.version,
            "date": offered.published.isoformat() if offered.published else "",
            "artefact": {"url": offered.url, "sha256": wheel.sha256, "size": len(wheel.content)},
            "supports": filled({"callboard": host}),
            "role": "plugin",
            "plugin": manifest["id"],
            "needs": manifest["needs"],
            "contributions": manifest["contributions"],
            "configKey": config.get("key"),
            "configSchema": config.get("schema"),
            "yanked": None if offered.yanked is None else {"reason": offered.yanked},
            "source": {"type": "wheel", "ref": wheel.filename},
        },
    )


def metadata_of(wheel: Wheel) -> Message:
    """The headers of the wheel's METADATA, and its README as the payload."""
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        path = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        return BytesParser().parsebytes(archive.read(path))


def packed_on(wheel: Wheel) -> date | None:
    """The day its METADATA was written, by the zip file; None in reproducible wheels."""
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        info = next(one for one in archive.infolist() if one.filename.endswith(".dist-info/METADATA"))
    try:
        found = datetime(*info.date_time, tzinfo=UTC).date()
    except ValueError:
        return None
    return found if found.year > 2020 else None


def _manifest(wheel: Wheel) -> dict[str, Any]:
    """Raises InputError for a wheel without one."""
    if wheel.manifest is None:
        raise InputError(f"{wheel.filename} declares no plugin of Callboard")
    return wheel.manifest


def _readme(meta: Message) -> str:
    """The README, when it is Markdown or plain text; reStructuredText is shown as it is, as code."""
    payload = meta.get_payload(decode=True)
    words = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else text(payload)
    words = (words.strip() or text(meta["Description"]))[:LONGEST_README]
    kind = text(meta["Description-Content-Type"]).partition(";")[0]
    return words if not words or kind in ("text/markdown", "text/plain", "") else f"````\n{words}\n````"


def _links(meta: Message) -> list[dict[str, str]]:
    found: dict[str, str] = {}
    for line in meta.get_all("Project-URL") or ():
        label, _, address = str(line).partition(",")
        if web_url(address):
            found.setdefault(web_url(address), label.strip())
    if web_url(meta["Home-page"]):
        found.setdefault(web_url(meta["Home-page"]), "Homepage")
    return [{"url": address, "title": label or address} for address, label in found.items()]


def _author(meta: Message) -> str:
    """Name of the author or maintainer, without the mail address."""
    for key in ("Author", "Maintainer", "Author-email", "Maintainer-email"):
        name = text(meta[key]).split(",")[0].partition("<")[0].strip(" \"'")
        if name and "@" not in name:
            return name
    return ""


def _classifiers(meta: Message) -> list[str]:
    return [str(one) for one in meta.get_all("Classifier") or ()]


def _classified(meta: Message) -> str:
    return next((one.rpartition(" :: ")[2] for one in _classifiers(meta) if one.startswith("License ::")), "")


def _short(license: str) -> str:
    """Some wheels hold the whole text of their license in this field."""
    return license if len(license) <= 60 and "\n" not in license else ""


def _keywords(meta: Message) -> list[str]:
    words = text(meta["Keywords"])
    return [one.strip() for one in (words.split(",") if "," in words else words.split())]
