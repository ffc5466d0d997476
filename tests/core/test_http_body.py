"""Slow, oversized and lying bodies over real sockets, against the real server."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.core import http_body
from callboard.core.http import EXCEPTION_HANDLERS, empty, json_answer
from callboard.core.http_body import read_form, read_json
from callboard.core.http_edge import Edge

LIMIT = 20_000


async def echo(request: Request) -> Response:
    return json_answer(await read_json(request, limit=LIMIT, seconds=2.0))


async def form(request: Request) -> Response:
    return json_answer(await read_form(request, limit=LIMIT))


async def deaf(_: Request) -> Response:
    return empty()


@dataclass(frozen=True, slots=True)
class Wire:
    port: int

    async def say(self, *parts: bytes, pause: float = 0.0, wait: float = 8.0) -> tuple[int, bytes, float]:
        """The status (0 for none), the whole answer, and the seconds until the server was done."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        started = time.monotonic()
        answer = b""

        async def send() -> None:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)

        sending = asyncio.create_task(send())
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(wait):
                while chunk := await reader.read(65536):
                    answer += chunk
        took = time.monotonic() - started
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await sending
        writer.close()
        return int(answer[9:12]) if answer[:7] == b"HTTP/1." else 0, answer, took


@pytest.fixture
async def wire(free_port: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    monkeypatch.setattr(http_body, "GRACE", 0.5)
    app = Starlette(
        routes=[
            Route("/echo", echo, methods=["POST"]),
            Route("/form", form, methods=["POST"]),
            Route("/deaf", deaf, methods=["POST"]),
        ],
        middleware=[Middleware(Edge, log_requests=False)],
        exception_handlers=EXCEPTION_HANDLERS,
    )
    server = Server(app, address="127.0.0.1", port=free_port, interface=Interfaces.ASGINL, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    for _ in range(100):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", free_port)
            writer.close()
            break
        await asyncio.sleep(0.05)
    yield Wire(free_port)
    server.stop()  # type: ignore[no-untyped-call]  # granian has no types there
    await serving


def post(path: str, *headers: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: here",
        "Connection: close",
        "Content-Type: application/json",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def test_a_body_in_good_time_is_read(wire: Wire) -> None:
    assert (await wire.say(post("/echo", "Content-Length: 7"), b'{"a":1}'))[0] == 200
    assert (await wire.say(post("/echo", "Content-Length: 7"), b'{"a"', b":1}", pause=0.2))[0] == 200
    chunked = post("/echo", "Transfer-Encoding: chunked")
    assert (await wire.say(chunked, b'7\r\n{"a":1}\r\n', b"0\r\n\r\n"))[0] == 200


async def test_a_body_that_never_comes_is_given_up_after_the_grace(wire: Wire) -> None:
    status, answer, took = await wire.say(post("/echo", "Content-Length: 100"))
    assert status == 408
    assert b"RequestTimeoutError" in answer
    assert took < 2


async def test_a_body_that_drips_is_given_up_though_every_byte_is_in_time(wire: Wire) -> None:
    drops = [b"x" for _ in range(100)]
    status, _, took = await wire.say(post("/echo", "Content-Length: 100"), *drops, pause=0.1)
    assert (status, took < 2) == (408, True)


async def test_a_body_may_be_slow_as_long_as_it_keeps_the_least_rate(wire: Wire) -> None:
    body = b'{"a":"' + b"x" * 3992 + b'"}'
    parts = [body[at : at + 500] for at in range(0, len(body), 500)]
    status, _, took = await wire.say(post("/echo", f"Content-Length: {len(body)}"), *parts, pause=0.15)
    assert (status, took > 0.9) == (200, True)


async def test_a_steady_body_ends_at_the_absolute_deadline(wire: Wire) -> None:
    parts = [b"x" * 500 for _ in range(39)]
    status, _, took = await wire.say(post("/echo", "Content-Length: 19999"), *parts, pause=0.2)
    assert (status, 1.5 < took < 4) == (408, True)


async def test_a_declared_size_past_the_limit_is_refused_before_it_comes(wire: Wire) -> None:
    status, answer, took = await wire.say(post("/echo", f"Content-Length: {10**12}"))
    assert (status, took < 1) == (413, True)
    assert b"PayloadTooLargeError" in answer


async def test_a_body_that_grows_past_the_limit_is_refused_as_soon_as_it_does(wire: Wire) -> None:
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    status, _, took = await wire.say(post("/echo", "Transfer-Encoding: chunked"), *[chunk] * 20, pause=0.01)
    assert (status, took < 2) == (413, True)


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 7", "Content-Length: 8"),
        ("Content-Length: -7",),
        ("Content-Length: 7x",),
        ("Content-Length: 99999999999999999999999",),
        ("Transfer-Encoding: chunked, identity",),
    ],
)
async def test_lengths_that_contradict_themselves_are_refused(wire: Wire, headers: tuple[str, ...]) -> None:
    status, _, _ = await wire.say(post("/echo", *headers), b'{"a":1}', wait=3)
    assert status in (0, 400, 408, 413)


@pytest.mark.parametrize(
    "body", [b'zz\r\n{"a":1}\r\n0\r\n\r\n', b'-7\r\n{"a":1}\r\n', b"FFFFFFFFFFFFFFFFF\r\nx"]
)
async def test_chunks_that_lie_about_their_size_make_no_request(wire: Wire, body: bytes) -> None:
    status, _, took = await wire.say(post("/echo", "Transfer-Encoding: chunked"), body)
    assert status != 200
    assert took < 4


async def test_a_length_beside_chunks_smuggles_no_second_request(wire: Wire) -> None:
    head = post("/echo", "Transfer-Encoding: chunked", "Content-Length: 4").replace(
        b"Connection: close\r\n", b""
    )
    hidden = b"0\r\n\r\n" + b"POST /deaf HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n"
    _, answer, _ = await wire.say(head + hidden, wait=1.5)
    # Either the whole is refused, or the two are read as two in the one way that RFC 9112 gives.
    assert answer.count(b"HTTP/1.1") <= 2
    assert b"HTTP/1.1 5" not in answer


async def test_a_body_nobody_reads_is_not_waited_for(wire: Wire) -> None:
    status, _, took = await wire.say(post("/deaf", f"Content-Length: {10**9}"), b"x" * 1000)
    assert (status, took < 2) == (204, True)


async def test_a_client_that_hangs_up_in_the_middle_harms_nobody(wire: Wire) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    writer.write(post("/echo", "Content-Length: 100") + b"xx")
    await writer.drain()
    writer.close()
    assert (await wire.say(post("/echo", "Content-Length: 2"), b"{}"))[0] == 200


async def test_a_form_is_url_encoded_and_nothing_else(wire: Wire) -> None:
    def form_of(kind: str, body: bytes) -> bytes:
        head = post("/form", f"Content-Length: {len(body)}").replace(b"application/json", kind.encode())
        return head + body

    status, answer, _ = await wire.say(form_of("application/x-www-form-urlencoded", b"a=1&a=2&b="))
    assert status == 200
    assert answer.endswith(b'{"a":["1","2"],"b":[""]}')
    for kind in ("multipart/form-data; boundary=x", "text/plain", "application/json"):
        assert (await wire.say(form_of(kind, b"a=1")))[0] == 415
    assert (await wire.say(form_of("application/x-www-form-urlencoded", b"a=\xff")))[0] == 400
