"""Another host, on this machine: a real HTTP server whose files a test writes down."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer other than a file: `delay` is in seconds."""

    status: int = 200
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that arrived; header names are in lower case."""

    path: str
    headers: dict[str, str]


@dataclass(slots=True)
class WebServer:
    """`files` by path with query: what is not there is answered with 404. `asked` is in order of arrival.

    A file has an etag of its content, and is answered with 304 to who knows it.
    """

    port: int
    files: dict[str, bytes | str | Sent] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def host(self) -> str:
        """As `backend.reading.allow` names it."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def paths(self) -> list[str]:
        """What was asked for."""
        return [one.path for one in self.asked]

    def answer(self, asked: Asked) -> Sent:
        known = self.files.get(asked.path)
        if known is None:
            return Sent(404)
        if isinstance(known, Sent):
            return known
        content = known.encode() if isinstance(known, str) else known
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if asked.headers.get("if-none-match") == etag:
            return Sent(304, headers={"ETag": etag})
        return Sent(200, content, {"ETag": etag})


@contextmanager
def running() -> Iterator[WebServer]:
    """A server on a free port of the loopback interface."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()})
            server.asked.append(asked)
            sent = server.answer(asked)
            time.sleep(sent.delay)
            self.send_response(sent.status)
            for name, value in {**sent.headers, "Content-Length": str(len(sent.content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent.content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # who asks may hang up before the end

    http = Quiet(("127.0.0.1", 0), Handler)
    server = WebServer(http.server_address[1])
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(5)
