"""An application on a real socket, and requests sent byte for byte."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp

from tests.databases import free_port


@dataclass(frozen=True, slots=True)
class Wire:
    port: int

    async def say(self, *parts: bytes, pause: float = 0.0, wait: float = 8.0) -> int:
        """The status of the answer to these bytes; 0 when the server hangs up without one."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answer = b""

        async def send() -> None:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)

        sending = asyncio.create_task(send())
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(wait):
                while len(answer) < 12 and (chunk := await reader.read(65536)):
                    answer += chunk
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await sending
        writer.close()
        return int(answer[9:12]) if answer[:7] == b"HTTP/1." else 0


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[Wire]:
    """The application behind the server that the product runs with."""
    port = free_port()
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    for _ in range(100):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            break
        await asyncio.sleep(0.05)
    try:
        yield Wire(port)
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # granian has no types there
        await serving
