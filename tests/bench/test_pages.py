"""The benchmark of the catalog page says what is reached, and refuses to measure what is no page."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from bench.pages import REQUESTS, PageFigures, measure_pages, print_pages

FACETS = b"""{"facets": {"kind": [{"value": "Component"}, {"value": "API"}],
"spec.type": [{"value": "service"}],
"spec.lifecycle": [], "relations.ownedBy": [{"value": "group:default/a b"}], "metadata.tags": []}}"""
PAGE = b"""<!doctype html><html lang="en"><title>Ships</title><link rel="stylesheet" href="/assets/app.css">
<script type="module" src="/assets/app.js"></script><h1>Ships</h1>"""


class Pretended(BaseHTTPRequestHandler):
    """A catalog of which every page takes the server 3 ms."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timing = "db;dur=9, app;dur=3.0"

    def do_GET(self) -> None:
        media_type, body = "text/html", PAGE
        if self.path.startswith("/api/"):
            media_type, body = "application/json", FACETS
        elif self.path.startswith("/assets/"):
            media_type, body = ("text/css" if "css" in self.path else "text/javascript"), b"/* */" * 1000
        self.send_response(200)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        self.send_header("server-timing", self.timing)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # `Any` is the base class's type
        pass


@pytest.fixture
def base_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pretended) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_page_is_measured_as_its_visitor_gets_it(base_url: str) -> None:
    figures = measure_pages(base_url)
    assert figures.server_ms == [3.0] * REQUESTS
    assert sorted(figures.asset_kb) == ["app.css", "app.js"]
    assert all(0 < size < 1 for size in figures.asset_kb.values())  # 5 KB that compress well
    assert all(0 < paint < 5000 for paint in figures.paint_ms)


def test_a_page_without_a_server_time_is_refused(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pretended, "timing", "db;dur=9")
    with pytest.raises(RuntimeError, match="Server-Timing None"):
        measure_pages(base_url)


def test_each_figure_stands_beside_its_target(capsys: pytest.CaptureFixture[str]) -> None:
    print_pages(PageFigures([2.0] * 190 + [30.0] * 10, {"app.css": 10.0, "app.js": 20.0}, [100, 200, 900]))
    lines = {line[4:26].strip(): line for line in capsys.readouterr().out.splitlines()}
    assert "ok" in lines["server time p50"]
    assert "MISS" in lines["server time p99"]
    assert "30.0 KB" in lines["scripts and styles"]
    assert "200.0 ms" in lines["largest paint"]
