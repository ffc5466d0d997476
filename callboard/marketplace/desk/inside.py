"""What is inside a wheel that waits, for those who decide about it: read, never run."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from callboard.core.errors import InputError, NotFoundError
from callboard.marketplace.desk.artefacts import Artefacts

MOST_KEPT = 16
"""Wheels whose contents one process remembers: opening a page twice reads none twice."""
_KEPT: OrderedDict[str, Inside] = OrderedDict()

Manifest = dict[str, Any]
"""JSON, hence Any."""


@dataclass(frozen=True, slots=True)
class Inside:
    """`wrong` says why the wheel cannot be read; then the rest is empty. `files` are paths and bytes."""

    version: str = ""
    manifest: Manifest | None = None
    readme: str = ""
    requires_python: str = ""
    requires: tuple[str, ...] = ()
    files: tuple[tuple[str, int], ...] = ()
    wrong: str = ""


async def inside(artefacts: Artefacts, filename: str, sha256: str) -> Inside:
    """The contents of a wheel that was sent, by its sha256."""
    if sha256 in _KEPT:
        _KEPT.move_to_end(sha256)
        return _KEPT[sha256]
    try:
        _, content = await artefacts.content(sha256)
    except NotFoundError as error:
        return Inside(wrong=str(error))
    found = await asyncio.to_thread(_read, filename, content)
    _KEPT[sha256] = found
    while len(_KEPT) > MOST_KEPT:
        _KEPT.popitem(last=False)
    return found


def _read(filename: str, content: bytes) -> Inside:
    from callboard.marketplace.checks.run import metadata_of, readme_of  # as in `examine`
    from callboard.plugins.install.wheel import read_wheel

    try:
        wheel = read_wheel(filename, content)
        metadata = metadata_of(wheel)
        return Inside(
            version=wheel.version,
            manifest=wheel.manifest,
            readme=readme_of(metadata),
            requires_python=str(metadata.get("Requires-Python") or "")[:200],
            requires=tuple(str(one)[:200] for one in wheel.requires),
            files=tuple(_files(content)),
        )
    except InputError as error:
        return Inside(wrong=str(error))


def _files(content: bytes) -> Iterator[tuple[str, int]]:
    """`read_wheel` has found the archive to be in order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                yield info.filename, info.file_size
