"""The folder of one process's search index: its own, and removed when the process is gone.

A lock on a file inside tells the living from the dead. Process ids would not: in containers they repeat.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from pathlib import Path
from typing import IO

import structlog

log = structlog.get_logger(__name__)
_PREFIX = "search-"
_LOCK = "owner.lock"


class OwnFolder:
    """A new folder below `parent`; those that dead processes left there are removed first."""

    def __init__(self, parent: Path) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        with (parent / "search.lock").open("wb") as making:
            # One process at a time, so that none takes a folder for stale that another is about to lock.
            fcntl.flock(making, fcntl.LOCK_EX)
            _remove_stale(parent)
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))  # readable by this user only
            self._lock: IO[bytes] | None = (self.path / _LOCK).open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def new(self) -> str:
        """An empty folder inside."""
        return tempfile.mkdtemp(dir=self.path)

    def remove(self) -> None:
        """Take the folder away with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _remove_stale(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        if not (folder / _LOCK).exists():
            continue  # not one of ours
        with contextlib.suppress(OSError), (folder / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            log.info("removed the search index of a process that is gone", folder=folder.name)
