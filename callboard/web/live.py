"""Tells an open page that its entity changed, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from callboard.catalog.index import Index
from callboard.core.errors import ServiceUnavailableError

POLL = 0.25  # seconds; comparing two numbers costs nothing, so nobody has to be told
HEARTBEAT = 15.0
MOST = 2000  # open pages of one process; beyond it pages are as current as their last load


def live_routes(index: Index) -> list[Route]:
    """`GET /-/changes?ref=<entity ref>`: an event `changed` whenever the entity is not what it was."""

    opened = 0

    async def counted(ref: str) -> AsyncIterator[bytes]:
        nonlocal opened
        opened += 1
        try:
            async for event in _events(index, ref):
                yield event
        finally:
            opened -= 1

    async def changes(request: Request) -> Response:
        if opened >= MOST:
            raise ServiceUnavailableError("Too many pages are open to be told of changes")
        ref = request.query_params.get("ref", "").lower()
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(counted(ref), media_type="text/event-stream", headers=headers)

    return [Route("/-/changes", changes, methods=["GET"])]


async def _events(index: Index, ref: str) -> AsyncIterator[bytes]:
    version, waited = index.version, 0.0
    known = await _body(index, ref)
    yield b"retry: 1000\n\n"
    while True:
        await asyncio.sleep(POLL)
        waited += POLL
        if index.version != version:
            version = index.version
            if (now := await _body(index, ref)) != known:
                known, waited = now, 0.0
                yield b"event: changed\ndata: %b\n\n" % (b"gone" if now is None else b"put")
        if waited >= HEARTBEAT:
            waited = 0.0
            yield b": still here\n\n"


async def _body(index: Index, ref: str) -> bytes | None:
    """The entity as it is; None while there is no such entity."""
    row = index.row(ref)
    return None if row is None else (await index.bodies((row,)))[0]
