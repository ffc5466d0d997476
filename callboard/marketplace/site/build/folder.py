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
        target = self.path / name
        if not target.resolve().is_relative_to(self.path.resolve()):
            raise ValueError(f"{name} is outside the site")
        self.made[name] = key
        if self.known.get(name) == key and target.exists():
            return
        body = make()
        target.parent.mkdir(parents=True, exist_ok=True)
        # In one step, so that nobody ever gets half a page.
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        beside.write_bytes(body)
        beside.replace(target)
        self.written += 1

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
