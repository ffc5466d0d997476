"""The serialized entities, row by row, as many as the memory budget allows.

A body that had to go comes back through the loader the index was given; nothing else may depend on it being
here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

Loader = Callable[[list[str]], Awaitable[dict[str, bytes]]]
"""Reads bodies by entity id; ids that exist no more are left out."""

Admits = Callable[[bytes], bool]
"""Whether a body may be given out."""

_OVERHEAD = 33  # what CPython spends on a bytes object besides its content


class Bodies:
    """Bytes per row, evicted by the clock: whoever was read since the hand last passed may stay once more."""

    __slots__ = ("_evicting", "_hand", "_kept", "_limit", "_read", "evicted", "size")

    def __init__(self, max_bytes: int) -> None:
        self._limit = max_bytes
        self._kept: list[bytes | None] = []
        self._read = bytearray()
        self._hand = 0
        self._evicting = False
        self.size = 0
        self.evicted = 0

    def put(self, row: int, body: bytes) -> None:
        missing = row + 1 - len(self._kept)
        if missing > 0:
            self._kept.extend([None] * missing)
            self._read.extend(bytes(missing))
        self.drop(row)
        # A copy, because serializers hand out bytes in buffers of twice their length.
        self._kept[row] = bytes(memoryview(body))
        self._read[row] = 1
        self.size += len(body) + _OVERHEAD
        if self.size > self._limit:
            self._make_room(row)

    def drop(self, row: int) -> None:
        old = self._kept[row]
        if old is not None:
            self.size -= len(old) + _OVERHEAD
            self._kept[row] = None

    def get(self, row: int) -> bytes | None:
        if self._evicting:
            self._read[row] = 1
        return self._kept[row]

    def get_many(self, rows: Iterable[int]) -> list[bytes | None]:
        if self._evicting:
            return [self.get(row) for row in rows]
        kept = self._kept
        return [kept[row] for row in rows]

    def _make_room(self, newest: int) -> None:
        self._evicting = True
        count = len(self._kept)
        # Two rounds at most: the first may only take the marks away. The newest body goes last.
        for _ in range(2 * count):
            if self.size <= self._limit:
                return
            row = self._hand
            self._hand = (row + 1) % count
            if row == newest or self._kept[row] is None:
                continue
            if self._read[row]:
                self._read[row] = 0
            else:
                self.drop(row)
                self.evicted += 1
        if self.size > self._limit:
            self.drop(newest)
            self.evicted += 1


async def chunked(
    found: list[bytes | None],
    missing: dict[int, str],
    size: int,
    loader: Loader | None,
    admits: Admits | None,
) -> AsyncIterator[list[bytes]]:
    """Bodies in chunks; those `missing` (entity ids by place) are loaded with their chunk and then judged."""
    for start in range(0, len(found), size):
        chunk = range(start, min(start + size, len(found)))
        wanted = [missing[at] for at in chunk if at in missing]
        loaded = await loader(wanted) if wanted and loader is not None else {}
        if admits is not None:
            loaded = {id: body for id, body in loaded.items() if admits(body)}
        bodies = (found[at] or loaded.get(missing[at]) for at in chunk)
        yield [body for body in bodies if body is not None]
