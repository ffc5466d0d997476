"""Trying an operation against a real server on the loopback interface, and all that must not happen."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from callboard.core.errors import InputError, NotAllowedError, ServiceUnavailableError
from callboard.portal.apidocs.allow import read_allow_list
from callboard.portal.apidocs.try_it import MAX_BODY, Attempt, Outcome, send
from tests.portal.apidocs.rendering import config


class Harbour(BaseHTTPRequestHandler):
    """Answers what the path asks for."""

    protocol_version = "HTTP/1.1"
    elsewhere = ""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path = self.path.partition("?")[0]
        if path == "/echo":
            seen = {
                "method": self.command,
                "path": self.path,
                "headers": dict(self.headers),
                "body": body.decode(),
            }
            self._send(200, json.dumps(seen).encode(), content_type="application/json")
        elif path.startswith("/to/"):
            self._send(int(path[4:]), b"", location="/echo")
        elif path == "/away":
            self._send(302, b"moved", location=self.elsewhere)
        elif path == "/round":
            self._send(302, b"", location="/round")
        elif path == "/large":
            self._send(200, b"x" * (3 * MAX_BODY), content_type="text/plain")
        elif path == "/bomb":
            self._send(
                200, gzip.compress(b"x" * 50_000_000), content_type="text/plain", content_encoding="gzip"
            )
        elif path == "/html":
            self._send(200, b"<script>alert(1)</script>", content_type="text/html")
        elif path == "/picture":
            self._send(200, b"\x89PNG\0\xff\xfe", content_type="image/png")
        elif path == "/cookie":
            self._send(200, b"", set_cookie="a=b")
        elif path == "/slow":
            time.sleep(3)
        else:
            self._send(404, b"no such berth", content_type="text/plain; charset=utf-8")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _answer

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # hanging up is the point of some tests


@pytest.fixture
def harbour() -> Iterator[str]:
    server = Quiet(("127.0.0.1", 0), Harbour)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


async def attempt(
    host: str, path: str, method: str = "GET", headers: Sequence[tuple[str, str]] = (), body: str = ""
) -> Outcome:
    return await send(Attempt(method, f"http://{host}{path}", headers, body), read_allow_list(config(host)))


async def test_what_the_visitor_typed_is_sent_and_the_answer_comes_back(harbour: str) -> None:
    typed = [("Authorization", "Bearer mine"), ("Content-Type", "application/json"), ("X-Odd", "é")]
    outcome = await attempt(harbour, "/echo?a=1", "POST", typed, '{"ship": "Ö"}')
    seen = json.loads(outcome.body.text)
    assert (outcome.status, outcome.reason, outcome.url) == (200, "OK", f"http://{harbour}/echo?a=1")
    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/echo?a=1", '{"ship": "Ö"}')
    assert seen["headers"]["Authorization"] == "Bearer mine"
    assert dict(outcome.headers)["content-type"] == "application/json"
    assert outcome.milliseconds >= 0


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "OPTIONS", "PATCH"])
async def test_every_method_arrives(harbour: str, method: str) -> None:
    assert json.loads((await attempt(harbour, "/echo", method)).body.text)["method"] == method


async def test_head_has_headers_and_no_body(harbour: str) -> None:
    outcome = await attempt(harbour, "/large", "HEAD")
    assert (outcome.status, outcome.body.text, outcome.body.is_cut) == (200, "", False)


async def test_headers_of_the_connection_and_of_trust_are_dropped(harbour: str) -> None:
    typed = [
        ("Host", "evil.example"), ("Connection", "close, x-a"), ("Transfer-Encoding", "chunked"),
        ("TE", "trailers"), ("X-Forwarded-For", "127.0.0.1"), ("Forwarded", "for=1"), ("Upgrade", "h2c"),
        ("Proxy-Authorization", "x"), ("Content-Length", "999"), ("Sec-Fetch-Site", "none"),
    ]  # fmt: skip
    headers = json.loads((await attempt(harbour, "/echo", headers=typed)).body.text)["headers"]
    names = {name.lower() for name in headers}
    assert names <= {"host", "user-agent", "accept-encoding", "connection"}
    assert headers["Host"] == harbour


@pytest.mark.parametrize(
    "header", [("X-A", "a\r\nX-B: b"), ("X A", "a"), ("", "a"), ("X:A", "a"), ("X-A", "\0"), ("X-A", "☃")]
)
async def test_what_cannot_be_a_header_is_refused(harbour: str, header: tuple[str, str]) -> None:
    with pytest.raises(InputError):
        await attempt(harbour, "/echo", headers=[header])


async def test_no_cookie_is_kept_between_requests(harbour: str) -> None:
    await attempt(harbour, "/cookie")
    assert "Cookie" not in json.loads((await attempt(harbour, "/echo")).body.text)["headers"]


@pytest.mark.parametrize(
    ("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
async def test_redirects_within_the_list_are_followed_as_browsers_do(
    harbour: str, status: int, method: str
) -> None:
    outcome = await attempt(harbour, f"/to/{status}", "POST", [("Content-Type", "text/plain")], "x")
    seen = json.loads(outcome.body.text)
    assert (seen["method"], seen["body"]) == (method, "x" if method == "POST" else "")
    assert outcome.url == f"http://{harbour}/echo"


async def test_a_redirect_out_of_the_list_is_shown_and_not_followed(
    harbour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for target in ("http://169.254.169.254/latest", "http://localhost:1/", "file:///etc/passwd", "http://[x"):
        monkeypatch.setattr(Harbour, "elsewhere", target)
        outcome = await attempt(harbour, "/away")
        assert (outcome.status, outcome.body.text) == (302, "moved")
        assert "not followed" in outcome.note


async def test_what_was_typed_for_one_origin_is_not_told_another(
    harbour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Quiet(("127.0.0.1", 0), Harbour)
    threading.Thread(target=other.serve_forever, args=(0.02,), daemon=True).start()
    try:
        there = f"127.0.0.1:{other.server_address[1]}"
        monkeypatch.setattr(Harbour, "elsewhere", f"http://{there}/echo")
        typed = [
            ("Authorization", "secret"),
            ("X-Api-Key", "secret"),
            ("Cookie", "secret"),
            ("Accept", "*/*"),
        ]
        asked = Attempt("GET", f"http://{harbour}/away", typed)
        outcome = await send(asked, read_allow_list(config(harbour, there)))
        assert "secret" not in outcome.body.text
        assert outcome.url == f"http://{there}/echo"
    finally:
        other.shutdown()
        other.server_close()


async def test_redirects_without_end_end(harbour: str) -> None:
    assert "too often" in (await attempt(harbour, "/round")).note


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost/",
        "https://127.0.0.1/",
        "http://0x7f000001/",
        "http://example.com/",
    ],
)
async def test_hosts_that_are_not_listed_are_refused_before_any_connection(harbour: str, url: str) -> None:
    with pytest.raises(NotAllowedError, match=r"apiDocs\.tryIt\.allow"):
        await send(Attempt("GET", url), read_allow_list(config(harbour)))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/", "http://u:p@a.example/", "nonsense", ""]
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        await send(Attempt("GET", url), read_allow_list(config("a.example")))


async def test_a_wildcard_never_leads_to_a_private_address() -> None:
    async def rebound(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    asked = Attempt("GET", "http://a.harbour.example/")
    with pytest.raises(NotAllowedError, match="without a wildcard"):
        await send(asked, read_allow_list(config("*.harbour.example")), resolver=rebound)


async def test_large_answers_are_cut_also_when_they_are_compressed(harbour: str) -> None:
    for path in ("/large", "/bomb"):
        body = (await attempt(harbour, path)).body
        assert (len(body.text), body.is_cut) == (MAX_BODY, True)


async def test_html_comes_back_as_text_and_pictures_are_only_counted(harbour: str) -> None:
    assert (await attempt(harbour, "/html")).body.text == "<script>alert(1)</script>"
    picture = (await attempt(harbour, "/picture")).body
    assert (picture.text, picture.size) == ("", 7)
    assert "image/png" in picture.note


async def test_errors_of_the_server_are_answers(harbour: str) -> None:
    outcome = await attempt(harbour, "/nowhere")
    assert (outcome.status, outcome.body.text) == (404, "no such berth")


async def test_a_server_that_says_nothing_is_given_up() -> None:
    server = Quiet(("127.0.0.1", 0), Harbour)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    host = f"127.0.0.1:{server.server_address[1]}"
    try:
        with pytest.raises(ServiceUnavailableError, match="did not answer within"):
            await send(Attempt("GET", f"http://{host}/slow"), read_allow_list(config(host)), seconds=0.2)
    finally:
        server.shutdown()
        server.server_close()
    with pytest.raises(ServiceUnavailableError, match="could not be reached"):
        await send(Attempt("GET", f"http://{host}/"), read_allow_list(config(host)))


async def test_a_body_past_the_limit_is_refused(harbour: str) -> None:
    with pytest.raises(InputError, match="larger"):
        await attempt(harbour, "/echo", "POST", body="x" * (MAX_BODY + 1))
