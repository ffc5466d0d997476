"""The shapes of raw records: what sources write and models read. All times are UTC.

Every raw dataset is partitioned by the day it is about. `document` columns hold JSON as it came, so that a
model can be changed without asking the source again.
"""

from __future__ import annotations

import pyarrow as pa

_DAY = pa.field("day", pa.date32(), nullable=False)
_AT = pa.timestamp("us", tz="UTC")


def _text(name: str, nullable: bool = False) -> pa.Field:
    return pa.field(name, pa.string(), nullable=nullable)


DOWNLOADS = pa.schema([_DAY, _text("ecosystem"), _text("package"), pa.field("downloads", pa.int64())])
"""Downloads of a package (`ecosystem` is npm or pypi) on a day."""

PACKAGES = pa.schema(
    [_DAY, _text("ecosystem"), _text("package"), _text("document"), pa.field("fetched_at", _AT)]
)
"""The registry's document of a package, as it was on the day: npm's packument, PyPI's project JSON."""

REPOSITORIES = pa.schema(
    [
        _DAY,
        _text("url"),
        *(
            pa.field(name, pa.int64())
            for name in (
                "stars",
                "forks",
                "open_issues",
                "contributors",
                "commits_30d",
                "commits_90d",
                "commits_365d",
                "issues_closed_90d",
            )
        ),
        pa.field("median_days_to_close", pa.float64()),
        pa.field("last_release_at", _AT),
        pa.field("pushed_at", _AT),
        pa.field("archived", pa.bool_()),
        _text("license", nullable=True),
    ]
)
"""Facts of a source repository on a day; null is not known. `url` is https, lower-case, without `.git`."""

VULNERABILITIES = pa.schema(
    [_DAY, _text("id"), _text("ecosystem"), _text("package"), _text("document"), pa.field("modified", _AT)]
)
"""An OSV record, a row for each package that it names, as exported on the day."""

LISTINGS = pa.schema(
    [
        _DAY,
        _text("listing"),
        _text("title"),
        _text("publisher", nullable=True),
        _text("lifecycle"),
        _text("repository", nullable=True),
        pa.field("added", pa.date32()),
        _text("license", nullable=True),
        pa.field("readme_bytes", pa.int64()),
        pa.field("documented", pa.bool_()),
        _text("supports_backstage", nullable=True),
        _text("supports_callboard", nullable=True),
        _text("ecosystem", nullable=True),
        _text("package", nullable=True),
    ]
)
"""The shelf on a day: a row for each package of a listing (one row with null for a listing without any)."""

ENTITIES = pa.schema(
    [_DAY, _text("entity"), _text("kind"), _text("type", nullable=True), pa.field("owned", pa.bool_())]
)
"""The catalog on a day."""

EVENTS = pa.schema(
    [
        _DAY,
        pa.field("at", _AT),
        _text("action"),
        _text("subject"),
        pa.field("value", pa.float64()),
        _text("plugin", nullable=True),
        _text("page", nullable=True),
        _text("team", nullable=True),
        _text("visitor", nullable=True),
        _text("attributes"),
        _text("context"),
    ]
)
"""Usage, in the shape of Backstage's analytics events. `visitor` is a keyed hash, never a name."""

INSTALLATIONS = pa.schema(
    [
        _DAY,
        _text("plugin"),
        _text("version"),
        _text("listing", nullable=True),
        pa.field("installs", pa.int64()),
    ]
)
"""Plugins that run in this portal (and in those that report to it) on a day."""

RAW: dict[str, pa.Schema] = {
    "downloads": DOWNLOADS,
    "packages": PACKAGES,
    "repositories": REPOSITORIES,
    "vulnerabilities": VULNERABILITIES,
    "listings": LISTINGS,
    "entities": ENTITIES,
    "events": EVENTS,
    "installations": INSTALLATIONS,
}
