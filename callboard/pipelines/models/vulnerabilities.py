"""Advisories on a day, a row for each package that they name."""

from __future__ import annotations

import ibis.expr.types as ir
import pyarrow as pa

from callboard.pipelines.declaration import Given, Input, Model, NotAfter, NotNull, RowChange, Same
from callboard.pipelines.models.functions import advisory_severity
from callboard.pipelines.models.shapes import AT, days, shape, text


def expression(given: Given) -> ir.Table:
    raw = given["vulnerabilities"]
    return raw.select(
        raw.id,
        raw.ecosystem,
        raw.package,
        raw.day,
        raw.document,
        raw.modified,
        severity=advisory_severity(raw.document),
    )


MODEL = Model(
    name="vulnerabilities",
    layer="staged",
    expression=expression,
    schema=shape(
        text("id", "ecosystem", "package"),
        days("day"),
        text("severity", "document"),
        [pa.field("modified", AT)],
    ),
    keys=("id", "ecosystem", "package", "day"),
    inputs=(Input("raw", "vulnerabilities", Same()),),
    grain="a package that an advisory names, on a day",
    description="OSV records as exported on the day, with how severe they call themselves.",
    checks=(NotNull(("severity", "document")), NotAfter("modified"), RowChange()),
)
