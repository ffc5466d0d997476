"""`GET /api/audit/events`: the audit log searched and exported, for who may read it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from callboard.access.audit.audit import Audit
from callboard.access.audit.export import as_csv, as_json_lines
from callboard.access.audit.filters import Filter, read_filter
from callboard.access.audit.note import audit_event
from callboard.access.permissions import Permission
from callboard.access.principals import Principal, principal_of
from callboard.core.http import json_answer

AUDIT_READ = Permission("audit.read", "read")

Require = Callable[[Principal, Permission], Awaitable[None]]
"""Raises NotAllowedError where the principal may not: `Permissions.require`."""

_PRIVATE = {"cache-control": "private, no-store"}


def audit_routes(audit: Audit, require: Require, prefix: str = "/api/audit") -> list[Route]:
    """`{items, pageInfo: {nextCursor?}}` the newest first, filtered as `filters.Filter` says; `events.csv`
    and `events.jsonl` are all of the same. Each needs the permission `audit.read`."""

    async def events(request: Request) -> Response:
        await require(principal_of(request), AUDIT_READ)
        wanted = read_filter(request.query_params)
        found, more = await audit.store.find(wanted)
        page = {"nextCursor": str(found[-1].id)} if more else {}
        return json_answer({"items": [one.as_json() for one in found], "pageInfo": page}, headers=_PRIVATE)

    async def export_csv(request: Request) -> Response:
        wanted = await _exporting(request, "csv")
        return _file(as_csv(audit.store.stream(wanted)), "csv", "text/csv; charset=utf-8")

    async def export_json_lines(request: Request) -> Response:
        wanted = await _exporting(request, "jsonl")
        return _file(as_json_lines(audit.store.stream(wanted)), "jsonl", "application/jsonl; charset=utf-8")

    async def _exporting(request: Request, form: str) -> Filter:
        await require(principal_of(request), AUDIT_READ)
        wanted = read_filter(request.query_params)
        audit_event(request, "audit-export", severity="medium", format=form, filter=wanted.parameters())
        return wanted

    return [
        Route(f"{prefix}/events", events, methods=["GET"]),
        Route(f"{prefix}/events.csv", export_csv, methods=["GET"]),
        Route(f"{prefix}/events.jsonl", export_json_lines, methods=["GET"]),
    ]


def _file(content: AsyncIterator[bytes], ending: str, media_type: str) -> Response:
    headers = {**_PRIVATE, "content-disposition": f'attachment; filename="audit-events.{ending}"'}
    return StreamingResponse(content, headers=headers, media_type=media_type)
