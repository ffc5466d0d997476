"""Who holds a lease: a process, named so that a dead one of this machine is known to be dead."""

from __future__ import annotations

import os
import socket
from pathlib import Path

MAX = 300


def this_process() -> str:
    """Names this process: the machine as it runs now, and the process in it."""
    return f"{_place()}/{os.getpid()}"[:MAX]


def is_dead(holder: str) -> bool:
    """Whether a holder was a process of this machine that has ended; False when that cannot be known."""
    place, _, pid = holder.rpartition("/")
    if place != _place() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def _place() -> str:
    """The host, its boot, and the namespace of its process numbers: containers may share a name."""
    parts = [socket.gethostname()]
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        try:
            found = Path(path)
            parts.append(str(found.readlink()) if found.is_symlink() else found.read_text().strip())
        except OSError:
            parts.append("")
    return " ".join(parts)[: MAX - 20]
