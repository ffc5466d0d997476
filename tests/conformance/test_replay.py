"""Callboard gives the answers that a real Backstage gave, on SQLite and on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import database_environment, running_server

HERE = Path(__file__).parent


@pytest.mark.timeout(180)
def test_every_recorded_request_gets_the_recorded_answer(database_url: str, tmp_path: Path) -> None:
    cases = len(list((HERE / "cases").glob("*.json")))
    with running_server(
        ["--config", HERE / "app-config.yaml"], database_environment(database_url), data=tmp_path / "data"
    ) as server:
        replay = subprocess.run(
            [sys.executable, HERE / "replay.py", server.base_url],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        report = f"{replay.stdout}{replay.stderr}\n--- log of the server ---\n{server.log_text()}"
    assert replay.stdout.splitlines()[-1:] == [f"{cases} passed, 0 failed"], report
    assert cases >= 134
