"""How many entities have an owner."""

from __future__ import annotations

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Range, Same
from callboard.pipelines.models.shapes import days, shape, text, whole


def expression(given: Given) -> ir.Table:
    raw = given["entities"]
    return raw.group_by(day=raw.day, kind=raw.kind).aggregate(
        owned=raw.owned.sum().fill_null(0), total=raw.count()
    )


MODEL = Model(
    name="ownership_coverage",
    layer="marts",
    expression=expression,
    schema=shape(days("day"), text("kind"), whole("owned", "total")),
    keys=("day", "kind"),
    inputs=(Input("raw", "entities", Same()),),
    grain="a kind on a day",
    description="Entities that have an owner in the catalog, of all of their kind.",
    checks=(NotNull(("kind",)), Range("owned", 0), Range("total", 1)),
)
