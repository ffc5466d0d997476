"""A server of its own for each measurement: its seconds to readiness, what it bears, what it occupies."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench.reads import Result, run, scenarios
from tests.databases import free_port
from tests.servers import COMMAND, READINESS, database_environment

POLL = 0.02
PATIENCE = 600.0
CONNECTIONS = 16
_STAGE = re.compile(r"(\w+) (\d+\.\d+) s")
_READY = re.compile(r"ready after (\d+\.\d+) s")


def processor_seconds(pid: int) -> float:
    """What all threads of a process have used, to the nanosecond."""
    spent = 0
    for one in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that just ended
            spent += int((one / "schedstat").read_text().split()[0])
    return spent / 1e9


@dataclass
class Start:
    """Seconds from the start of the process to readiness; `stages` are the server's own figures."""

    seconds: float
    resident_mb: float
    stages: dict[str, float] = field(default_factory=dict)


@dataclass
class Running:
    """A server that is ready."""

    process: subprocess.Popen[bytes]
    base_url: str
    start: Start

    def resident_mb(self) -> float:
        """Memory in use now."""
        return process_mb(self.process.pid, "VmRSS")

    def processor_seconds(self) -> float:
        """Processor time of all its threads so far; unlike other figures it bears other work beside it."""
        return processor_seconds(self.process.pid)

    def peak_mb(self) -> float:
        """The most memory it ever had in use."""
        return process_mb(self.process.pid, "VmHWM")


@contextmanager
def started(descriptor: Path, data: Path, database_url: str | None) -> Iterator[Running]:
    """Serves a descriptor from an empty database until the block ends."""
    with started_with([str(descriptor)], data, database_url) as running:
        yield running


@contextmanager
def started_with(arguments: list[str], data: Path, database_url: str | None = None) -> Iterator[Running]:
    """The same with any arguments of `callboard serve`."""
    data.mkdir(parents=True)
    port, log = free_port(), data / "server.log"
    base = f"http://127.0.0.1:{port}"
    command = [str(COMMAND), "serve", *arguments, "--port", str(port), "--data", str(data), "--no-watch"]
    environment = _environment(data.parent) | (database_environment(database_url) if database_url else {})
    with log.open("wb") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
    try:
        _wait(process, base + READINESS, begun, log)
        seconds = time.perf_counter() - begun
        resident = process_mb(process.pid, "VmRSS")
        yield Running(process, base, Start(seconds, resident, _stages(log)))
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            print("the server did not stop within 10 s of SIGTERM; killed")
            process.kill()
            process.wait()


def measure_reads(server: Running, seconds: float) -> dict[str, Result]:
    """Every scenario of `bench.reads`, each after a second to warm up."""
    parts = urlsplit(server.base_url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    found = {}
    for name, requests in scenarios(server.base_url).items():
        run(address, requests, CONNECTIONS, min(1.0, seconds))
        found[name] = run(address, requests, CONNECTIONS, seconds)
    return found


def _environment(folder: Path) -> dict[str, str]:
    """With the compiled modules of an ordinary installation, which some machines are told not to write."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = cache = str(folder / "compiled")
    if not os.path.exists(cache):
        modules = "import callboard.server, callboard.cli.serve, alembic.command, aiosqlite, asyncpg"
        subprocess.run([sys.executable, "-c", modules], env=environment, check=True)
    return environment


def _wait(process: subprocess.Popen[bytes], url: str, begun: float, log: Path) -> None:
    while time.perf_counter() - begun < PATIENCE:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                if answer.status == 200:
                    return
        except OSError:  # not listening yet, or still ingesting (503)
            time.sleep(POLL)
    raise RuntimeError(f"the server did not become ready:\n{log.read_text(errors='replace')[-4000:]}")


def _stages(log: Path) -> dict[str, float]:
    """The server's last words about its start, which come a moment after readiness."""
    deadline = time.perf_counter() + 2
    while time.perf_counter() < deadline:
        text = log.read_text(errors="replace")
        _, found, line = text.partition("stages: ")
        if found:
            stages = {name: float(value) for name, value in _STAGE.findall(line.partition("\n")[0])}
            ready = _READY.search(text)
            return stages | ({"sum on the server's clock": float(ready[1])} if ready else {})
        time.sleep(POLL)
    return {}


def process_mb(pid: int, name: str) -> float:
    """A memory figure of a process in MB; 0 where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{name}:")), 0.0)
