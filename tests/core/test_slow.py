"""What was slow is kept, newest first out last, without the values of statements."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from starlette.types import Message, Receive, Scope, Send

from callboard.core import database as database_module
from callboard.core.database import Database
from callboard.core.http_edge import Edge
from callboard.core.slow import SLOW, SLOW_REQUEST, SlowLog


def test_the_newest_are_kept_and_the_slowest_come_first() -> None:
    log = SlowLog(kept=3)
    for number in (9, 1, 3, 2):
        log.note("request", f"GET /{number}", number)
    assert [one.seconds for one in log.slowest()] == [3, 2, 1]
    assert [one.seconds for one in log.slowest(1)] == [3]


def test_a_statement_is_shortened() -> None:
    log = SlowLog()
    log.statement(f"SELECT a\n  FROM b WHERE c IN ({', '.join(['?'] * 500)}) AND d = ?", 1.0)
    assert log.slowest()[0].text == "SELECT a FROM b WHERE c IN (?, …) AND d = ?"
    log.statement("SELECT " + "x" * 100_000, 2.0)
    assert len(log.slowest()[0].text) == 1000


async def test_slow_statements_are_noted(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "SLOW_STATEMENT", 0.0)
    SLOW.clear()
    database = Database(database_url)
    async with database.read() as connection:
        await connection.execute(text("SELECT :value"), {"value": "secret"})
    await database.close()
    found = [one.text for one in SLOW.slowest() if one.kind == "sql"]
    assert any(one.startswith("SELECT") for one in found)
    assert not any("secret" in one for one in found)
    SLOW.clear()


async def test_slow_requests_are_noted_by_when_their_answer_began() -> None:
    SLOW.clear()

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        slow_start = scope["path"] == "/slow"
        await asyncio.sleep(SLOW_REQUEST + 0.02 if slow_start else 0)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0 if slow_start else SLOW_REQUEST + 0.02)
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_: Message) -> None:
        return None

    for path in ("/slow", "/streams"):
        scope: Scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        await Edge(app, log_requests=False)(scope, receive, send)
    assert [one.text for one in SLOW.slowest()] == ["GET /slow"]
    SLOW.clear()
