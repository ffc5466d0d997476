"""The two kinds of database that tests run on are real."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests import databases


async def test_a_fresh_database_answers_and_keeps_what_it_is_told(database_url: str) -> None:
    engine = create_async_engine(database_url)
    try:
        async with engine.begin() as connection:
            assert (await connection.execute(text("select 1"))).scalar_one() == 1
            await connection.execute(text("create table note (line text)"))
            await connection.execute(text("insert into note values ('kept')"))
        async with engine.connect() as connection:
            assert (await connection.execute(text("select line from note"))).scalar_one() == "kept"
    finally:
        await engine.dispose()


async def test_two_tests_never_share_a_database() -> None:
    with databases.postgresql_database() as first, databases.postgresql_database() as second:
        assert first != second


def test_a_server_starts_once_and_is_gone_after_the_stop() -> None:
    # Not under tmp_path: pytest's folders are private, and the server may run as another user.
    folder = Path(tempfile.mkdtemp(prefix="callboard-postgres-"))
    url = databases.start_server(folder)
    assert databases.start_server(folder) == url
    databases.stop_server(folder)
    assert not folder.exists()


def test_a_free_port_can_be_listened_on(free_port: int) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port))
