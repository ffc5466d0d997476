"""Events in the database: filters, paging, pruning, and how they get there."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from callboard.access.audit import Audit, AuditSettings, Event
from callboard.access.audit.audit import MOST_WAITING
from callboard.access.audit.filters import Filter, read_filter
from callboard.access.audit.store import AuditStore
from callboard.access.principals import Principal
from callboard.core.database import Database
from callboard.core.errors import InputError
from tests.access.audit.events import event


async def found(audit: Audit, **wanted: str) -> list[Event]:
    events, _ = await audit.store.find(read_filter(wanted))
    return events


async def test_an_event_comes_back_as_it_was_given(audit: Audit) -> None:
    given = event(via="plugin:search", user_agent="curl", error="ConflictError", meta={"a": [1, "ü", None]})
    await audit.record(given)
    (stored,) = await found(audit)
    assert stored == replace(given, id=stored.id)
    assert stored.id > 0


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [4, 3, 2, 1]),
        ({"actor": "user:default/joe"}, [2]),
        ({"event": "token-create"}, [3]),
        ({"plugin": "auth"}, [3]),
        ({"ip": "10.0.0.9"}, [4]),
        ({"outcome": "failed"}, [2]),
        ({"severity": "medium"}, [4, 3]),
        ({"severity": "critical"}, [4]),
        ({"since": "2026-01-02"}, [4, 3, 2]),
        ({"until": "2026-01-02"}, [2, 1]),
        ({"since": "2026-01-02T00:00", "until": "2026-01-03T00:00Z"}, [2]),
        ({"since": "2026-01-02T01:00+01:00", "until": "2026-01-02"}, [2]),
        ({"q": "JOE"}, [2]),
        ({"q": "ünïcode crane"}, [4]),
        ({"q": "crane nowhere"}, []),
        ({"q": "100%"}, [1]),
        ({"q": "_"}, []),
        ({"actor": "user:default/jane", "plugin": "auth"}, [3]),
        ({"actor": "' OR 1=1 --"}, []),
    ],
)
async def test_each_filter_narrows_the_list(
    audit: Audit, wanted: dict[str, str], expected: list[int]
) -> None:
    day = 86_400
    start = 1_767_225_600.0  # 2026-01-01T00:00Z
    await audit.store.add(
        [
            event(at=start, meta={"note": "100% sure"}),
            event(at=start + day, actor="user:default/joe", status="failed", http_status=409),
            event(at=start + 2 * day, plugin="auth", event="token-create", severity="medium"),
            event(at=start + 3 * day, ip="10.0.0.9", severity="critical", meta={"name": "Ünïcode Crane"}),
        ]
    )
    events = await found(audit, **wanted)
    first = min(one.id for one in await found(audit))
    assert [one.id - first + 1 for one in events] == expected


@pytest.mark.parametrize(
    "wanted",
    [
        {"outcome": "perhaps"},
        {"severity": "grave"},
        {"since": "yesterday"},
        {"since": "2026-01-03", "until": "2026-01-01"},
        {"until": "tomorrow"},
        {"until": "9999-12-31"},
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "-1"},
        {"cursor": "x"},
        {"cursor": "٣"},
        {"cursor": "9" * 19},
        {"q": "x" * 301},
        {"actor": "a\x00b"},
    ],
)
def test_what_cannot_be_asked_is_refused(wanted: dict[str, str]) -> None:
    with pytest.raises(InputError):
        read_filter(wanted)


async def test_paging_sees_each_event_once_though_more_happen_meanwhile(audit: Audit) -> None:
    await audit.store.add([event(meta={"n": n}) for n in range(25)])
    wanted, seen = Filter(limit=10), []
    while True:
        events, more = await audit.store.find(wanted)
        seen += [one.meta["n"] for one in events]
        if not more:
            break
        await audit.record(event(meta={"n": "new"}))
        wanted = wanted.after(events[-1].id)
    assert seen == list(range(24, -1, -1))


async def test_a_stream_gives_everything_in_parts(audit: Audit) -> None:
    await audit.store.add([event(meta={"n": n}) for n in range(2500)])
    parts = [part async for part in audit.store.stream(Filter())]
    assert [len(part) for part in parts] == [1000, 1000, 500]
    assert [one.meta["n"] for part in parts for one in part] == list(range(2499, -1, -1))


async def test_what_is_too_old_is_pruned_at_start_and_its_ids_are_not_given_again(database_url: str) -> None:
    database = Database(database_url)
    store = AuditStore(database)
    await store.migrate()
    await store.add([event(at=time.time() - 8 * 86_400), event(at=time.time() - 6 * 86_400)])
    log = Audit(database, AuditSettings(keep=7 * 86_400))
    await log.start()
    for _ in range(100):
        if len(kept := (await store.find(Filter()))[0]) == 1:
            break
        await asyncio.sleep(0.02)
    assert len(kept) == 1
    await store.prune(time.time())
    await log.record(event())
    assert (await found(log))[0].id == kept[0].id + 1
    await log.stop()
    await database.close()


async def test_many_events_at_once_are_all_there_when_each_returns(audit: Audit) -> None:
    async def one(number: int) -> bool:
        await audit.record(event(actor=f"user:default/u{number}"))
        return len(await found(audit, actor=f"user:default/u{number}")) == 1

    assert all(await asyncio.gather(*(one(number) for number in range(100))))


async def test_a_cancelled_request_takes_no_event_of_others_with_it(audit: Audit) -> None:
    tasks = [asyncio.create_task(audit.record(event(meta={"n": n}))) for n in range(10)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await audit.flush()
    assert sorted(one.meta["n"] for one in await found(audit)) == list(range(10))


async def test_the_same_refusal_again_is_counted_and_a_flood_is_cut_off_and_counted(audit: Audit) -> None:
    for _ in range(5):
        audit.refused(event(status="failed", http_status=403, severity="medium"))
    for number in range(MOST_WAITING + 50):
        audit.refused(event(status="failed", http_status=401, event=f"GET /{number}", severity="medium"))
    await audit.flush()
    events, _ = await audit.store.find(Filter(limit=1000))
    assert len(events) == MOST_WAITING + 1
    assert next(one for one in events if one.http_status == 403).meta == {"times": 5}
    (dropped,) = [one for one in events if one.event == "refusals-dropped"]
    assert (dropped.meta, dropped.severity) == ({"count": 51}, "high")


async def test_work_that_no_request_asked_for_is_noted_too(audit: Audit) -> None:
    ci = Principal("user", "user:default/jane", actor="plugin:ci", means="plugin")
    await audit.note(
        "rotate", plugin="auth", principal=ci, severity="high", status="failed", secretName="canary", n=1
    )
    await audit.note("prune", plugin="catalog")
    ours, theirs = await found(audit)
    assert (ours.actor, ours.means) == ("plugin:callboard", "internal")
    assert (theirs.actor, theirs.via, theirs.status) == ("user:default/jane", "plugin:ci", "failed")
    assert theirs.meta == {"secretName": "[removed]", "n": 1}


async def test_what_waits_is_written_when_the_log_stops(database_url: str) -> None:
    database = Database(database_url)
    log = Audit(database)
    await log.start()
    log.refused(event(status="failed", http_status=403))
    log.later(event())
    await log.stop()
    assert len(await found(log)) == 2
    await database.close()


async def test_a_database_that_fails_is_told_and_stops_nobody(audit: Audit, capsys: Any) -> None:
    await audit.store._database.write(lambda rows: rows.exec_driver_sql("DROP TABLE audit_events"))
    await audit.record(event(actor="user:default/canary"))
    assert "user:default/canary" in capsys.readouterr().out
