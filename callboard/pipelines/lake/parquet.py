"""Tables as Parquet bytes: the same rows give the same bytes, whatever order they came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 131_072


def ordered(table: pa.Table, keys: Sequence[str] = ()) -> pa.Table:
    """The rows in the order of `keys`, then of the other columns that can be ordered."""
    names = [*keys, *(name for name in table.column_names if name not in keys)]
    by = [(name, "ascending") for name in names if not pa.types.is_nested(table.schema.field(name).type)]
    return table.sort_by(by) if by and table.num_rows > 1 else table


def encoded(table: pa.Table) -> pa.Buffer:
    """One Parquet file with fixed settings; nothing in it depends on the time or the machine."""
    sink = pa.BufferOutputStream()
    # One chunk a column: pages end where chunks end, and how rows were chunked is chance.
    whole = table.combine_chunks().replace_schema_metadata(None)
    pq.write_table(whole, sink, row_group_size=ROW_GROUP, compression="zstd", compression_level=1)
    return sink.getvalue()


def decoded(file: Any) -> pa.Table:
    """The rows of a file that fsspec opened (it has no types, hence Any)."""
    return pq.read_table(file)


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of all, one after the other; columns that some lack are null there."""
    return pa.concat_tables(tables, promote_options="default")
