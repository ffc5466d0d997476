"""Backstage's own npm client performs each of its methods against Callboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.node import NodeError, run_script
from tests.servers import database_environment, running_server

HERE = Path(__file__).parent
CONFORMANCE = HERE.parent / "conformance"
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


@pytest.mark.timeout(180)
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
            try:
                printed = run_script(HERE, "client.mjs", server.base_url, files_url, timeout=120)
            except NodeError as error:
                pytest.fail(f"{error}\n--- log of the server ---\n{server.log_text()}")
    assert printed.splitlines()[-1].endswith("methods called, 0 checks failed")
