"""`kill -9` at random moments of an ingestion loses, doubles and half-relates nothing."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bench.company import generate
from callboard.core.database import Database
from tests.databases import free_port
from tests.servers import COMMAND, READINESS, database_environment

ENTITIES = 1500
KILLS = int(os.environ.get("CALLBOARD_KILLS", "10"))
FRESH_KILLS = 3
# Seconds after which what is shown is compared, right or not.
SETTLE_LIMIT = 30.0
Entities = dict[str, set[tuple[str, str]]]

INVERSE = {
    "ownedBy": "ownerOf", "providesApi": "apiProvidedBy", "consumesApi": "apiConsumedBy",
    "dependsOn": "dependencyOf", "partOf": "hasPart", "parentOf": "childOf", "memberOf": "hasMember",
}  # fmt: skip
INVERSE |= {there: back for back, there in INVERSE.items()}


def start(folder: Path, database_url: str, data: Path, log: Path) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [COMMAND, "serve", folder, "--port", str(port), "--data", data, "--no-watch"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **database_environment(database_url)},
        )
    return process, f"http://127.0.0.1:{port}"


def database_of(database_url: str, data: Path) -> str:
    """SQLite's file is the server's own, in its data folder."""
    if database_url.startswith("postgresql"):
        return database_url
    return f"sqlite+aiosqlite:///{data / 'callboard.sqlite'}"


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def served(base_url: str) -> Entities:
    """Every entity with its relations, as the API gives them."""
    fields = "kind,metadata.name,metadata.namespace,relations"
    entities = get(f"{base_url}/api/catalog/entities?fields={fields}")
    refs = [f"{e['kind']}:{e['metadata']['namespace']}/{e['metadata']['name']}".lower() for e in entities]
    assert len(refs) == len(set(refs))
    return {
        ref: {(item["type"], item["targetRef"]) for item in entity.get("relations", ())}
        for ref, entity in zip(refs, entities, strict=True)
    }


def wait_for(
    base_url: str, process: subprocess.Popen[bytes], log: Path, wanted: Entities | None = None
) -> Entities:
    """What the server shows once it is ready, or once it shows what is wanted, or when time is up."""
    deadline = time.monotonic() + SETTLE_LIMIT
    shown: Entities = {}
    while time.monotonic() < deadline and (wanted is None or shown != wanted):
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        with suppress(urllib.error.URLError, OSError):  # not listening yet, or not ready
            get(f"{base_url}{READINESS}")
            shown = served(base_url)
            if wanted is None:
                break
        time.sleep(0.1)
    assert shown, f"it never became ready:\n{log.read_text(errors='replace')[-3000:]}"
    return shown


async def facts(url: str) -> dict[str, Counter[tuple[Any, ...]]]:
    """What the tables hold, without ids and times; a doubled row counts two."""
    queries = {
        "entities": "SELECT entity_ref, unprocessed_hash, errors, location_key FROM refresh_state",
        "parents": "SELECT source_key, source_ref, target_ref, origin FROM refresh_references",
        "relations": "SELECT state.entity_ref, r.source_ref, r.type, r.target_ref FROM relations AS r "
        "LEFT JOIN refresh_state AS state ON state.entity_id = r.originating_id",
        "visible": "SELECT f.entity_ref FROM final_entities AS f "
        "JOIN refresh_state AS s ON s.entity_id = f.entity_id AND s.entity_ref = f.entity_ref",
        "keys": "SELECT s.entity_ref, k.key FROM refresh_keys AS k "
        "LEFT JOIN refresh_state AS s ON s.entity_id = k.entity_id",
        "queue": "SELECT entity_ref FROM stitch_queue",
        "conflicts": "SELECT entity_ref, location_key FROM conflicts",
    }
    database = Database(url, pool_size=1)
    try:
        async with database.read() as connection:
            return {
                name: Counter(tuple(row) for row in await connection.execute(text(query)))
                for name, query in queries.items()
            }
    finally:
        await database.close()


def doubled(rows: Counter[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [row for row, count in rows.items() if count > 1]


def edit(originals: dict[Path, str], number: int) -> None:
    """People work meanwhile: texts and owners change, a tenth of the files goes, others come back."""
    chance = random.Random(number)
    owners = sorted({owner for text in originals.values() for owner in re.findall(r"owner: (\S+)", text)})
    for path, original in originals.items():
        if chance.random() < 0.1:
            path.unlink(missing_ok=True)
            continue
        edited = original
        if chance.random() < 0.5:
            edited = edited.replace("  description: ", f"  description: Edit {number}. ")
        if chance.random() < 0.3:
            edited = re.sub(r"owner: \S+", f"owner: {chance.choice(owners)}", edited)
        path.write_text(edited)


def restore(originals: dict[Path, str]) -> None:
    for path, original in originals.items():
        path.write_text(original)


def differences(found: Entities, wanted: Entities) -> list[tuple[str, str, tuple[str, str]]]:
    """Relations that are there and should not be, and the other way round."""
    return [
        (what, ref, relation)
        for what, one, other in (("added", found, wanted), ("lost", wanted, found))
        for ref in sorted(one)
        for relation in sorted(one[ref] - other.get(ref, set()))
    ]


def half_related(entities: Entities) -> list[tuple[str, str, str]]:
    """Relations whose other direction is missing on an entity that exists."""
    return [
        (ref, kind, target)
        for ref, relations in entities.items()
        for kind, target in relations
        if target in entities and (INVERSE[kind], ref) not in entities[target]
    ]


def moments(count: int, first_run: float) -> Iterable[float]:
    """Seconds after the start at which to kill: any time from the start of the process to its end of work."""
    chance = random.Random(20)
    return [0.3 + chance.random() * first_run for _ in range(count)]


@pytest.mark.timeout(60 + 4 * KILLS)
async def test_kills_at_random_moments_of_an_ingestion_leave_nothing_lost_doubled_or_half_related(
    database_url: str, tmp_path: Path
) -> None:
    folder, data, log = tmp_path / "company", tmp_path / "data", tmp_path / "server.log"
    data.mkdir()
    refs = set(generate(folder, ENTITIES, seed=7).refs)

    # An undisturbed run, on a database of its own.
    calm = tmp_path / "calm"
    calm.mkdir()
    began = time.monotonic()
    process, base_url = start(folder, "sqlite://", calm, log)
    try:
        undisturbed = wait_for(base_url, process, log)
    finally:
        process.kill()
        process.wait()
    first_run = time.monotonic() - began
    assert refs <= set(undisturbed)
    undisturbed_facts = await facts(database_of("sqlite://", calm))

    moments_hit = Counter[str]()
    originals = {path: path.read_text() for path in sorted(folder.rglob("*.yaml"))}
    for number, delay in enumerate(moments(KILLS, min(first_run, 2.0))):
        process, base_url = start(folder, database_url, data, log)
        await asyncio.sleep(delay)
        process.kill()
        process.wait()
        with suppress(Exception):  # the schema may not be there yet
            seen = await facts(database_of(database_url, data))
            unfinished = len(seen["visible"]) < len(undisturbed_facts["visible"]) or bool(seen["queue"])
            moments_hit["during" if unfinished else "after"] += 1
        if number + 1 >= FRESH_KILLS:  # what was ingested by now would leave the next run little to do
            edit(originals, number)
    restore(originals)

    restarted = time.monotonic()
    process, base_url = start(folder, database_url, data, log)
    try:
        after_kills = wait_for(base_url, process, log, undisturbed)
        took = time.monotonic() - restarted
    finally:
        process.kill()
        process.wait()
    after_facts = await facts(database_of(database_url, data))

    assert set(after_kills) == set(undisturbed)
    assert differences(after_kills, undisturbed) == []
    assert not half_related(after_kills)
    for name, rows in after_facts.items():
        assert not doubled(rows), name
        assert rows == undisturbed_facts[name], name
    assert not after_facts["queue"]
    # Without waiting for the lease of the one that was killed, which lasts 120 s.
    assert took < 60, f"the last restart took {took:.1f} s"
    print(f"kills: {dict(moments_hit)}; last restart {took:.1f} s", file=sys.stderr)
