"""Downloads by day."""

from __future__ import annotations

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Range, RowChange, Same
from callboard.pipelines.models.shapes import days, shape, text, whole


def expression(given: Given) -> ir.Table:
    raw = given["downloads"]
    return raw.select(raw.ecosystem, raw.package, raw.day, raw.downloads)


MODEL = Model(
    name="downloads_daily",
    layer="marts",
    expression=expression,
    schema=shape(text("ecosystem", "package"), days("day"), whole("downloads")),
    keys=("ecosystem", "package", "day"),
    inputs=(Input("raw", "downloads", Same(gapless=True)),),
    grain="a package on a day",
    description="Downloads as the registries count them. Two numbers for one package and day are an error, "
    "since nobody can tell which is right.",
    checks=(NotNull(("ecosystem", "package", "downloads")), Range("downloads", 0), RowChange()),
)
