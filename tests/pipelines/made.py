"""A small lake of raw data that is the same each time: what the tests of models and engine run over."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
import pyarrow as pa

from callboard.pipelines.lake import Lake
from callboard.pipelines.records import RAW

TODAY = date(2026, 3, 31)
PACKAGES = (("npm", "@acme/plugin-cost"), ("npm", "left-board"), ("pypi", "tower-checks"), ("pypi", "quiet"))
Row = dict[str, Any]


def put(lake: Lake, dataset: str, day: date, rows: list[Row]) -> None:
    """Write raw rows, which need not name what is null."""
    schema = RAW[dataset]
    whole = [{name: row.get(name) for name in schema.names} | {"day": day} for row in rows]
    lake.write("raw", dataset, day, pa.Table.from_pylist(whole, schema=schema))


def downloads(day: date, rows: dict[tuple[str, str], int]) -> list[Row]:
    return [{"ecosystem": e, "package": p, "downloads": n} for (e, p), n in rows.items()]


def fill(lake: Lake, days: int = 70, *, snapshots: int = 3) -> None:
    """Downloads and events of `days` up to `TODAY`; the shelf, documents and repositories of the last few."""
    chance = random.Random(7)
    for back in range(days):
        day = TODAY - timedelta(days=back)
        counts = {one: chance.randint(40, 60) * (n + 1) for n, one in enumerate(PACKAGES)}
        put(lake, "downloads", day, downloads(day, counts))
        put(lake, "events", day, [_event(chance, day) for _ in range(12)])
    for back in range(snapshots):
        day = TODAY - timedelta(days=back)
        put(lake, "packages", day, [_document(e, p, day) for e, p in PACKAGES])
        put(lake, "listings", day, _listings(day))
        put(lake, "repositories", day, [_repository(day)])
        put(lake, "vulnerabilities", day, [advisory(day)])
        put(lake, "entities", day, _entities(chance))
        put(lake, "installations", day, [
            {"plugin": "cost", "version": "1.2.0", "listing": "plugin:default/cost", "installs": 3},
            {"plugin": "cost", "version": "1.1.0", "listing": "plugin:default/cost", "installs": 1},
        ])  # fmt: skip


def at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def _event(chance: random.Random, day: date) -> Row:
    action = chance.choice(["navigate", "click", "search"])
    return {
        "at": at(day) + timedelta(seconds=chance.randint(0, 30_000)),
        "action": action,
        "subject": chance.choice([" Kafka", "kafka", "costs"]) if action == "search" else "/catalog",
        "value": float(chance.randint(0, 1)),
        "plugin": chance.choice(["catalog", "search", None]),
        "page": "/catalog",
        "team": chance.choice(["group:default/a", None]),
        "visitor": chance.choice(["v1", "v2", "v3", None]),
        "attributes": "{}",
        "context": "{}",
    }


def _document(ecosystem: str, package: str, day: date) -> Row:
    if ecosystem == "npm":
        body: Row = {
            "dist-tags": {"latest": "1.2.0"},
            "versions": {"1.1.0": {"deprecated": "old"}, "1.2.0": {"engines": {"node": ">=20"}}},
            "time": {"1.1.0": "2025-06-01T10:00:00.000Z", "1.2.0": "2026-02-01T10:00:00.000Z"},
            "maintainers": [{"name": "a"}, {"name": "b"}],
            "license": "MIT",
        }
    else:
        files = [{"upload_time_iso_8601": "2024-01-01T00:00:00Z", "yanked": False}]
        body = {"info": {"version": "0.9", "classifiers": []}, "releases": {"0.9": files}}
    document = orjson.dumps(body).decode()
    return {"ecosystem": ecosystem, "package": package, "document": document, "fetched_at": at(day)}


def advisory(day: date, severity: str = "HIGH", fixed: str = "1.3.0") -> Row:
    body = {
        "id": "GHSA-1",
        "database_specific": {"severity": severity},
        "affected": [
            {
                "package": {"ecosystem": "npm", "name": "@acme/plugin-cost"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
            }
        ],
    }
    return {
        "id": "GHSA-1",
        "ecosystem": "npm",
        "package": "@acme/plugin-cost",
        "document": orjson.dumps(body).decode(),
        "modified": at(day - timedelta(days=9)),
    }


def _listings(day: date) -> list[Row]:
    def one(name: str, package: tuple[str, str] | None, **more: Any) -> Row:
        own = {"ecosystem": package[0], "package": package[1]} if package else {}
        return {
            "listing": f"plugin:default/{name}",
            "title": name.title(),
            "lifecycle": "production",
            "added": date(2024, 5, 1),
            "readme_bytes": 1000,
            "documented": True,
            **own,
            **more,
        }

    return [
        one("cost", PACKAGES[0], repository="https://git.example/acme/cost", supports_backstage="^1.40.0"),
        one("cost", PACKAGES[1], repository="https://git.example/acme/cost", supports_backstage="^1.40.0"),
        one("tower", PACKAGES[2], added=day - timedelta(days=10), lifecycle="experimental"),
        one("bare", None, lifecycle="deprecated", readme_bytes=0, documented=False),
    ]


def _repository(day: date) -> Row:
    return {
        "url": "https://git.example/acme/cost",
        "stars": 10,
        "forks": 1,
        "open_issues": 4,
        "contributors": 5,
        "median_days_to_close": 30.5,
        "last_release_at": at(day - timedelta(days=40)),
        "archived": False,
    }


def _entities(chance: random.Random) -> list[Row]:
    return [
        {"entity": f"component:default/c{n}", "kind": "Component", "owned": chance.random() < 0.7}
        for n in range(9)
    ] + [{"entity": "api:default/a", "kind": "API", "owned": False}]
