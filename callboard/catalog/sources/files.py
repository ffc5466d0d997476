"""Files as a source: reading one, finding those a glob or a folder holds, and knowing when one changed."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from callboard.core.errors import InputError, NotFoundError

MAX_BYTES = 10 * 1024 * 1024
DESCRIPTOR_NAMES = ("catalog-info.yaml", "catalog-info.yml")
SKIPPED_FOLDERS = {"node_modules", "__pycache__", "venv", "site-packages", "dist", "build", "target"}
_GLOB_SIGNS = set("*?[")


def stamp(path: str) -> str:
    """An etag for a local file: changes whenever its content may have changed."""
    status = os.stat(path)
    return f"{status.st_mtime_ns}-{status.st_size}-{status.st_ino}"


def read_file(path: str, max_bytes: int = MAX_BYTES, opened: Callable[[str], None] | None = None) -> bytes:
    """The bytes of a regular file. Raises NotFoundError, or InputError when it is too large or unreadable.

    `opened` is told the path, without links, of what was really opened, and raises to have it left unread.
    """
    try:
        with open(path, "rb") as file:
            if opened is not None:
                opened(_real(file.fileno(), path))
            size = os.fstat(file.fileno()).st_size
            if size > max_bytes:
                raise InputError(f"file {path} is {size:,} bytes; at most {max_bytes:,} are read")
            content = file.read(size + 1)
            # More when it grew, or does not tell its size; asking for 10 MiB at once would reserve them.
            return content + file.read(max_bytes - size) if len(content) > size else content
    except FileNotFoundError:
        raise NotFoundError(f"file {path} does not exist") from None
    except OSError as error:
        raise InputError(f"file {path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise InputError("a file path must not contain a NUL character") from None


def without_links(path: str) -> str:
    """`os.path.realpath`, which asks of each folder on the way; Linux answers at once where a file exists.

    It is opened for no more than that: nothing is read, and no pipe waits for its other end.
    """
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (AttributeError, OSError, ValueError):  # another system, or no such file
        return os.path.realpath(path)
    try:
        return os.readlink(f"/proc/self/fd/{handle}")
    except OSError:
        return os.path.realpath(path)
    finally:
        os.close(handle)


def _real(handle: int, path: str) -> str:
    """Where an open file lies. Linux says it of the file itself; elsewhere the path is looked at again."""
    try:
        return os.readlink(f"/proc/self/fd/{handle}")
    except OSError:
        real = os.path.realpath(path)
        if not os.path.samestat(os.fstat(handle), os.stat(real)):
            raise InputError(f"file {path} changed while it was read") from None
        return real


def is_glob(target: str) -> bool:
    return not _GLOB_SIGNS.isdisjoint(target)


def expand(target: str) -> list[str]:
    """The files a target names: itself, or all that its glob matches, sorted."""
    if not is_glob(target) or os.path.exists(target):
        return [target]
    return sorted(path for path in glob.glob(target, recursive=True) if os.path.isfile(path))


def find_descriptors(folder: Path) -> Iterator[Path]:
    """Every `catalog-info.yaml` below `folder`, then every other YAML file that holds entities.

    Hidden and dependency folders are passed over; links to folders are not followed.
    """
    named: list[Path] = []
    others: list[Path] = []
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in SKIPPED_FOLDERS
        )
        for name in sorted(files):
            path = Path(root, name)
            if name in DESCRIPTOR_NAMES:
                named.append(path)
            elif name.endswith((".yaml", ".yml")) and _looks_like_entities(path):
                others.append(path)
    yield from named
    yield from others


def _looks_like_entities(path: Path) -> bool:
    """A cheap look before parsing: descriptors have these two keys at the start of a line."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return False
        content = b"\n" + path.read_bytes()
    except OSError:
        return False
    return b"\napiVersion:" in content and b"\nkind:" in content and b"\nmetadata:" in content
