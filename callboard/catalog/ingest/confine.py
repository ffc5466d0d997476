"""Which local files a descriptor may name: those below its origin's folder or a folder the operator gave.

Descriptors are written by anyone; without this a target such as `../../etc/passwd` would be served.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from callboard.catalog.sources.files import without_links
from callboard.core.errors import InputError, NotAllowedError
from callboard.model.refs import LocationRef


class Confinement:
    """`roots` are folders the operator named: the configuration's and those of the command line."""

    def __init__(self, roots: Iterable[str] = ()) -> None:
        self._roots = {os.path.realpath(root) for root in roots}

    def add(self, root: str) -> None:
        self._roots.add(os.path.realpath(root))

    def resolve(self, base: LocationRef, target: str, origin: LocationRef) -> str:
        """The path of `target` as seen from the file `base`. Raises NotAllowedError when it leads outside."""
        if "\0" in target:
            raise InputError("a file path must not contain a NUL character")
        folder = os.path.dirname(base.target)
        path = os.path.normpath(os.path.join(folder, target))
        self.check(without_links(path), base, origin, target)
        return path

    def checking(self, base: LocationRef, origin: LocationRef, target: str) -> Callable[[str], None]:
        """What `read_file` tells about the file that it opened for `target`."""
        return lambda real: self.check(real, base, origin, target)

    def check(self, real: str, base: LocationRef, origin: LocationRef, target: str = "") -> None:
        """Raises NotAllowedError when a path without links is not one that the file `base` may name.

        For what was opened: between `resolve` and the opening somebody may have put a link in the way.
        """
        folder = os.path.dirname(base.target)
        # A path without links that lies below the folder's name shows that the name has no links either.
        if os.path.isabs(folder) and real.startswith(folder.rstrip(os.sep) + os.sep):
            return
        roots = self._roots | {os.path.realpath(folder)}
        if origin.type == "file":
            roots.add(os.path.realpath(os.path.dirname(origin.target)))
        if not any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in roots):
            raise NotAllowedError(f"{target or real} leads outside of the folder of its catalog files")
