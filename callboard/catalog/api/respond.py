"""Answers of the read endpoints: ready JSON bytes, with entity tags so that clients need not fetch twice."""

from __future__ import annotations

import secrets
from hashlib import blake2b

from starlette.requests import Request
from starlette.responses import Response

from callboard.catalog.query import Queries
from callboard.core.http import json_bytes

# A version counts the changes one process has seen, so tags made of it must not outlive the process.
_PROCESS = secrets.token_hex(6)


def content_tag(body: bytes) -> str:
    """The strong entity tag of one body."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def list_tag(queries: Queries) -> str:
    """The weak entity tag of answers computed from the index: same URL, version and sight, same answer."""
    return f'W/"{_PROCESS}-{queries.index.version:x}{queries.tag}"'


def is_current(request: Request, tag: str) -> bool:
    """Whether the client already holds the answer with this tag."""
    known = request.headers.get("if-none-match")
    if known is None:
        return False
    names = {name.strip().removeprefix("W/") for name in known.split(",")}
    return "*" in names or tag.removeprefix("W/") in names


def cached_headers(tag: str) -> dict[str, str]:
    """The headers of an answer that clients may keep: for themselves, as others may see something else."""
    return {"etag": tag, "vary": "authorization, cookie"}


def not_modified(tag: str) -> Response:
    return Response(status_code=304, headers=cached_headers(tag))


def tagged(request: Request, body: bytes, tag: str) -> Response:
    """The body, or 304 when the client has it."""
    if is_current(request, tag):
        return not_modified(tag)
    return json_bytes(body, headers=cached_headers(tag))
