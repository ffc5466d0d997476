"""A small HTTP server on this machine whose answers a test chooses, byte for byte where it must."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson


class Listener:
    """`asked` are the paths of all requests so far. `key` is for the tests that serve a public key."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = dict(answers)
        self.asked: list[str] = []
        self.address = ""
        self.key: Any = None  # a private key of joserfc

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1].decode().partition("?")[0]
            self.asked.append(path)
            writer.write(_bytes(self.answers.get(path)))
            await writer.drain()
        writer.close()


@asynccontextmanager
async def listening(answers: Mapping[str, Any]) -> AsyncIterator[Listener]:
    """`answers` are JSON values by path, or whole answers as bytes; other paths are not found."""
    listener = Listener(answers)
    server = await asyncio.start_server(listener._serve, "127.0.0.1", 0)
    listener.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield listener
    finally:
        server.close()


def _bytes(answer: Any) -> bytes:
    if isinstance(answer, bytes):
        return answer
    status, body = ("404 Not Found", b"") if answer is None else ("200 OK", orjson.dumps(answer))
    headers = f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close"
    head = f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n"
    return head.encode() + body
