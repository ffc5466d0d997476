"""Makes raw data of any size for the benchmark of the pipelines: whole columns, the same each time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import orjson
import pyarrow as pa

from callboard.pipelines.lake import Lake
from callboard.pipelines.records import RAW

TODAY = date(2026, 3, 1)  # a Sunday, so that the newest week is whole
DAYS = 1095
PACKAGES = 20_000
SEED = 20260301
VISITORS = 500
EVENTS = 2_000  # a day
EVENT_DAYS = 60


def generate(lake: Lake, rows: int, *, days: int = DAYS, packages: int = PACKAGES) -> None:
    """`rows` rows of downloads up to `TODAY`; documents, listings and the rest of the newest day."""
    each = rows // days
    names = _names(max(each, packages))
    for back in range(days):
        _downloads(lake, TODAY - timedelta(days=back), names, each)
    _snapshot(lake, TODAY, packages)
    for back in range(min(EVENT_DAYS, days)):
        _usage(lake, TODAY - timedelta(days=back))


def new_day(lake: Lake, rows: int, *, days: int = DAYS, packages: int = PACKAGES) -> None:
    """One more day of everything."""
    day, each = TODAY + timedelta(days=1), rows // days
    _downloads(lake, day, _names(max(each, packages)), each)
    _snapshot(lake, day, packages)
    _usage(lake, day)


def _names(count: int) -> pa.Array:
    return pa.array([f"@acme/plugin-{number:06d}" for number in range(count)])


def _downloads(lake: Lake, day: date, names: pa.Array, count: int) -> None:
    chance = np.random.default_rng([SEED, day.toordinal()])
    # Few packages have most downloads, as in the registries.
    counts = np.floor(50_000 / (1 + np.arange(count)) ** 0.7 * chance.uniform(0.7, 1.3, count)) + 1
    columns = [
        pa.repeat(pa.scalar(day, pa.date32()), count),
        pa.repeat(pa.scalar("npm"), count),
        names.slice(0, count),
        pa.array(counts.astype(np.int64)),
    ]
    table = pa.table(columns, schema=RAW["downloads"])
    lake.write("raw", "downloads", day, table, in_order=True)


def _snapshot(lake: Lake, day: date, packages: int) -> None:
    at = datetime.combine(day, time(3), UTC)
    documents, listings, repositories, advisories, installations = [], [], [], [], []
    for number in range(packages):
        name = f"@acme/plugin-{number:06d}"
        listing, url = f"plugin:default/plugin-{number:06d}", f"https://git.example/acme/plugin-{number:06d}"
        documents.append(
            {"day": day, "ecosystem": "npm", "package": name, "document": _document(number), "fetched_at": at}
        )
        if number < packages // 2:
            listings.append(_listing(day, number, listing, url, name))
            repositories.append(_repository(day, number, url, at))
            installations.append(
                {"day": day, "plugin": f"p{number}", "version": "1.0.0", "listing": listing, "installs": 3}
            )
        if number % 20 == 0:
            advisories.append(_advisory(day, number, name, at))
    kinds = ("Component", "API", "System", "Group")
    entities = [
        {"day": day, "entity": f"e{n}", "kind": kinds[n % 4], "type": None, "owned": n % 3 > 0}
        for n in range(10_000)
    ]
    made = {
        "packages": documents,
        "listings": listings,
        "repositories": repositories,
        "vulnerabilities": advisories,
        "installations": installations,
        "entities": entities,
    }
    for dataset, rows in made.items():
        lake.write("raw", dataset, day, pa.Table.from_pylist(rows, schema=RAW[dataset]))


def _document(number: int) -> str:
    versions = {f"1.{minor}.0": {"engines": {"node": ">=20"}} for minor in range(number % 12 + 1)}
    times = {version: f"2025-{minor + 1:02d}-03T10:00:00.000Z" for minor, version in enumerate(versions)}
    body = {
        "dist-tags": {"latest": f"1.{number % 12}.0"},
        "versions": versions,
        "time": times,
        "maintainers": [{"name": f"m{n}"} for n in range(number % 4 + 1)],
        "license": "Apache-2.0",
    }
    return orjson.dumps(body).decode()


def _listing(day: date, number: int, listing: str, url: str, package: str) -> dict[str, object]:
    return {
        "day": day,
        "listing": listing,
        "title": f"Plugin {number}",
        "publisher": "group:default/acme",
        "lifecycle": "deprecated" if number % 50 == 0 else "production",
        "repository": url,
        "added": day - timedelta(days=number % 1000),
        "license": "Apache-2.0",
        "readme_bytes": number % 4000,
        "documented": number % 3 == 0,
        "supports_backstage": "^1.40.0" if number % 2 else None,
        "supports_callboard": None,
        "ecosystem": "npm",
        "package": package,
    }


def _repository(day: date, number: int, url: str, at: datetime) -> dict[str, object]:
    return {
        "day": day,
        "url": url,
        "stars": number,
        "open_issues": number % 90,
        "contributors": number % 9 + 1,
        "median_days_to_close": float(number % 200),
        "last_release_at": at - timedelta(days=number % 800),
        "pushed_at": at,
        "archived": number % 97 == 0,
    }


def _advisory(day: date, number: int, package: str, at: datetime) -> dict[str, object]:
    body = {
        "database_specific": {"severity": ("LOW", "MODERATE", "HIGH", "CRITICAL")[number // 20 % 4]},
        "affected": [
            {
                "package": {"ecosystem": "npm", "name": package},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.6.0"}]}],
            }
        ],
    }
    return {
        "day": day,
        "id": f"GHSA-{number}",
        "ecosystem": "npm",
        "package": package,
        "document": orjson.dumps(body).decode(),
        "modified": at - timedelta(days=20),
    }


def _usage(lake: Lake, day: date) -> None:
    chance = np.random.default_rng([SEED, 1, day.toordinal()])
    start = int(datetime.combine(day, time(), UTC).timestamp() * 1e6)
    actions = np.array(["navigate", "click", "search"])
    pages = np.array(["/catalog", "/docs", "/marketplace", "/search"])
    columns = {
        "day": pa.repeat(pa.scalar(day, pa.date32()), EVENTS),
        "at": pa.array(start + chance.integers(0, 86_400_000_000, EVENTS), pa.timestamp("us", "UTC")),
        "action": pa.array(actions[chance.integers(0, 3, EVENTS)]),
        "subject": pa.array([f"term {n}" for n in chance.integers(0, 300, EVENTS)]),
        "value": pa.array(chance.integers(0, 2, EVENTS).astype(np.float64)),
        "plugin": pa.array(np.array(["catalog", "search"])[chance.integers(0, 2, EVENTS)]),
        "page": pa.array(pages[chance.integers(0, 4, EVENTS)]),
        "team": pa.array([f"group:default/t{n}" for n in chance.integers(0, 40, EVENTS)]),
        "visitor": pa.array([f"v{n}" for n in chance.integers(0, VISITORS, EVENTS)]),
        "attributes": pa.repeat(pa.scalar("{}"), EVENTS),
        "context": pa.repeat(pa.scalar("{}"), EVENTS),
    }
    lake.write("raw", "events", day, pa.table(columns, schema=RAW["events"]))
