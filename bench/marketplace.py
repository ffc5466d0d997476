"""Writes listings with releases as files, as many as asked: `python bench/marketplace.py FOLDER`.

The words, sizes and numbers of categories, tags and releases are like those of real catalogs; the same number
always gives the same files.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson

SUBJECTS = (
    "Pipeline", "Cluster", "Incident", "Cost", "Quality", "Secret", "Release", "Document", "Queue", "Ticket",
    "Dashboard", "Feature Flag", "Vulnerability", "Dataset", "Container", "Certificate", "Template", "Survey",
    "Trace", "Metric",
)  # fmt: skip
DEEDS = (
    "Viewer",
    "Insights",
    "Explorer",
    "Cards",
    "Sync",
    "Actions",
    "Reports",
    "Catalog",
    "Radar",
    "Alerts",
)
FIRMS = (
    "Acme",
    "Harbour",
    "Northwind",
    "Lumen",
    "Quarry",
    "Willow",
    "Copper",
    "Meridian",
    "Juniper",
    "Slate",
)
CATEGORIES = (
    "CI/CD", "Monitoring", "Scaffolder", "Software Catalog", "Security", "Cost", "Documentation", "Analytics",
    "Source Control", "Messaging", "Customization", "Cloud", "API Management", "Automation",
)  # fmt: skip
LEVELS = ("generally-available", "tech-preview", "dev-preview", "community", "community")
LIFECYCLES = ("active",) * 14 + ("inactive",) * 3 + ("deprecated", "archived")
LICENSES = ("Apache-2.0", "Apache-2.0", "MIT", "MPL-2.0", "LicenseRef-Commercial")
WORDS = (
    "shows", "runs", "of", "every", "service", "with", "their", "owners", "so", "teams", "find", "what",
    "broke", "before", "users", "tell", "them", "and", "follow", "each", "change", "from", "commit", "to",
    "cluster", "without", "leaving", "the", "portal",
)  # fmt: skip
TODAY = date(2026, 8, 21)
PER_FILE = 500
PUBLISHERS = 400


def entities(number: int) -> Iterator[dict[str, Any]]:
    """Publishers, then each listing followed by its releases."""
    chance = random.Random(7)
    for at in range(min(PUBLISHERS, number)):
        name = f"{FIRMS[at % len(FIRMS)]} {at}"
        kind = "first-party" if at == 0 else "verified-partner" if at % 7 == 0 else "community"
        yield _entity("Publisher", name.lower().replace(" ", "-"), {"title": name}, {"type": kind})
    for at in range(number):
        yield from _listing(at, chance)


def _listing(at: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    firm = f"{FIRMS[at % len(FIRMS)]} {at % PUBLISHERS}"
    subject, deed = chance.choice(SUBJECTS), chance.choice(DEEDS)
    name = f"{subject}-{deed}-{at}".lower().replace(" ", "-")
    ecosystem = chance.choice(("npm", "npm", "npm", "pypi"))
    package = {
        "ecosystem": ecosystem,
        "name": f"@{firm.split(maxsplit=1)[0].lower()}/{name}" if ecosystem == "npm" else name,
    }
    sentence = " ".join(chance.choices(WORDS, k=18)).capitalize()
    added = TODAY - timedelta(days=chance.randrange(2000))
    yield _entity(
        "Listing",
        name,
        {
            "title": f"{subject} {deed} {at}",
            "description": sentence,
            "tags": [word.lower() for word in chance.sample(WORDS, 3)],
            "annotations": {"callboard.io/publisher-title": firm},
        },
        {
            "type": "plugin",
            "publisher": f"publisher:default/{firm.lower().replace(' ', '-')}",
            "lifecycle": chance.choice(LIFECYCLES),
            "description": "\n\n".join(
                f"## Part {part}\n\n{' '.join(chance.choices(WORDS, k=80))}." for part in range(4)
            ),
            "highlights": [" ".join(chance.choices(WORDS, k=6)) for _ in range(3)],
            "categories": chance.sample(CATEGORIES, chance.choice((1, 1, 1, 2))),
            "license": chance.choice(LICENSES),
            "price": {"model": chance.choice(("free", "free", "included", "contact"))},
            "support": {"provider": firm, "level": chance.choice(LEVELS)},
            "packages": [package],
            "added": added.isoformat(),
        },
    )
    for minor in range(chance.choice((1, 2, 2, 3))):
        version = f"1.{minor}.{chance.randrange(9)}"
        yield _entity(
            "Release",
            f"{name}-{version}",
            {},
            {
                "listing": f"listing:default/{name}",
                "package": package,
                "version": version,
                "date": (added + timedelta(days=60 * minor)).isoformat(),
                "supports": {"backstage": "1.49.4"} if ecosystem == "npm" else {"callboard": ">=1"},
            },
        )


def _entity(kind: str, name: str, metadata: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    own = {"name": name, **metadata}
    return {"apiVersion": "callboard.io/v1alpha1", "kind": kind, "metadata": own, "spec": spec}


def write(folder: Path, number: int) -> Path:
    """Files of 500 documents each (JSON, which is YAML), and the Location that names them all."""
    folder.mkdir(parents=True, exist_ok=True)
    batch: list[bytes] = []
    files = 0
    for one in entities(number):
        batch.append(orjson.dumps(one))
        if len(batch) == PER_FILE:
            (folder / f"shelf-{files:04}.yaml").write_bytes(b"\n---\n".join(batch))
            batch, files = [], files + 1
    if batch:
        (folder / f"shelf-{files:04}.yaml").write_bytes(b"\n---\n".join(batch))
    location = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": {"name": "shelf"},
        "spec": {"targets": ["./shelf-*.yaml"]},
    }
    root = folder / "catalog-info.yaml"
    root.write_bytes(orjson.dumps(location))
    return root


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--listings", type=int, default=10_000)
    given = parser.parse_args()
    print(write(given.folder, given.listings))
