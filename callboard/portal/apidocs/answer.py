"""Reads what a tried operation answered, up to a limit, as text that a page can show."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import httpx
import orjson

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_TEXTUAL = (
    "text/",
    "application/json",
    "application/xml",
    "application/javascript",
    "application/x-www-form",
)
_MAX_PRETTY = 256 * 1024


@dataclass(frozen=True, slots=True)
class Body:
    """`size` counts the bytes that were read after decompression; `note` says why there is no text."""

    text: str
    size: int
    is_cut: bool = False
    note: str = ""


async def read_some(response: httpx.Response, limit: int) -> Body:
    """The first `limit` bytes of the body, decompressed. What is no text is only counted."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        return Body("", 0, note=f"The answer is compressed as {encoding[:40]}, which was not asked for.")
    inflate = None if encoding in ("", "identity") else zlib.decompressobj(_GZIP_OR_ZLIB)
    content = bytearray()
    if limit:
        async for part in response.aiter_raw():
            try:
                # One byte more than is shown is enough to know that there is more.
                content += part if inflate is None else inflate.decompress(part, limit + 1 - len(content))
            except zlib.error:
                return Body("", len(content), note="The compressed answer is damaged.")
            if len(content) > limit:
                break
    is_cut = len(content) > limit
    return _as_text(bytes(content[:limit]), response.headers.get("content-type", ""), is_cut)


def _as_text(content: bytes, content_type: str, is_cut: bool) -> Body:
    media, _, parameters = content_type.partition(";")
    media = media.strip().lower()
    textual = media.startswith(_TEXTUAL) or media.endswith(("+json", "+xml")) or not media
    if b"\0" in content or (not textual and not _is_utf8(content)):
        return Body("", len(content), is_cut, f"The answer is no text ({media[:80] or 'of no stated type'}).")
    if (media == "application/json" or media.endswith("+json")) and len(content) <= _MAX_PRETTY:
        try:
            pretty = orjson.dumps(orjson.loads(content), option=orjson.OPT_INDENT_2).decode()
            return Body(pretty, len(content), is_cut)
        except ValueError:
            pass  # it says JSON and is not: shown as it is
    return Body(_decoded(content, parameters), len(content), is_cut)


def _decoded(content: bytes, parameters: str) -> str:
    name = parameters.lower().partition("charset=")[2].partition(";")[0].strip("\"' ")
    # Only these: a codec that somebody else names could do far more than decode text.
    codec = "latin-1" if name in ("iso-8859-1", "latin-1", "latin1", "windows-1252") else "utf-8"
    return content.decode(codec, "replace")


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(content) - 4 and error.reason == "unexpected end of data"
    return True
