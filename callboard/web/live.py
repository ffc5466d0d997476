"""Tells an open page that its entity changed, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from callboard.access.principals import principal_of
from callboard.core.errors import ServiceUnavailableError
from callboard.web.services import Services
from callboard.web.view import View

POLL = 0.25  # seconds; comparing two numbers costs nothing, so nobody has to be told
HEARTBEAT = 15.0
LONGEST = 300.0  # seconds; a page then asks anew, with the credentials it has by that time
MOST = 2000  # open pages of one process; beyond it pages are as current as their last load


def live_routes(services: Services) -> list[Route]:
    """`GET /-/changes?ref=<entity ref>`: an event `changed` whenever the entity is not what it was.

    What the visitor may not see is not there. The stream ends with the visitor's session.
    """

    opened = 0

    async def counted(request: Request, ref: str) -> AsyncIterator[bytes]:
        nonlocal opened
        opened += 1
        try:
            async for event in _events(services, request, ref):
                yield event
        finally:
            opened -= 1

    async def changes(request: Request) -> Response:
        if opened >= MOST:
            raise ServiceUnavailableError("Too many pages are open to be told of changes")
        ref = request.query_params.get("ref", "").lower()
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(counted(request, ref), media_type="text/event-stream", headers=headers)

    return [Route("/-/changes", changes, methods=["GET"])]


async def _events(services: Services, request: Request, ref: str) -> AsyncIterator[bytes]:
    state, told, begun = _state(services), monotonic(), monotonic()
    known = await _entity(services, request, ref)
    yield b"retry: 1000\n\n"
    while monotonic() - begun < LONGEST:
        await asyncio.sleep(POLL)
        if (now := _state(services)) != state:
            state = now
            if not await _session_lasts(services, request):
                return
            if (entity := await _entity(services, request, ref)) != known:
                known, told = entity, monotonic()
                yield b"event: changed\ndata: %b\n\n" % (b"gone" if entity is None else b"put")
        if monotonic() - told >= HEARTBEAT:
            told = monotonic()
            if not await _session_lasts(services, request):
                return
            yield b": still here\n\n"


def _state(services: Services) -> tuple[int, int]:
    """Changes whenever an entity, or what somebody may see, may be another."""
    permissions = services.permissions
    return services.queries.index.version, 0 if permissions is None else permissions.version


async def _entity(services: Services, request: Request, ref: str) -> bytes | None:
    """The entity as the visitor may see it now; None while there is no such entity."""
    view = View(services, request)
    await view.look()
    row = view.index.row(ref)
    if row is None:
        return None
    entities = await view.entities([row])
    if not entities:
        return None
    if view.is_bound:  # it tells of relations to hidden entities as well
        entities[0]["metadata"].pop("etag", None)
    return orjson.dumps(entities[0])


async def _session_lasts(services: Services, request: Request) -> bool:
    """Whether the session that the stream was opened with is still there."""
    session = principal_of(request).session
    if services.access is None or session is None:
        return True
    identity = services.access.identity
    found = await identity.sessions.read(session)
    return found is not None and found.expires > identity.clock()
