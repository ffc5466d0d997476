"""Runs the pipelines again and again, and kills each run at a random moment, until KILLS were killed.

usage: python -m tests.pipelines.engine.killed LAKE REFERENCE DATABASE KILLS SEED

Each run is a fork of this process, which has not imported DuckDB: no fork has the threads of its parent. LAKE
and REFERENCE hold the same raw data; REFERENCE is run without a kill, and its duration sets the moments.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import shutil
import signal
import sys
import time
import warnings
from pathlib import Path

from callboard.core.database import Database
from callboard.pipelines.engine import DuckDB
from callboard.pipelines.lake import Lake
from callboard.pipelines.runs import RunRequest, RunStore
from callboard.pipelines.runs.runner import run_pipelines
from tests.pipelines.made import TODAY


async def _run(lake: str, database_url: str, begun: int) -> str:
    database = Database(database_url)
    store = RunStore(database)
    await store.migrate()
    backend = DuckDB("256MB", 1)
    os.write(begun, b"1")
    run = await run_pipelines(store, Lake(lake), request=RunRequest(today=TODAY), backend=backend)
    return run.status


def fork(lake: str, database_url: str) -> int:
    """A process of its own that has begun to run the pipelines; its status is 0 when it finished."""
    told, begun = os.pipe()
    pid = os.fork()
    if pid:
        os.close(begun)
        os.read(told, 1)
        os.close(told)
        return pid
    status = 1
    try:
        status = 0 if asyncio.run(_run(lake, database_url, begun)) == "finished" else 1
    finally:
        os._exit(status)


def finished(pid: int, seconds: float) -> bool:
    """Whether the process ended well within `seconds`; otherwise it is killed."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            if status:
                sys.exit(f"a run failed: {status}")
            return True
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def whole(lake: Lake) -> int:
    """How many partitions are visible; ends the program when one is not whole."""
    count = 0
    for layer in ("staged", "marts"):
        for dataset in lake.datasets(layer):
            for partition in lake.partitions(layer, dataset):
                for path in lake.paths(partition):
                    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()[:32]
                    if not Path(path).name.startswith(digest):
                        sys.exit(f"{path} is visible and not whole")
                count += 1
    return count


def main(lake: str, reference: str, database_url: str, kills: int, seed: int) -> None:
    """Print the number of partitions that were visible after each kill."""
    chance = random.Random(seed)
    child = fork(reference, database_url)
    started = time.monotonic()
    if not finished(child, 120):
        sys.exit("the run that nobody killed did not finish")
    took = time.monotonic() - started
    seen: list[int] = []
    while len(seen) < kills:
        if finished(fork(lake, database_url), chance.uniform(0, took / 4)):
            for layer in ("staged", "marts"):  # it got through: from the beginning
                shutil.rmtree(Path(lake) / layer, ignore_errors=True)
        else:
            seen.append(whole(Lake(lake)))
    if not finished(fork(lake, database_url), 120):
        sys.exit("the last run did not finish")
    print(*seen)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
