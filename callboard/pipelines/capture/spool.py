"""Where events wait for the next run: small files of JSON lines beside the lake's datasets."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import orjson

from callboard.pipelines.beside import put
from callboard.pipelines.capture.event import Event
from callboard.pipelines.lake import Lake

FOLDER = "_spool/events"


class Spool:
    """Each file is written once and whole, by one process. It blocks: call it in a thread."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._own = uuid.uuid4().hex[:12]
        self._number = 0

    def write(self, events: Sequence[Event]) -> None:
        self._number += 1
        content = b"\n".join(orjson.dumps(one.row()) for one in events)
        put(self._lake, f"{self._lake.root}/{FOLDER}/{self._own}-{self._number:08d}.jsonl", content)


def waiting(lake: Lake) -> list[str]:
    """The paths of the files that wait, in order."""
    folder = f"{lake.root}/{FOLDER}"
    lake.fs.invalidate_cache(folder)
    try:
        found = lake.fs.ls(folder, detail=False)
    except FileNotFoundError:
        return []
    return sorted(str(one) for one in found if str(one).endswith(".jsonl"))
