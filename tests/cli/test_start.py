"""A process loads what it needs: the heavy libraries belong to features that most processes never use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Pipelines, pictures, checks of submissions, proofs of domains, mail, sign-in at other sites.
HEAVY = "ibis pyarrow duckdb pyspark sqlglot PIL rapidfuzz dns aiosmtplib authlib"
IMPORTED = "import callboard.server, callboard.host, callboard.app, callboard.testing.portal"
STARTED = """
import asyncio
from pathlib import Path
from callboard.testing.portal import opened

async def main():
    async with opened(Path.cwd(), (), {}) as portal:
        await portal.page("/")

asyncio.run(main())
"""
PLUGGED = "import callboard.testing.fixtures"  # as pytest does wherever Callboard is installed
LIBRARIES = f"{HEAVY} numpy sqlalchemy httpx pydantic starlette"
HELPED = """
from callboard.cli import app

try:
    app(["--help"])
except SystemExit as end:
    assert not end.code
"""


@pytest.mark.parametrize(
    ("code", "spared"),
    [
        pytest.param(IMPORTED, HEAVY, id="import"),
        pytest.param(STARTED, HEAVY, id="start"),
        pytest.param(HELPED, LIBRARIES, id="help"),
        pytest.param(PLUGGED, f"{LIBRARIES} callboard.host", id="pytest-plugin"),
    ],
)
def test_a_start_loads_no_library_of_a_feature_that_is_not_used(
    code: str, spared: str, tmp_path: Path
) -> None:
    asking = f"{code}\nimport sys\nprint('loaded', *(one for one in {spared.split()} if one in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", asking], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded", done.stdout[-500:]
