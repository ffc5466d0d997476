"""`export`, `import` and `reindex` against a small HTTP server that answers as a catalog does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from callboard.cli import app
from callboard.core.yaml import read_documents

ENTITIES = [
    {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {
            "name": f"c{number}",
            "uid": str(number),
            "etag": "e",
            "annotations": {"backstage.io/managed-by-location": "url:x", "a": "010"},
        },
        "spec": {"type": "yes", "version": "1e3", "text": "a\nb: c\n", "number": 1.5},
        "relations": [],
    }
    for number in range(5)
]
LOCATIONS = [
    {"id": "1", "type": "url", "target": "https://a.example/c.yaml", "entityRef": "location:default/a"},
    {"id": "2", "type": "file", "target": "/x.yaml", "entityRef": "location:default/b"},
    {"id": "3", "type": "url", "target": "https://known.example", "entityRef": "location:default/c"},
    {"id": "4", "type": "url", "target": "https://bad.example", "entityRef": "location:default/d"},
]


class Catalog(BaseHTTPRequestHandler):
    """Two entities a page; a registered location is taken, known or refused by its name."""

    seen: list[tuple[str, str, Any, str | None]]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        self.note(None)
        if url.path.endswith("/locations"):
            if self.headers.get("authorization") == "Bearer wrong":
                self.answer(401, {"error": {"name": "AuthenticationError", "message": "who are you?"}})
            else:
                self.answer(200, [{"data": one} for one in LOCATIONS])
            return
        start = int(query.get("cursor", ["0"])[0])
        info = {"nextCursor": str(start + 2)} if start + 2 < len(ENTITIES) else {}
        self.answer(200, {"items": ENTITIES[start : start + 2], "totalItems": 5, "pageInfo": info})

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        self.note(body)
        if self.path.endswith("/reindex"):
            self.answer(202, None)
        elif "known" in body["target"]:
            self.answer(409, {"error": {"name": "ConflictError", "message": "exists"}})
        elif "bad" in body["target"]:
            self.answer(400, {"error": {"name": "InputError", "message": "not allowed"}})
        else:
            self.answer(201, {})

    def note(self, body: Any) -> None:
        self.seen.append((self.command, self.path, body, self.headers.get("authorization")))

    def answer(self, status: int, body: Any) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def server() -> Iterator[str]:
    Catalog.seen = []
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Catalog)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    listening.server_close()


def run(*arguments: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), env=env)
    return result.exit_code, result.output


def test_an_export_in_yaml_reads_back_as_it_was(server: str) -> None:
    status, output = run("export", "--from", server)
    assert status == 0
    assert [document.value for document in read_documents(output, "export")] == ENTITIES


def test_an_export_in_json_goes_to_a_file(server: str, tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    status, _ = run("export", "--from", f"{server}/api/catalog/", "--format", "json", "--output", str(file))
    assert (status, json.loads(file.read_text())) == (0, ENTITIES)


def test_exported_descriptors_lack_what_the_server_added(server: str) -> None:
    _, output = run("export", "--from", server, "--descriptors", "--format", "json")
    first = json.loads(output)[0]
    assert first["metadata"] == {"name": "c0", "annotations": {"a": "010"}}
    assert "relations" not in first


def test_an_import_registers_what_it_can_and_reports_each(server: str) -> None:
    status, output = run("import", "--from", server, "--to", server, env={"CALLBOARD_IMPORT_TOKEN": "t"})
    assert status == 1
    assert output.splitlines() == [
        "registered url:https://a.example/c.yaml",
        "skipped    file:/x.yaml: only url locations can be registered; put it in the configuration",
        "present    url:https://known.example",
        "failed     url:https://bad.example: not allowed",
        "1 registered, 1 present, 1 skipped, 1 failed",
    ]
    assert Catalog.seen[0] == ("GET", "/api/catalog/locations", None, "Bearer t")
    posted = [one for one in Catalog.seen if one[0] == "POST"]
    assert posted[0][2] == {"type": "url", "target": "https://a.example/c.yaml"}
    assert {one[3] for one in posted} == {None}, "the token of one server must not reach the other"


def test_an_import_can_write_configuration_instead(server: str, tmp_path: Path) -> None:
    file = tmp_path / "app-config.imported.yaml"
    status, _ = run("import", "--from", server, "--output", str(file))
    written = read_documents(file.read_bytes(), "x")[0].value
    assert status == 0
    assert written is not None
    assert written["catalog"]["locations"] == [
        {"type": one["type"], "target": one["target"]} for one in LOCATIONS
    ]


def test_an_import_needs_one_place_to_go(server: str) -> None:
    both = run("import", "--from", server, "--to", server, "--output", "x.yaml")
    assert both == (1, "give either --to URL or --output FILE\n")


def test_a_refusal_and_a_silent_server_are_told_in_a_sentence(server: str) -> None:
    status, output = run("import", "--from", server, "--to", server, "--token", "wrong")
    assert (status, output) == (1, f"{server} answered 401 to /locations: who are you?\n")
    status, output = run("export", "--from", "http://127.0.0.1:9")
    assert status == 1
    assert "cannot be reached" in output
    assert "Traceback" not in output


def test_reindex_asks_the_server(server: str) -> None:
    assert run("reindex", "--url", server) == (0, "every entity will be processed anew\n")
    assert Catalog.seen == [("POST", "/api/catalog/reindex", {}, None)]
