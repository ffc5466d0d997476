"""Runs that are killed at random moments, and go on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from callboard.pipelines.lake import Lake
from callboard.pipelines.models import MODELS
from tests.databases import sqlite_url
from tests.pipelines.made import fill

KILLS = 20


def test_runs_killed_at_random_moments_end_in_the_same_bytes_and_show_nothing_half_written(
    tmp_path: Path,
) -> None:
    lake, reference = Lake(tmp_path / "lake"), Lake(tmp_path / "reference")
    fill(lake, days=16, snapshots=1)
    shutil.copytree(lake.url, reference.url)
    command = [sys.executable, "-m", "tests.pipelines.engine.killed", lake.url, reference.url]
    done = subprocess.run(
        [*command, sqlite_url(tmp_path), str(KILLS), "11"],
        env={**os.environ, "TMPDIR": str(tmp_path)},  # what killed runs leave goes with the test
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    seen = [int(one) for one in done.stdout.split()]
    assert len(seen) == KILLS
    assert len(set(seen)) > 3, "the moments must differ"
    for model in MODELS:
        expected = [one.dumped() for one in reference.partitions(*model.dataset)]
        assert expected, model.name
        assert [one.dumped() for one in lake.partitions(*model.dataset)] == expected, model.name
