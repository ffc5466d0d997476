"""Reads through real connections: answers, limits, redirects, retries."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler

import pytest

from callboard.core.errors import (
    CallboardError,
    InputError,
    NotAllowedError,
    NotFoundError,
    NotModifiedError,
    ServiceUnavailableError,
)
from callboard.core.reader.fetching import Limits
from tests.core.reader.conftest import ReaderFactory
from tests.core.reader.servers import Server, answer, redirect


async def test_a_file_is_read_with_its_etag(server: Server, reader_of: ReaderFactory) -> None:
    server.routes["/a.yaml?x=1"] = answer(b"kind: A", ETag='"v1"')
    result = await reader_of(server.host).read(server.url("/a.yaml?x=1#here"))
    assert (result.content, result.etag, result.url) == (b"kind: A", '"v1"', server.url("/a.yaml?x=1#here"))
    assert server.seen[0].headers["host"] == server.host


async def test_an_unchanged_file_is_not_modified(server: Server, reader_of: ReaderFactory) -> None:
    server.routes["/a.yaml"] = answer(status=304)
    with pytest.raises(NotModifiedError):
        await reader_of(server.host).read(server.url("/a.yaml"), etag='W/"v1"')
    assert server.seen[0].headers["if-none-match"] == 'W/"v1"'


async def test_an_etag_that_would_break_the_request_is_an_input_error(
    server: Server, reader_of: ReaderFactory
) -> None:
    with pytest.raises(InputError):
        await reader_of(server.host).read(server.url("/a.yaml"), etag="a\r\nX-Evil: 1")
    assert server.seen == []


@pytest.mark.parametrize(
    ("status", "headers", "error", "message"),
    [
        (404, {}, NotFoundError, "could not read"),
        (410, {}, NotFoundError, "410"),
        (401, {}, NotAllowedError, "credentials"),
        (403, {}, NotAllowedError, "token"),
        (403, {"X-RateLimit-Remaining": "0"}, ServiceUnavailableError, "403"),
        (429, {"Retry-After": "17"}, ServiceUnavailableError, "retry after 17"),
        (500, {}, ServiceUnavailableError, "500"),
        (503, {"Retry-After": "60"}, ServiceUnavailableError, "retry after 60"),
        (400, {}, InputError, "400"),
        (418, {}, InputError, "418"),
    ],
)
async def test_each_status_has_its_error(
    server: Server,
    reader_of: ReaderFactory,
    status: int,
    headers: dict[str, str],
    error: type[CallboardError],
    message: str,
) -> None:
    server.routes["/a.yaml"] = answer(b"secret body", status, **headers)
    with pytest.raises(error, match=message) as caught:
        await reader_of(server.host).read(server.url("/a.yaml"))
    assert "secret body" not in str(caught.value)


async def test_a_redirect_to_an_allowed_host_is_followed(
    server: Server, other: Server, reader_of: ReaderFactory
) -> None:
    server.routes["/a"] = redirect("/b", 301)
    server.routes["/b"] = redirect(other.url("/c"), 307)
    other.routes["/c"] = answer(b"found")
    result = await reader_of(server.host, other.host).read(server.url("/a"))
    assert (result.content, result.url) == (b"found", server.url("/a"))


async def test_a_redirect_to_a_forbidden_host_is_refused(
    server: Server, other: Server, reader_of: ReaderFactory
) -> None:
    server.routes["/a"] = redirect(other.url("/secret?signature=canary"))
    with pytest.raises(NotAllowedError, match="is not allowed") as caught:
        await reader_of(server.host).read(server.url("/a"))
    assert other.seen == []
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http://u:canary@127.0.0.1/",
        "//[bad",
        "http://",
        "javascript:1",
    ],
)
async def test_a_redirect_to_something_unreadable_is_refused(
    server: Server, reader_of: ReaderFactory, location: str
) -> None:
    server.routes["/a"] = redirect(location)
    with pytest.raises(InputError, match="redirects") as caught:
        await reader_of(server.host).read(server.url("/a"))
    assert "canary" not in str(caught.value)


async def test_a_circle_of_redirects_ends(server: Server, reader_of: ReaderFactory) -> None:
    server.routes["/a"] = redirect("/a")
    with pytest.raises(InputError, match="more than 5 redirects"):
        await reader_of(server.host).read(server.url("/a"))
    assert len(server.seen) == 6


async def test_a_declared_size_over_the_limit_is_refused_before_reading(
    server: Server, reader_of: ReaderFactory
) -> None:
    def promise(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(10**12))
        handler.end_headers()

    server.routes["/big"] = promise
    with pytest.raises(InputError, match="larger than the limit"):
        await reader_of(server.host).read(server.url("/big"))


async def test_an_endless_body_stops_at_the_limit(server: Server, reader_of: ReaderFactory) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        while True:
            handler.wfile.write(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")

    server.routes["/endless"] = endless
    reader = reader_of(server.host, limits=Limits(max_bytes=100_000))
    with pytest.raises(InputError, match="larger than the limit of 100000 bytes"):
        await reader.read(server.url("/endless"))


async def test_the_limit_itself_is_allowed(server: Server, reader_of: ReaderFactory) -> None:
    server.routes["/plain"] = answer(b"x" * 1000)
    server.routes["/gzip"] = answer(gzip.compress(b"x" * 1000, mtime=0), Content_Encoding="gzip")
    server.routes["/more"] = answer(gzip.compress(b"x" * 1001, mtime=0), Content_Encoding="gzip")
    reader = reader_of(server.host, limits=Limits(max_bytes=1000))
    assert len((await reader.read(server.url("/plain"))).content) == 1000
    assert len((await reader.read(server.url("/gzip"))).content) == 1000
    with pytest.raises(InputError, match="larger"):
        await reader.read(server.url("/more"))


async def test_a_gzip_bomb_stops_at_the_limit(server: Server, reader_of: ReaderFactory) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(10**6)) for _ in range(200)) + packer.flush()
    server.routes["/bomb"] = answer(bomb, Content_Encoding="gzip")
    with pytest.raises(InputError, match="larger than the limit"):
        await reader_of(server.host).read(server.url("/bomb"))


async def test_compressed_answers_are_expanded(server: Server, reader_of: ReaderFactory) -> None:
    text = b"kind: Component\n" * 1000
    server.routes["/gzip"] = answer(gzip.compress(text, mtime=0), Content_Encoding="gzip")
    server.routes["/members"] = answer(
        gzip.compress(text, mtime=0) + gzip.compress(b"end"), Content_Encoding="gzip"
    )
    server.routes["/deflate"] = answer(zlib.compress(text), Content_Encoding="deflate")
    reader = reader_of(server.host)
    assert (await reader.read(server.url("/gzip"))).content == text
    assert (await reader.read(server.url("/members"))).content == text + b"end"
    assert (await reader.read(server.url("/deflate"))).content == text


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"x" * 99, mtime=0)[:-9], "gzip"),
        (b"no gzip", "gzip"),
        (b"", "gzip"),
        (b"x", "br"),
        (b"x", "gzip, gzip"),
    ],
)
async def test_damaged_compression_is_an_input_error(
    server: Server, reader_of: ReaderFactory, body: bytes, encoding: str
) -> None:
    server.routes["/a"] = answer(body, Content_Encoding=encoding)
    with pytest.raises(InputError, match="compress"):
        await reader_of(server.host).read(server.url("/a"))


async def test_a_slow_body_ends_at_the_time_limit(server: Server, reader_of: ReaderFactory) -> None:
    done = threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not done.wait(0.05):
            handler.wfile.write(b".")

    server.routes["/slow"] = slow
    reader = reader_of(server.host, limits=Limits(total=0.4))
    started = time.monotonic()
    with pytest.raises(ServiceUnavailableError, match=r"within 0\.4 seconds"):
        await reader.read(server.url("/slow"))
    done.set()
    assert time.monotonic() - started < 3


async def test_a_dropped_connection_is_tried_once_more(server: Server, reader_of: ReaderFactory) -> None:
    def drop_once(handler: BaseHTTPRequestHandler) -> None:
        if len(server.seen) == 1:
            handler.close_connection = True
        else:
            answer(b"second")(handler)

    server.routes["/a"] = drop_once
    assert (await reader_of(server.host).read(server.url("/a"))).content == b"second"
    assert len(server.seen) == 2


async def test_a_host_that_does_not_answer_is_unavailable(reader_of: ReaderFactory, free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}/a"
    with pytest.raises(ServiceUnavailableError, match="the connection failed"):
        await reader_of(f"127.0.0.1:{free_port}").read(url)


async def test_a_host_is_asked_for_few_files_at_a_time(server: Server, reader_of: ReaderFactory) -> None:
    lock, now, most = threading.Lock(), 0, 0

    def count(handler: BaseHTTPRequestHandler) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with lock:
            now -= 1
        answer(b"x")(handler)

    for i in range(20):
        server.routes[f"/{i}"] = count
    reader = reader_of(server.host)
    await asyncio.gather(*(reader.read(server.url(f"/{i}")) for i in range(20)))
    assert most == 5


async def test_a_search_without_wildcards_reads_the_file(server: Server, reader_of: ReaderFactory) -> None:
    server.routes["/a.yaml"] = answer(b"a")
    assert [r.content for r in await reader_of(server.host).search(server.url("/a.yaml"))] == [b"a"]


async def test_a_search_on_a_plain_host_is_an_input_error(server: Server, reader_of: ReaderFactory) -> None:
    with pytest.raises(InputError, match="searching is not possible"):
        await reader_of(server.host).search(server.url("/**/a.yaml"))
    assert server.seen == []


async def test_cookies_are_not_kept(server: Server, reader_of: ReaderFactory) -> None:
    server.routes["/a"] = answer(b"a", Set_Cookie="session=1")
    reader = reader_of(server.host)
    await reader.read(server.url("/a"))
    await reader.read(server.url("/a"))
    assert "cookie" not in server.seen[1].headers


async def test_a_proxy_of_the_environment_is_not_asked(
    server: Server, other: Server, reader_of: ReaderFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", other.url(""))
    server.routes["/a"] = answer(b"direct")
    assert (await reader_of(server.host).read(server.url("/a"))).content == b"direct"
    assert other.seen == []


async def test_a_probe_tells_what_a_read_would_and_leaves_the_content(
    server: Server, reader_of: ReaderFactory
) -> None:
    reader = reader_of(server.host, limits=Limits(max_bytes=10))
    server.routes["/large"] = answer(b"x" * 5_000_000)
    await reader.probe(server.url("/large"))
    with pytest.raises(NotFoundError):
        await reader.probe(server.url("/gone"))
    with pytest.raises(NotAllowedError):
        await reader.probe("http://elsewhere.example/")
