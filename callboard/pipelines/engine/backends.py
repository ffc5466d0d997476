"""The engines that expressions run on: DuckDB in this process, or Spark."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from callboard.pipelines.lake import Lake

_PREFIX = "callboard-engine-"


class Backend(Protocol):
    """Files become tables, and an expression over tables becomes rows."""

    name: str

    def table(self, name: str, paths: Sequence[str], schema: pa.Schema) -> ir.Table:
        """The rows of these Parquet files (none: an empty table) under a name that is used again."""

    def rows(self, expression: ir.Table) -> pa.Table:
        """What an expression gives."""

    def close(self) -> None: ...


class DuckDB:
    """DuckDB within `memory` (such as 2GB) and `threads`; what does not fit goes to `spill`.

    `fs` is fsspec's file system of a lake that is no folder (it has no types, hence Any). `place` names the
    temporary folder, for `forget_killed`.
    """

    name = "duckdb"

    def __init__(
        self,
        memory: str = "2GB",
        threads: int = 2,
        spill: Path | None = None,
        fs: Any = None,
        *,
        place: str = "",
    ) -> None:
        self._folder = _temporary(place)
        self._connection: Any = ibis.duckdb.connect(  # Ibis' backends have no types
            memory_limit=memory,
            threads=threads,
            temp_directory=str(spill or self._folder.name),
            preserve_insertion_order=False,
        )
        self._connection.raw_sql("SET enable_progress_bar = false")
        if fs is not None:
            self._connection.register_filesystem(fs)
        self._empty = _Empty(Path(self._folder.name))

    def table(self, name: str, paths: Sequence[str], schema: pa.Schema) -> ir.Table:
        files = list(paths) or [self._empty.of(schema)]
        found: ir.Table = self._connection.read_parquet(files, table_name=name, hive_partitioning=False)
        return _typed(found, schema)

    def rows(self, expression: ir.Table) -> pa.Table:
        rows: pa.Table = self._connection.to_pyarrow(expression)
        return rows

    def close(self) -> None:
        self._connection.disconnect()
        self._folder.cleanup()


class Spark:
    """A Spark session: `master` is `local[2]`, `spark://host:7077` or what else Spark understands."""

    name = "spark"

    def __init__(self, master: str = "local[2]", session: Any = None, *, place: str = "") -> None:
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise RuntimeError("`pipelines.engine: spark` needs pyspark and Java 17") from error
        self._owns = session is None
        # The first python3 on PATH may be another one, without what the models import.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        self._session: Any = session or (  # pyspark's types do not know its own builder
            SparkSession.builder.master(master)
            .appName("callboard-pipelines")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.ansi.enabled", "true")
            .config("spark.sql.execution.arrow.pyspark.enabled", "true")
            .getOrCreate()
        )
        self._connection: Any = ibis.pyspark.connect(self._session)
        self._folder = _temporary(place)
        self._empty = _Empty(Path(self._folder.name))

    def table(self, name: str, paths: Sequence[str], schema: pa.Schema) -> ir.Table:
        files = [one if "://" in one else f"file://{one}" for one in paths or [self._empty.of(schema)]]
        self._session.read.parquet(*files).createOrReplaceTempView(name)
        return _typed(self._connection.table(name), schema)

    def rows(self, expression: ir.Table) -> pa.Table:
        rows: pa.Table = self._connection.to_pyarrow(expression)
        return rows

    def close(self) -> None:
        self._folder.cleanup()
        if self._owns:
            self._session.stop()


def place_of(lake: Lake) -> str:
    """A name for the temporary folders of a lake's runs."""
    return hashlib.sha256(lake.root.encode()).hexdigest()[:16]


def forget_killed(place: str) -> None:
    """Remove the temporary folders that killed runs of this place left on this machine; none may run now."""
    for one in Path(tempfile.gettempdir()).glob(f"{_PREFIX}{place}-*"):
        shutil.rmtree(one, ignore_errors=True)


def _temporary(place: str) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{place or 'any'}-")


class _Empty:
    """Files without rows, for inputs that have no partition yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, schema: pa.Schema) -> str:
        path = self._folder / f"empty-{abs(hash(str(schema)))}.parquet"
        if not path.exists():
            pq.write_table(schema.empty_table(), path)
        return str(path)


def _typed(table: ir.Table, schema: pa.Schema) -> ir.Table:
    """The columns of the schema in its types, whatever the files hold besides."""
    wanted = ibis.Schema.from_pyarrow(schema)
    have = table.schema()
    columns = {}
    for name in wanted.names:
        column, kind = table[name], wanted[name].copy(nullable=True)
        same = have[name].copy(nullable=True) == kind
        # A timestamp in the files is an instant; engines only differ in how they name its zone.
        columns[name] = column if same or have[name].is_timestamp() else column.cast(kind)
    return table.select(**columns)
