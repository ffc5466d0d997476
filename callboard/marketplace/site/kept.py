"""Keeps answers that everyone gets alike until the catalog or the figures change, in a budget of bytes."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

MOST_BYTES = 64 * 1024 * 1024
_WORTH_COMPRESSING = 1400
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer with its headers. `packed` is the gzipped body, empty where that does not pay."""

    body: bytes
    packed: bytes
    etag: str
    media_type: str
    status: int
    headers: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        return len(self.body) + len(self.packed) + 500


def kept(
    body: bytes,
    media_type: str,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    *,
    compress: bool = True,
) -> Kept:
    """An answer ready to be given many times."""
    packed = gzip.compress(body, 6, mtime=0) if compress and len(body) > _WORTH_COMPRESSING else b""
    digest = hashlib.blake2b(body, digest_size=12).hexdigest()
    return Kept(body, packed, f'"{digest}"', media_type, status, headers)


def answer(one: Kept, request: Request) -> Response:
    """The answer to one request: 304 for who has it already, gzipped for who takes it."""
    accepts = request.headers
    headers = {"etag": one.etag, **dict(one.headers)}
    if one.status == 200 and one.etag in accepts.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = one.body
    if one.packed and "gzip" in accepts.get("accept-encoding", ""):
        body, headers["content-encoding"] = one.packed, "gzip"
    return Response(body, one.status, headers, media_type=one.media_type)


class Answers:
    """Answers by their keys, the least used going first. All of them are of one state of the world."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._state: object = None
        self._known: OrderedDict[object, Kept] = OrderedDict()
        self._bytes = 0

    def get(self, state: object, key: object) -> Kept | None:
        """What is kept of this state; another state forgets everything."""
        if state != self._state:
            self._known.clear()
            self._state, self._bytes = state, 0
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
        return found

    def put(self, state: object, key: object, one: Kept) -> None:
        """Keep an answer, unless the state has moved on meanwhile."""
        if state != self._state or key in self._known or one.size > self._most // 8:
            return
        self._known[key] = one
        self._bytes += one.size
        while self._bytes > self._most:
            _, gone = self._known.popitem(last=False)
            self._bytes -= gone.size
