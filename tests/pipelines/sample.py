"""Makes the sample data of the example organisation: the same bytes whenever it is run.

usage: python -m tests.pipelines.sample

The names of packages, repositories and entities are those that the example ships. Every number is made up.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import random
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import yaml

import callboard
from callboard.pipelines.sources.listings import repository_of

EXAMPLE = Path(callboard.__file__).parent / "example"
FOLDER = EXAMPLE / "pipelines"
LAST = date(2026, 11, 26)
DAYS = 371  # 53 weeks of downloads
ENTITY_DAYS = 180
EVENT_DAYS = 75
VISITORS = 46
PAGES = (  # pattern, plugin, weight
    ("/", "home", 20),
    ("/catalog", "catalog-pages", 30),
    ("/catalog/{namespace}/{kind}/{name}", "entity", 60),
    ("/catalog/{namespace}/{kind}/{name}/{tab}", "entity", 14),
    ("/search", "searching", 18),
    ("/catalog-graph", "graph", 9),
    ("/explore", "organisation", 8),
    ("/marketplace", "marketplace", 12),
    ("/marketplace/listings/{name}", "marketplace", 10),
    ("/insights", "insights", 4),
    ("/admin", "operations", 3),
    ("/catalog-import", "importing", 2),
)
FOUND = ("ticket", "lantern", "fare", "berth", "payment", "timetable", "ferry", "crew", "manifest", "tides")
MISSED = ("oncall rota", "vpn", "parking", "kubernetes cost", "holiday calendar", "sso", "feature flags")
SCORES = ("LOW", "MODERATE", "HIGH")


def made() -> dict[str, bytes]:
    """The content of every file, by name."""
    packages = _packages()
    told = {
        "first": (LAST - timedelta(days=DAYS - 1)).isoformat(),
        "last": LAST.isoformat(),
        "note": "Sample numbers, made up by tests/pipelines/sample.py. They say nothing about the packages.",
    }
    lines: dict[str, Iterable[Any]] = {
        "npm-downloads": (_downloads(one) for one in packages),
        "packuments": (_packument(one) for one in packages),
        "repositories": (_repository(one) for one in sorted(_repositories())),
        "osv": _advisories(packages),
        "entities": _entities(),
        "events": _events(),
        "installations": _installations(),
    }
    files = {f"{name}.jsonl.gz": _zipped(given) for name, given in lines.items()}
    return {"recording.json": orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n", **files}


def _zipped(lines: Iterable[Any]) -> bytes:
    body = b"".join(orjson.dumps(one, option=orjson.OPT_SORT_KEYS) + b"\n" for one in lines)
    return gzip.compress(body, 9, mtime=0)


def _chance(name: str) -> random.Random:
    """Chance that is the same for a name whenever it is asked."""
    return random.Random(hashlib.sha256(name.encode()).digest())


def _documents(folder: str) -> Iterator[dict[str, Any]]:
    for path in sorted((EXAMPLE / folder).rglob("*.yaml")):
        for body in yaml.safe_load_all(path.read_text("utf-8")):
            if isinstance(body, dict) and "kind" in body and isinstance(body.get("metadata"), dict):
                yield body


def _packages() -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for body in _documents("marketplace/packages"):
        spec = body.get("spec") or {}
        if body["kind"] == "Package" and isinstance(spec.get("packageName"), str):
            name = spec["packageName"]
            found[name] = {"name": name, "version": str(spec.get("version") or "1.0.0")}
    return [found[name] for name in sorted(found)]


def _repositories() -> set[str]:
    bodies = [*_documents("marketplace/plugins"), *_documents("marketplace/packages")]
    return {found for one in bodies if (found := repository_of(one))}


def _downloads(package: dict[str, str]) -> dict[str, Any]:
    chance = _chance(package["name"])
    base = math.exp(chance.gauss(4.6, 1.5))
    growth = chance.gauss(0.25, 0.5)  # a year's, as an exponent
    since = chance.choice((0,) * 9 + (200, 290, 335))  # some are young
    jump = chance.choice((None,) * 6 + (DAYS - 40, DAYS - 25))
    days = []
    for number in range(since, DAYS):
        when = LAST - timedelta(days=DAYS - 1 - number)
        level = base * math.exp(growth * number / 365)
        level *= 0.32 if when.weekday() >= 5 else 1.0
        level *= 0.45 if (when.month, when.day) in ((12, 24), (12, 25), (12, 31), (1, 1)) else 1.0
        if jump is not None and number >= jump:
            level *= 1.8
        days.append(
            {"day": when.isoformat(), "downloads": max(0, round(level * chance.lognormvariate(0, 0.14)))}
        )
    return {"package": package["name"], "start": days[0]["day"], "end": days[-1]["day"], "downloads": days}


def _packument(package: dict[str, str]) -> dict[str, Any]:
    chance = _chance("packument " + package["name"])
    last = package["version"]
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", last)
    numbers = tuple(int(one) for one in match.groups()) if match else (1, 0, 0)
    versions = [f"{numbers[0]}.{minor}.0" for minor in range(max(0, numbers[1] - 11), numbers[1])]
    versions.append(last)
    age = round(min(900, chance.expovariate(1 / 70)))
    gap = chance.uniform(14, 75)
    times: dict[str, str] = {}
    for number, version in enumerate(reversed(versions)):
        at = datetime.combine(LAST, datetime.min.time(), UTC) - timedelta(days=age + number * gap, hours=-9)
        times[version] = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    body = {
        version: {
            "license": "Apache-2.0",
            **({"engines": {"node": "20 || 22"}} if chance.random() < 0.8 else {}),
        }
        for version in dict.fromkeys(versions)
    }
    if chance.random() < 0.03:
        body[last]["deprecated"] = "No longer maintained."
    people = chance.choice((1, 1, 2, 2, 3, 4, 6))
    return {
        "name": package["name"],
        "dist-tags": {"latest": last},
        "versions": body,
        "time": {"created": times[versions[0]], "modified": times[last], **times},
        "maintainers": [{"name": f"maintainer-{number}"} for number in range(1, people + 1)],
        "license": "Apache-2.0",
    }


def _repository(url: str) -> dict[str, Any]:
    chance = _chance("repository " + url)
    stars = round(math.exp(chance.gauss(4.5, 1.6)))
    commits = round(math.exp(chance.gauss(3.0, 1.2)))
    released = LAST - timedelta(days=round(chance.expovariate(1 / 60)))
    return {
        "url": url,
        "stars": stars,
        "forks": stars // 3,
        "open_issues": round(stars * chance.uniform(0.05, 0.4)),
        "contributors": 2 + round(math.exp(chance.gauss(2.5, 0.9))),
        "commits_30d": commits,
        "commits_90d": commits * 3,
        "commits_365d": commits * 11,
        "issues_closed_90d": round(stars * 0.08),
        "median_days_to_close": round(chance.lognormvariate(2.9, 1.0), 2),
        "last_release_at": f"{released}T09:00:00Z",
        "pushed_at": f"{LAST}T07:00:00Z",
        "archived": chance.random() < 0.03,
        "license": "Apache-2.0",
    }


def _advisories(packages: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """Invented advisories with an id that no database uses."""
    number = 0
    for package in packages:
        chance = _chance("advisory " + package["name"])
        if chance.random() > 0.12:
            continue
        number += 1
        fixed = chance.random() < 0.6
        yield {
            "id": f"SAMPLE-2026-{number:04d}",
            "modified": f"{LAST - timedelta(days=chance.randrange(5, 300))}T12:00:00Z",
            "summary": "An invented advisory, for demonstration.",
            "database_specific": {"severity": chance.choice(SCORES)},
            "affected": [
                {
                    "package": {"ecosystem": "npm", "name": package["name"]},
                    "ranges": [
                        {
                            "type": "SEMVER",
                            "events": [
                                {"introduced": "0"},
                                *([{"fixed": package["version"]}] if fixed else []),
                            ],
                        }
                    ],
                }
            ],
        }


def _entities() -> Iterator[dict[str, Any]]:
    """When each entity of the example is said to have come into the catalog."""
    seen: set[str] = set()
    for folder in ("organisation", "engine-room", "systems", "ai", "templates", "marketplace"):
        for body in _documents(folder):
            metadata, spec = body["metadata"], body.get("spec") or {}
            ref = f"{body['kind']}:{metadata.get('namespace', 'default')}/{metadata['name']}".lower()
            if ref in seen:
                continue
            seen.add(ref)
            chance = _chance("entity " + ref)
            ago = ENTITY_DAYS if chance.random() < 0.55 else chance.randrange(1, ENTITY_DAYS)
            yield {
                "entity": ref,
                "kind": body["kind"].lower(),
                "type": spec.get("type"),
                "owned": bool(spec.get("owner")) and chance.random() < 0.97,
                "from": (LAST - timedelta(days=ago - 1)).isoformat(),
            }


def _teams() -> list[str]:
    return [
        f"group:{one['metadata'].get('namespace', 'default')}/{one['metadata']['name']}".lower()
        for one in _documents("organisation")
        if one["kind"] == "Group" and (one.get("spec") or {}).get("type") == "team"
    ] or ["group:default/harbour"]


def _events() -> Iterator[dict[str, Any]]:
    teams = _teams()
    refs = [
        f"/catalog/{meta.get('namespace', 'default')}/{one['kind'].lower()}/{meta['name']}"
        for one in _documents("systems")
        for meta in (one["metadata"],)
    ]
    weights = [one[2] for one in PAGES]
    for number in range(EVENT_DAYS):
        when = LAST - timedelta(days=EVENT_DAYS - 1 - number)
        chance = _chance(f"usage {when}")
        share = (0.04 if when.weekday() >= 5 else 0.42) * (0.6 + 0.4 * number / EVENT_DAYS)
        for visitor in range(VISITORS):
            if chance.random() > share * (1.4 if visitor % 5 == 0 else 0.9):
                continue
            for _ in range(chance.randrange(2, 9)):
                page, plugin, _ = chance.choices(PAGES, weights)[0]
                at = datetime.combine(when, datetime.min.time(), UTC) + timedelta(
                    seconds=chance.randrange(7 * 3600, 18 * 3600)
                )
                one: dict[str, Any] = {
                    "action": "navigate",
                    "subject": chance.choice(refs) if page.startswith("/catalog/{") else page,
                    "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "context": {"pluginId": plugin, "routeRef": page},
                    "team": teams[visitor % len(teams)],
                    "visitor": hashlib.sha256(f"sample {visitor}".encode()).hexdigest()[:24],
                }
                yield one
                if page == "/search":
                    missed = chance.random() < 0.22
                    yield one | {
                        "action": "search",
                        "subject": chance.choice(MISSED if missed else FOUND),
                        "value": 0 if missed else chance.randrange(1, 40),
                    }


def _installations() -> Iterator[dict[str, Any]]:
    """The two plugins that Callboard ships as examples, spreading through a made-up fleet of portals."""
    for plugin, versions, most in (
        ("links-checker", (("0.1.0", 0), ("0.2.0", 40)), 34),
        ("codeowners", (("0.1.0", 20),), 21),
    ):
        for number in range(EVENT_DAYS):
            when = LAST - timedelta(days=EVENT_DAYS - 1 - number)
            known = [(version, since) for version, since in versions if since <= number]
            left = round(most * (1 - math.exp(-(number + 8) / 30)))
            for place, (version, since) in enumerate(reversed(known)):
                moved = 1 - math.exp(-(number - since + 1) / 12)
                share = left if place == len(known) - 1 else round(left * moved)
                left -= share
                if share:
                    yield {
                        "day": when.isoformat(),
                        "plugin": plugin,
                        "version": version,
                        "listing": None,
                        "installs": share,
                    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, content in made().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
