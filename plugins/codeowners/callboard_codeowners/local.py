"""Finds and reads the CODEOWNERS of a descriptor on disk: in its repository, where the portal may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from callboard.catalog.ingest.confine import Confinement
from callboard.catalog.ingest.contract import Context
from callboard.core.errors import InputError, NotAllowedError, NotFoundError
from callboard_codeowners.parsing import MAX_BYTES

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")


@dataclass(frozen=True, slots=True)
class Repository:
    """`path` is that of the descriptor, below `root`."""

    root: str
    path: str


def repository_of(context: Context, confinement: Confinement) -> Repository | None:
    """The nearest folder above the descriptor with a `.git`; without one, the nearest with a CODEOWNERS.

    The way up ends where the portal may not read.
    """
    descriptor = os.path.realpath(context.location.target)
    without_git: str | None = None
    for folder in _upward(os.path.dirname(descriptor)):
        try:
            confinement.resolve(context.location, folder, context.origin)
        except NotAllowedError:
            break
        if os.path.lexists(os.path.join(folder, ".git")):
            return Repository(folder, os.path.relpath(descriptor, folder))
        if without_git is None and any(os.path.isfile(os.path.join(folder, place)) for place in PLACES):
            without_git = folder
    if without_git is None:
        return None
    return Repository(without_git, os.path.relpath(descriptor, without_git))


def read(path: str, root: str, context: Context, confinement: Confinement) -> tuple[bytes, str]:
    """The content and an etag. Raises NotFoundError, NotAllowedError, InputError.

    A link is followed only within the repository; what is opened is what was checked, and a regular file.
    """
    real = os.path.realpath(path)
    if not real.startswith(root.rstrip(os.sep) + os.sep):
        raise NotAllowedError(f"{path} leads outside of its repository")
    confinement.resolve(context.location, real, context.origin)
    try:
        # Without waiting, for what is a pipe, and without following a link that has just been put there.
        handle = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"file {path} does not exist") from None
    except OSError as error:
        raise InputError(f"file {path} cannot be read: {error.strerror}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is no file")
    except BaseException:
        os.close(handle)
        raise
    with open(handle, "rb") as file:
        return file.read(MAX_BYTES + 1), f"{status.st_mtime_ns}-{status.st_size}-{status.st_ino}"


def _upward(folder: str) -> Iterator[str]:
    while True:
        yield folder
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above
