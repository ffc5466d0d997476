"""Which local files a descriptor may name: those below its origin's folder or a folder the operator gave.

Descriptors are written by anyone; without this a target such as `../../etc/passwd` would be served.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

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
        real = os.path.realpath(path)
        # A path without links that lies below the folder's name shows that the name has no links either.
        if real.startswith(folder.rstrip(os.sep) + os.sep):
            return path
        roots = self._roots | {os.path.realpath(folder)}
        if origin.type == "file":
            roots.add(os.path.realpath(os.path.dirname(origin.target)))
        if not any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in roots):
            raise NotAllowedError(f"{target} leads outside of the folder of its catalog files")
        return path
