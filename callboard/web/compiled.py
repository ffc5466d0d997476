"""The code of templates, kept for the process, and beside Callboard's own bytecode for the next process."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from types import CodeType

from jinja2.bccache import Bucket, BytecodeCache

from callboard import __version__

FOLDER = Path(__file__).parent / "__pycache__" / "templates"


class Compiled(BytecodeCache):
    """Each change of plugins makes a new environment, whose templates are nearly all the old ones.

    Compiling all of them takes seconds, so the code is kept in a folder as well, where Python would keep that
    of modules: when it is told to keep any, and may write there. Code of another Python or of another text is
    not used.
    """

    def __init__(self, folder: Path = FOLDER, most: int = 2000) -> None:
        self._folder = folder
        self._most = most
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            with contextlib.suppress(OSError), self._path(bucket).open("rb") as file:
                bucket.load_bytecode(file)
            self._keep(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._keep(bucket)
        if bucket.code is None or sys.dont_write_bytecode:
            return
        path = self._path(bucket)
        beside = path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                bucket.write_bytecode(file)
            beside.replace(path)

    def _keep(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._known[bucket.key, bucket.checksum] = bucket.code
        while len(self._known) > self._most:
            self._known.pop(next(iter(self._known)))

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}-{__version__}.{sys.implementation.cache_tag}"
