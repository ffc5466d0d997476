"""How far each source came: a small JSON file of each, beside the lake's datasets."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from callboard.pipelines.beside import get, put
from callboard.pipelines.lake import Lake


class State:
    """Each file appears whole, so that a source that is killed goes on from its last step."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    async def of(self, source: str) -> dict[str, Any]:
        """What the source remembered (JSON, hence Any); empty at first."""
        return await asyncio.to_thread(self._read, source)

    async def remember(self, source: str, value: dict[str, Any]) -> None:
        content = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        await asyncio.to_thread(put, self._lake, self._path(source), content)

    def _read(self, source: str) -> dict[str, Any]:
        found = get(self._lake, self._path(source))
        try:
            value = orjson.loads(found) if found else {}
        except orjson.JSONDecodeError:
            return {}  # then everything is read again, which changes nothing
        return value if isinstance(value, dict) else {}

    def _path(self, source: str) -> str:
        return f"{self._lake.root}/_state/{source}.json"
