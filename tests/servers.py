"""A real `callboard serve` as a child process, for tests that speak HTTP to it.

with running_server(["examples"], data=tmp_path) as server:
    httpx.get(f"{server.base_url}/api/catalog/entities")
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.databases import free_port

COMMAND = Path(sys.executable).with_name("callboard")
READINESS = "/.backstage/health/v1/readiness"


@dataclass(frozen=True)
class Server:
    """A server that answered readiness with 200. `log` is the file of its standard output and error."""

    base_url: str
    process: subprocess.Popen[bytes]
    log: Path

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")


class ServerNotReadyError(AssertionError):
    """The server ended, or did not become ready in time; the message holds its log."""


def database_environment(database_url: str) -> dict[str, str]:
    """The configuration override that makes a server use a database of the `database_url` fixture."""
    url = urlsplit(database_url)
    if url.scheme.startswith("postgresql"):
        connection = url._replace(scheme="postgresql").geturl()
        return {"APP_CONFIG_backend_database": json.dumps({"client": "pg", "connection": connection})}
    # SQLite's own file is in the folder given as --data.
    return {}


@contextmanager
def running_server(
    args: Sequence[str | Path],
    env: Mapping[str, str] | None = None,
    *,
    data: Path,
    port: int | None = None,
    cwd: Path | None = None,
    timeout: float = 60,
    command: Path = COMMAND,
) -> Iterator[Server]:
    """Runs `callboard serve ARGS --port PORT --data DATA` until the block ends, then stops that process."""
    port = port or free_port()
    data.mkdir(parents=True, exist_ok=True)
    log = data / "server.log"
    words = [command, "serve", *args, "--port", str(port), "--data", data]
    with log.open("ab") as output:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env={**os.environ, **(env or {})},
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_until_ready(server, timeout)
        yield server
    finally:
        _stop(process)


def _wait_until_ready(server: Server, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if (status := server.process.poll()) is not None:
            raise ServerNotReadyError(f"the server ended with status {status}:\n{server.log_text()}")
        try:
            with urllib.request.urlopen(server.base_url + READINESS, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass  # not listening yet, or still ingesting (503)
        time.sleep(0.05)
    raise ServerNotReadyError(f"the server was not ready after {timeout} s:\n{server.log_text()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
