"""Reads a response body under a size limit that also holds for what a compressed body expands to."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx

from callboard.core.errors import InputError

# gzip and zlib headers are told apart by zlib itself.
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


async def read_body(response: httpx.Response, limit: int) -> bytes:
    """The decoded body. Raises InputError as soon as it is larger than `limit` bytes."""
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return await _plain(response.aiter_raw(), limit)
    if encoding in ("gzip", "x-gzip", "deflate"):
        return await _expanded(response.aiter_raw(), limit)
    raise InputError("The answer has a compression that was not asked for")


async def _plain(parts: AsyncIterator[bytes], limit: int) -> bytes:
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


async def _expanded(parts: AsyncIterator[bytes], limit: int) -> bytes:
    body = bytearray()
    member = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        async for part in parts:
            pending = part
            while pending:
                if member.eof:  # a gzip body may consist of several members
                    member = zlib.decompressobj(_GZIP_OR_ZLIB)
                # One byte more than allowed is enough to know, however much would follow.
                body += member.decompress(pending, limit - len(body) + 1)
                if len(body) > limit:
                    raise _too_large(limit)
                pending = member.unused_data or member.unconsumed_tail
        body += member.flush()
    except zlib.error as error:
        raise InputError("The compressed answer is damaged") from error
    if not member.eof:
        raise InputError("The compressed answer is cut off")
    return bytes(body)


def _too_large(limit: int) -> InputError:
    return InputError(f"The answer is larger than the limit of {limit} bytes")
