"""Puts raw rows into the lake, beside those of others in the same partition."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callboard.pipelines.lake import Lake
from callboard.pipelines.records import RAW
from callboard.pipelines.sources.contract import Outcome

Row = Mapping[str, Any]  # of the columns of a raw dataset


async def write(lake: Lake, outcome: Outcome, dataset: str, day: date, rows: Sequence[Row]) -> None:
    """These are all rows of the partition."""
    await asyncio.to_thread(_write, lake, dataset, day, table_of(dataset, rows))
    outcome.wrote(dataset, day, len(rows))


async def merge(
    lake: Lake, outcome: Outcome, dataset: str, day: date, rows: Sequence[Row], *, keys: Sequence[str]
) -> None:
    """Rows in place of those of the partition with the same `keys`; all others stay."""
    if not rows:
        return
    await asyncio.to_thread(_merge, lake, dataset, day, table_of(dataset, rows), tuple(keys))
    outcome.wrote(dataset, day, len(rows))


def table_of(dataset: str, rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], schema=RAW[dataset])


def _merge(lake: Lake, dataset: str, day: date, table: pa.Table, keys: tuple[str, ...]) -> None:
    there = lake.read("raw", dataset, day, day)
    if there is not None and there.num_rows:
        replaced = pc.is_in(_key(there, keys), value_set=_key(table, keys))
        table = pa.concat_tables([there.filter(pc.invert(replaced)).cast(RAW[dataset]), table])
    _write(lake, dataset, day, table)


def _write(lake: Lake, dataset: str, day: date, table: pa.Table) -> None:
    lake.write("raw", dataset, day, table)


def _key(table: pa.Table, keys: tuple[str, ...]) -> pa.Array:
    columns = [pc.fill_null(pc.cast(table[key], pa.string()), "") for key in keys]
    joined = columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, "\x1f")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
