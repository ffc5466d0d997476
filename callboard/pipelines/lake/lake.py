"""Partitions in a folder or an object store: written whole, replaced in one step, read through manifests.

Not for queries: the engine and the readers of the marts open the files that `files` names.
Everything here waits for the disk or the network; call it from a thread (`asyncio.to_thread`).
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import fsspec
from fsspec.implementations.local import LocalFileSystem

from callboard.pipelines.lake.manifest import CheckResult, File, Partition, load

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
GRACE = timedelta(hours=1)
_DAY = re.compile(r"day=(\d{4}-\d{2}-\d{2})")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MANY = 16  # manifests that are read at once


class LakeError(Exception):
    """The lake cannot be used as asked; the message says what is wrong."""


class Lake:
    """`url` is a folder or whatever fsspec opens (`s3://bucket/lake`); `options` go to its file system."""

    def __init__(self, url: str | Path, options: dict[str, Any] | None = None) -> None:
        try:
            self.fs, root = fsspec.url_to_fs(str(url), **(options or {}))
        except (ImportError, ValueError) as error:
            raise LakeError(f"The lake {url} cannot be opened: {error}") from error
        self.url = str(url)
        self.root: str = root.rstrip("/")
        self.is_local = isinstance(self.fs, LocalFileSystem)

    def write(
        self,
        layer: str,
        dataset: str,
        day: date,
        table: pa.Table,
        *,
        keys: Sequence[str] = (),
        in_order: bool = False,
        made_from: str = "",
        checks: Iterable[CheckResult] = (),
    ) -> Partition:
        """Make `table` the content of a partition, in place of what it held.

        Rows are put in the order of `keys` and then of all columns, unless they are `in_order`. Until the
        manifest is in place readers see the old content; killed before, the file is left for `collect`.
        """
        # Every start opens a lake; few processes write or read tables, and need Arrow.
        from callboard.pipelines.lake.parquet import encoded, ordered

        folder = self._folder(layer, dataset, day)
        content = encoded(table if in_order else ordered(table, keys))
        name = hashlib.sha256(content).hexdigest()[:32] + ".parquet"
        # A file of that name has that content, because it came there in one step.
        if not self.fs.exists(f"{folder}/{name}"):
            self._put(f"{folder}/{name}", content)
        columns = tuple((one.name, str(one.type)) for one in table.schema)
        files = (File(name, table.num_rows, content.size),)
        partition = Partition(layer, dataset, day, files, columns, made_from, tuple(checks))
        self._put(f"{folder}/{MANIFEST}", partition.dumped())
        return partition

    def remove(self, layer: str, dataset: str, day: date) -> None:
        """Make a partition absent; its files go with `collect`."""
        manifest = f"{self._folder(layer, dataset, day)}/{MANIFEST}"
        if self.fs.exists(manifest):
            self.fs.rm_file(manifest)

    def datasets(self, layer: str) -> list[str]:
        """The datasets that a layer holds, in order."""
        return sorted(path.rsplit("/", 1)[1] for path in self._ls(f"{self.root}/{layer}"))

    def days(self, layer: str, dataset: str) -> list[date]:
        """The days for which the dataset can be read, in order."""
        return [one.day for one in self.partitions(layer, dataset)]

    def partition(self, layer: str, dataset: str, day: date) -> Partition | None:
        """What a partition's manifest says; None when there is none."""
        try:
            content = self.fs.cat_file(f"{self._folder(layer, dataset, day)}/{MANIFEST}")
        except FileNotFoundError:
            return None
        return load(layer, dataset, day, content)

    def partitions(
        self, layer: str, dataset: str, since: date | None = None, until: date | None = None
    ) -> list[Partition]:
        """The partitions from `since` to `until`, both included, in order of their days."""
        days = [
            day
            for day in self._folders(layer, dataset)
            if (since is None or day >= since) and (until is None or day <= until)
        ]
        if self.is_local or len(days) < 2:
            found = [self.partition(layer, dataset, day) for day in days]
        else:
            with ThreadPoolExecutor(_MANY) as pool:
                found = list(pool.map(lambda day: self.partition(layer, dataset, day), days))
        return [one for one in found if one is not None]

    def newest(self, layer: str, dataset: str) -> Partition | None:
        """The partition of the newest day; None when there is none."""
        for day in reversed(self._folders(layer, dataset)):
            if found := self.partition(layer, dataset, day):
                return found
        return None

    def paths(self, partition: Partition) -> list[str]:
        """Where the files of a partition are: local paths, or URLs of an object store."""
        folder = self._folder(partition.layer, partition.dataset, partition.day)
        return [self._address(f"{folder}/{one.name}") for one in partition.files]

    def files(
        self, layer: str, dataset: str, since: date | None = None, until: date | None = None
    ) -> list[str]:
        """The files of the partitions from `since` to `until`."""
        found = self.partitions(layer, dataset, since, until)
        return [path for one in found for path in self.paths(one)]

    def read(
        self, layer: str, dataset: str, since: date | None = None, until: date | None = None
    ) -> pa.Table | None:
        """All rows of these partitions; None when there are none. For small datasets and tests."""
        from callboard.pipelines.lake.parquet import decoded, joined  # as in `write`

        tables = []
        for partition in self.partitions(layer, dataset, since, until):
            folder = self._folder(layer, dataset, partition.day)
            for one in partition.files:
                with self.fs.open(f"{folder}/{one.name}", "rb") as file:
                    tables.append(decoded(file))
        return joined(tables) if tables else None

    def collect(self, grace: timedelta = GRACE, *, now: datetime | None = None) -> int:
        """Remove files that no manifest names, once they are older than `grace`; says how many.

        Younger ones may belong to a write that is under way, or be read by who saw the last manifest.
        """
        before = (now or datetime.now(UTC)) - grace
        removed = 0
        for path, info in self.fs.find(self.root, detail=True).items():
            folder, name = path.rsplit("/", 1)
            if not _DAY.fullmatch(folder.rsplit("/", 1)[1]) or name == MANIFEST:
                continue
            if _modified(self.fs, path, info) < before and name not in self._named_in(folder):
                self.fs.rm_file(path)
                removed += 1
        return removed

    def _named_in(self, folder: str) -> set[str]:
        layer, dataset, day = folder.rsplit("/", 3)[1:]
        partition = self.partition(layer, dataset, date.fromisoformat(day.removeprefix("day=")))
        return {one.name for one in partition.files} if partition else set()

    def _folders(self, layer: str, dataset: str) -> list[date]:
        """The days that have a folder, in order, whether they can be read or not."""
        paths = self._ls(f"{self.root}/{_named(layer)}/{_named(dataset)}")
        found = (_DAY.fullmatch(path.rsplit("/", 1)[1]) for path in paths)
        return sorted(date.fromisoformat(match[1]) for match in found if match)

    def _folder(self, layer: str, dataset: str, day: date) -> str:
        return f"{self.root}/{_named(layer)}/{_named(dataset)}/day={day.isoformat()}"

    def _address(self, path: str) -> str:
        return path if self.is_local else str(self.fs.unstrip_protocol(path))

    def _ls(self, folder: str) -> list[str]:
        self.fs.invalidate_cache(folder)
        try:
            return [str(path).rstrip("/") for path in self.fs.ls(folder, detail=False)]
        except FileNotFoundError:
            return []

    def _put(self, path: str, content: bytes | pa.Buffer) -> None:
        """Let a file appear whole. One PUT does so on object stores; a folder needs a rename."""
        if not self.is_local:
            self.fs.pipe_file(path, bytes(content))
            return
        folder, _, name = path.rpartition("/")
        unfinished = f"{folder}/.{name}.{uuid.uuid4().hex}"
        with _created(unfinished) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a manifest must not name a file that a crash of the machine loses
        os.replace(unfinished, path)


def _created(path: str) -> BinaryIO:
    """A new file, with its folder when that is not there yet."""
    try:
        return open(path, "wb")
    except FileNotFoundError:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return open(path, "wb")


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise LakeError(f"`{name}` cannot name a layer or dataset: use lower-case letters, digits and _")
    return name


def _modified(fs: Any, path: str, info: dict[str, Any]) -> datetime:  # fsspec has no types
    value = info.get("mtime") or info.get("LastModified")
    if value is None:
        value = fs.modified(path)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromtimestamp(value, UTC)
