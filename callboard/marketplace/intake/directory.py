"""Reads a file of Backstage's open plugin directory as a listing. Pure: from a mapping to an entity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from callboard.catalog.ingest.contract import Entity
from callboard.core.errors import Problem
from callboard.marketplace.intake.lifecycle import GONE, Lifecycle, PublishTimes, basis, lifecycle
from callboard.marketplace.intake.making import entity, filled, summary
from callboard.marketplace.intake.names import entity_name, publisher_name, tag
from callboard.marketplace.model import PUBLISHER_TITLE, PUBLISHER_URL
from callboard.marketplace.reading import day, text, web_url

REQUIRED = ("title", "author", "authorUrl", "category", "description", "documentation", "npmPackageName",
            "addedDate")  # fmt: skip
ADDRESSES = ("authorUrl", "documentation")
FIELDS = (*REQUIRED, "iconUrl", "order", "status", "tags")
LONGEST = 170
"""Characters of a description, as the directory asks for."""


def problems(value: Any) -> list[Problem]:
    """Every mistake in a file of the directory (YAML, hence Any), each with its field."""
    if not isinstance(value, Mapping):
        return [Problem("a file of the directory must be a mapping")]
    found = [Problem("is required", (name,)) for name in REQUIRED if not text(value.get(name))]
    wrong = {problem.path[0] for problem in found}
    for name in (*ADDRESSES, *(("iconUrl",) if _is_address(value.get("iconUrl")) else ())):
        if name not in wrong and not web_url(value[name]):
            found.append(Problem("must be an http or https URL", (name,)))
    if "addedDate" not in wrong and day(value["addedDate"]) is None:
        found.append(Problem("must be a day written YYYY-MM-DD", ("addedDate",)))
    status = value.get("status")
    if status is not None and status not in get_args(Lifecycle):
        found.append(Problem("must be active, inactive or archived", ("status",)))
    order = value.get("order")
    if order is not None and (isinstance(order, bool) or not isinstance(order, int | float)):
        found.append(Problem("must be a number", ("order",)))
    if len(text(value.get("description"))) > LONGEST:
        found.append(Problem(f"has more than {LONGEST} characters", ("description",)))
    return found


def fatal(found: list[Problem]) -> list[Problem]:
    """Those without which no listing can be made; a long description is only told."""
    return [one for one in found if one.path != ("description",) or "required" in one.message]


def missing(value: Mapping[str, Any], times: PublishTimes) -> list[Problem]:
    """What a file without fatal problems names and its registry does not have; the listing stays."""
    package = text(value["npmPackageName"])
    if times.newest("npm", package) is not GONE:
        return []
    return [Problem(f"names {package}, which its registry does not have", ("npmPackageName",))]


def listing_of(value: Mapping[str, Any], *, namespace: str, times: PublishTimes, today: date) -> Entity:
    """The listing of a file without fatal problems."""
    package, author = text(value["npmPackageName"]), text(value["author"])
    known = times.newest("npm", package)
    category = text(value["category"])
    stated = value.get("status")
    icon = text(value.get("iconUrl"))
    return entity(
        "Listing",
        {
            "name": entity_name(package),
            "namespace": namespace,
            "title": text(value["title"]),
            "description": summary(text(value["description"])),
            "tags": [one for one in (tag(text(name)) for name in _list(value.get("tags"))) if one],
            "links": [{"url": text(value["documentation"]), "title": "Documentation"}],
            "annotations": filled({PUBLISHER_TITLE: author, PUBLISHER_URL: web_url(value["authorUrl"])}),
        },
        {
            "type": "plugin",
            "publisher": f"publisher:default/{publisher_name(author)}",
            "authors": [{"name": author, "url": text(value["authorUrl"])}],
            "lifecycle": lifecycle(known, today, stated),
            "lifecycleFrom": basis(known),
            "description": text(value["description"]),
            "icon": icon if _is_address(icon) else "",
            "categories": [category],
            "core": category == "Core Feature" or None,
            "order": value.get("order"),
            "price": {"model": "free"},
            "packages": [{"ecosystem": "npm", "name": package}],
            "missingPackages": [package] if known is GONE else [],
            "added": str(day(value["addedDate"]) or ""),
            "source": {"type": "directory", "ref": package},
        },
    )


def _is_address(value: Any) -> bool:
    return "://" in text(value) or text(value).startswith("data:")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
