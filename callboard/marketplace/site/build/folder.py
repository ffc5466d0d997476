"""The folder of a built site: writes what changed, leaves what did not, removes what is gone.

A list of all files with their hashes stands in the folder. Files that are not on it are not ours, and stay.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

LIST = ".callboard-site.json"


@dataclass(slots=True)
class Folder:
    """`known` are the hashes of the build before, by path; `made` those of this one."""

    path: Path
    known: Mapping[str, str]
    made: dict[str, str] = field(default_factory=dict)
    written: int = 0
    _folders: dict[str, str] = field(default_factory=dict)
    """Folders that were looked at: asking again for each file costs more than writing it."""

    @classmethod
    def open(cls, path: Path) -> Folder:
        """The folder with the list of the build before; one that cannot be read is as if there were none."""
        known: dict[str, str] = {}
        with contextlib.suppress(OSError, orjson.JSONDecodeError):
            found = orjson.loads((path / LIST).read_bytes())
            if isinstance(found, dict):
                known = {str(key): str(value) for key, value in found.items()}
        return cls(path, known)

    def put(self, name: str, body: bytes) -> None:
        """A file by its path in the site, such as `/marketplace/browse/index.html`."""
        self.put_by(name, hashlib.blake2b(body, digest_size=16).hexdigest(), lambda: body)

    def put_by(self, name: str, key: str, make: Callable[[], bytes]) -> None:
        """The same for a file that is costly to make and never differs for the same `key`."""
        name = name.removeprefix("/")
        above, _, last = name.rpartition("/")
        if last in ("", ".", ".."):
            raise ValueError(f"{name} is no name of a file")
        folder = self._folder(above)
        target = f"{folder}/{last}"
        self.made[name] = key
        if self.known.get(name) == key and os.path.exists(target):
            return
        body = make()
        # In one step, so that nobody ever gets half a page. Few calls of the system: there are many files.
        beside = f"{folder}/.{last}.{os.getpid()}"
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
        try:
            with memoryview(body) as rest:
                at = 0
                while at < len(rest):
                    at += os.write(file, rest[at:])
        finally:
            os.close(file)
        os.replace(beside, target)
        self.written += 1

    def _folder(self, below: str) -> str:
        """A folder of the site, which is there afterwards. ValueError for one outside, also by a link."""
        known = self._folders.get(below)
        if known is not None:
            return known
        folder = str(self.path)
        if not below:
            os.makedirs(folder, exist_ok=True)
        else:
            above, _, last = below.rpartition("/")
            if last in ("", ".", ".."):
                raise ValueError(f"{below} is outside the site")
            folder = f"{self._folder(above)}/{last}"
            try:
                os.mkdir(folder)
            except FileExistsError:
                if os.path.islink(folder):
                    raise ValueError(f"{below} may lead outside the site: it is a link") from None
        self._folders[below] = folder
        return folder

    def finish(self, made: Mapping[str, str]) -> int:
        """Write the list of all files, and remove those of the build before that are gone; says how many."""
        gone = [name for name in self.known if name not in made]
        for name in gone:
            target = self.path / name
            with contextlib.suppress(OSError):
                target.unlink()
            for parent in target.parents:
                if parent == self.path:
                    break
                try:
                    parent.rmdir()
                except OSError:  # it holds something
                    break
        content = orjson.dumps(dict(sorted(made.items())), option=orjson.OPT_INDENT_2)
        target = self.path / LIST
        if not target.exists() or target.read_bytes() != content:
            self.path.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return len(gone)
