"""Answers with their entity tags, so that what did not change is not sent again."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from dataclasses import dataclass

import orjson

from callboard.pipelines.beside import get, put
from callboard.pipelines.lake import Lake


@dataclass(frozen=True, slots=True)
class Kept:
    """`checked` is when the host last said so, in seconds since 1970; `links` is the header `Link`."""

    content: bytes
    etag: str
    checked: float
    links: str = ""
    total: str = ""


class Cache:
    """One file an answer, beside the datasets of the lake."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    async def find(self, key: str) -> Kept | None:
        found = await asyncio.to_thread(get, self._lake, self._path(key))
        if found is None:
            return None
        try:
            head, _, content = gzip.decompress(found).partition(b"\n")
            told = orjson.loads(head)
            return Kept(content, told["etag"], told["checked"], told["links"], told["total"])
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            return None  # a file of another version or a broken one: it is asked again

    async def keep(self, key: str, kept: Kept) -> None:
        told = {"etag": kept.etag, "checked": kept.checked, "links": kept.links, "total": kept.total}
        content = gzip.compress(orjson.dumps(told) + b"\n" + kept.content, 6, mtime=0)
        await asyncio.to_thread(put, self._lake, self._path(key), content)

    def _path(self, key: str) -> str:
        name = hashlib.sha256(key.encode()).hexdigest()
        return f"{self._lake.root}/_cache/{name[:2]}/{name}.gz"
