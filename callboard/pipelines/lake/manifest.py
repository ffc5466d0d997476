"""What a partition's manifest says: its files, its shape, what it was made from and how it was checked.

It holds no time and no name of a run, so that the same rows give the same bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date

import orjson


@dataclass(frozen=True, slots=True)
class File:
    """One Parquet file beside the manifest; `name` begins with the hash of its content."""

    name: str
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check of a model came out for one partition; `message` says why it did not pass."""

    check: str
    passed: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class Partition:
    """What is visible of a dataset for one day. `columns` are names with their Arrow types.

    `made_from` identifies the model and the inputs that gave the rows; it is empty for raw data.
    """

    layer: str
    dataset: str
    day: date
    files: tuple[File, ...]
    columns: tuple[tuple[str, str], ...]
    made_from: str = ""
    checks: tuple[CheckResult, ...] = field(default=())

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.files)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(one.size for one in self.files)

    @property
    def hash(self) -> str:
        """The same for the same content, whatever made it."""
        content = orjson.dumps([[one.name for one in self.files], self.columns])
        return hashlib.sha256(content).hexdigest()[:32]

    def dumped(self) -> bytes:
        # The path says layer, dataset and day.
        body = {
            "files": [{"name": one.name, "rows": one.rows, "size": one.size} for one in self.files],
            "columns": self.columns,
            "made_from": self.made_from,
            "checks": [
                {"check": one.check, "passed": one.passed, "message": one.message} for one in self.checks
            ],
        }
        return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def load(layer: str, dataset: str, day: date, content: bytes) -> Partition:
    """The manifest from its bytes."""
    body = orjson.loads(content)
    return Partition(
        layer,
        dataset,
        day,
        tuple(File(**one) for one in body["files"]),
        tuple((name, kind) for name, kind in body["columns"]),
        body["made_from"],
        tuple(CheckResult(**one) for one in body["checks"]),
    )
