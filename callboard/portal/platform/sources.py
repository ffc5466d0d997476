"""What may be installed from outside the server: packages of an index by name, and wheels that are uploaded.

A path on the server's disk is only for its command line.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.version import InvalidVersion, Version

from callboard.core.errors import InputError, NotFoundError
from callboard.plugins.admin import PluginAdmin
from callboard.plugins.install import Plan
from callboard.plugins.install.wheel import Wheel, read_wheel

MAX_WHEEL = 100 * 1024 * 1024
KEPT = 600.0
"""Seconds for which an upload waits to be installed."""
MOST = 3
"""Uploads that wait for one principal; a further one takes the place of the oldest."""
UPLOADED = "upload:"

_NAME = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?)\s*(?:==\s*([A-Za-z0-9.!+_-]{1,60}))?")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{1,198}\.whl")


@dataclass(frozen=True, slots=True)
class Upload:
    """A wheel that waits in `path` until `ends` (seconds since 1970), for its `owner` alone."""

    id: str
    owner: str
    path: Path
    ends: float
    wheel: Wheel

    @property
    def source(self) -> str:
        return UPLOADED + self.id


class Uploads:
    """The uploads of one process. They are private to who sent them and gone when the process ends."""

    def __init__(self) -> None:
        self._held: dict[str, Upload] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def keep(self, owner: str, filename: str, content: bytes) -> Upload:
        """Raises InputError for what is no wheel."""
        if not _FILE.fullmatch(filename):
            raise InputError("x-filename must be the name of a wheel, such as a_plugin-1.0-py3-none-any.whl")
        wheel = await asyncio.to_thread(read_wheel, filename, content)
        self._drop_old()
        own = sorted((one for one in self._held.values() if one.owner == owner), key=lambda one: one.ends)
        for one in own[: max(0, len(own) - MOST + 1)]:
            self.drop(one.id)
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="callboard-uploads-")
        id = secrets.token_urlsafe(16)
        path = Path(self._folder.name) / id / filename
        path.parent.mkdir(mode=0o700)
        await asyncio.to_thread(path.write_bytes, content)
        # Its content is on the disk; it need not stay in memory as well.
        upload = Upload(id, owner, path, time.time() + KEPT, replace(wheel, content=b""))
        self._held[id] = upload
        return upload

    def find(self, id: str, owner: str) -> Upload:
        """Raises NotFoundError; that of somebody else is not there."""
        self._drop_old()
        found = self._held.get(id)
        if found is None or found.owner != owner:
            raise NotFoundError("There is no such upload (any more). Send the wheel again.")
        return found

    def drop(self, id: str) -> None:
        if (found := self._held.pop(id, None)) is not None:
            shutil.rmtree(found.path.parent, ignore_errors=True)

    def _drop_old(self) -> None:
        now = time.time()
        for id in [one.id for one in self._held.values() if one.ends < now]:
            self.drop(id)


UPLOADS = Uploads()
"""Of this process: it outlives the routes, which are made anew whenever plugins change."""


async def planned(admin: PluginAdmin, text: str, owner: str) -> Plan:
    """What installing a name, `name==version`, `upload:<id>` or `<scheme>:<what>` of a plugin would do.

    Raises InputError, NotFoundError.
    """
    text = text.strip()
    if text.startswith(UPLOADED):
        path = UPLOADS.find(text.removeprefix(UPLOADED), owner).path
        try:
            plan = await admin.plan(str(path))
        except InputError as error:
            raise InputError(str(error).replace(f"{path.parent}/", "")) from None
        return replace(plan, source=path.name)
    if admin.knows(text):
        return await admin.plan(text)
    return replace(await admin.plan(requirement(text)), source=text)


def requirement(text: str) -> str:
    """A package of the index, written so that it cannot be taken for a file or folder. Raises InputError."""
    found = _NAME.fullmatch(text.strip())
    if found is None:
        raise InputError(
            "Write the name of a package, also with ==version. "
            "Wheels are uploaded; paths are for the command line of the server."
        )
    name, version = found[1], found[2]
    if version is None:
        return f"{name}>=0"
    try:
        return f"{name}=={Version(version)}"
    except InvalidVersion:
        raise InputError(f"{version} is no version of a package") from None
