"""Keeps answers that everyone gets alike until the shelf or the figures change, in a budget of bytes."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from starlette.requests import Request
from starlette.responses import Response

MOST_BYTES = 64 * 1024 * 1024
_WORTH_COMPRESSING = 1400
HTML = "text/html; charset=utf-8"

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer ready to be given: its headers as they are sent, with the length of each form.

    `packed` is the gzipped body. Where compressing pays, `plain` is not kept: few ask for it.
    """

    status: int
    etag: bytes
    plain: bytes
    packed: bytes
    plain_head: Headers
    packed_head: Headers
    same_head: Headers
    """Of a 304: what the client has is still right."""

    @property
    def size(self) -> int:
        return len(self.plain) + len(self.packed) + 1500

    def form(self, accepted: bytes, has: bytes) -> tuple[int, Headers, bytes]:
        """Status, headers and body for the values of Accept-Encoding and If-None-Match."""
        if self.status == 200 and has and self.etag in has:
            return 304, self.same_head, b""
        if not self.packed:
            return self.status, self.plain_head, self.plain
        if b"gzip" in accepted:
            return self.status, self.packed_head, self.packed
        return self.status, self.plain_head, gzip.decompress(self.packed)

    def telling(self, name: str, value: str) -> Kept:
        """The same with one header more."""
        one = ((name.encode(), value.encode()),)
        return replace(self, plain_head=self.plain_head + one, packed_head=self.packed_head + one)


def kept(
    body: bytes,
    media_type: str,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    *,
    compress: bool = True,
) -> Kept:
    """An answer ready to be given many times."""
    packed = gzip.compress(body, 5, mtime=0) if compress and len(body) > _WORTH_COMPRESSING else b""
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'.encode()
    given = tuple((name.encode(), value.encode()) for name, value in headers)
    same = ((b"etag", etag), *given)
    typed = ((b"content-type", media_type.encode()), *same)
    return Kept(
        status,
        etag,
        b"" if packed else body,
        packed,
        ((b"content-length", b"%d" % len(body)), *typed),
        ((b"content-length", b"%d" % len(packed)), (b"content-encoding", b"gzip"), *typed),
        same,
    )


def answer(one: Kept, request: Request) -> Response:
    """The answer to one request: 304 for who has it already, gzipped for who takes it."""
    asked = request.headers
    accepted, has = asked.get("accept-encoding", ""), asked.get("if-none-match", "")
    status, head, body = one.form(accepted.encode("latin-1"), has.encode("latin-1"))
    made = Response(body, status)
    made.raw_headers = list(head)
    return made


@dataclass(slots=True)
class Answers:
    """Answers by their keys, the least used going first. All of them are of one state of the world."""

    most: int = MOST_BYTES
    _state: object = None
    _known: OrderedDict[object, Kept] = field(default_factory=OrderedDict)
    _bytes: int = 0

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
        if state != self._state or key in self._known or one.size > self.most // 8:
            return
        self._known[key] = one
        self._bytes += one.size
        while self._bytes > self.most:
            _, gone = self._known.popitem(last=False)
            self._bytes -= gone.size
