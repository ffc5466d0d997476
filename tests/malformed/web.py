"""A web server on loopback whose answers are as bad as its paths say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FILE_LOCATION = b"""apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: from-the-web
spec:
  type: file
  target: /etc/passwd
"""
REDIRECTS = {
    "/to-forbidden.yaml": "FORBIDDEN/secret.yaml",
    "/to-metadata.yaml": "http://169.254.169.254/latest/meta-data/",
    "/to-private-name.yaml": "http://inside.wild.example/secret.yaml",
    "/to-file.yaml": "file:///etc/passwd",
    "/loop.yaml": "/loop.yaml",
}
FILES = {
    "/latin-1.yaml": "kind: Gerät\n".encode("latin-1"),
    "/unclosed.yaml": b"kind: [Component\n",
    "/file-location.yaml": FILE_LOCATION,
    "/large.yaml": b"# " + b"x" * (11 * 2**20),
}


class Handler(BaseHTTPRequestHandler):
    forbidden = ""

    def do_GET(self) -> None:
        content = FILES.get(self.path, b"")
        if self.path in REDIRECTS:
            self.send_response(302)
            self.send_header("Location", REDIRECTS[self.path].replace("FORBIDDEN", self.forbidden))
        else:
            self.send_response(200 if content else 500 if self.path == "/broken.yaml" else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # the reader had enough

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest's output is for results."""


@contextmanager
def web_server(forbidden: str = "") -> Iterator[str]:
    """The address of a server whose redirects may lead to `forbidden`, the address of another one."""
    handler = type("Bound", (Handler,), {"forbidden": forbidden})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
