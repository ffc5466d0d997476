"""Words for the schemas and expressions of models."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pyarrow as pa

AT = pa.timestamp("us", tz="UTC")


def text(*names: str) -> list[pa.Field]:
    return [pa.field(name, pa.string()) for name in names]


def whole(*names: str) -> list[pa.Field]:
    return [pa.field(name, pa.int64()) for name in names]


def real(*names: str) -> list[pa.Field]:
    return [pa.field(name, pa.float64()) for name in names]


def days(*names: str) -> list[pa.Field]:
    return [pa.field(name, pa.date32()) for name in names]


def flags(*names: str) -> list[pa.Field]:
    return [pa.field(name, pa.bool_()) for name in names]


def shape(*fields: list[pa.Field]) -> pa.Schema:
    return pa.schema([one for group in fields for one in group])


def newest(table: ir.Table, *keys: str, by: str = "day") -> ir.Table:
    """The row of each key with the greatest `by`."""
    window = ibis.window(group_by=[table[key] for key in keys], order_by=table[by].desc())
    numbered = table.mutate(number_=ibis.row_number().over(window))
    return numbered.filter(numbered.number_ == 0).drop("number_")


def rounded(value: ir.NumericValue, digits: int) -> ir.NumericValue:
    """Rounded half up, spelt out, since the engines' own functions differ where a float cannot say a half."""
    scale = 10**digits
    return (value * scale + 0.5).floor().cast("float64") / scale
