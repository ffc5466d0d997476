"""How many entities the catalog holds."""

from __future__ import annotations

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Range, RowChange, Same
from callboard.pipelines.models.shapes import days, shape, text, whole


def expression(given: Given) -> ir.Table:
    raw = given["entities"]
    return raw.group_by(day=raw.day, kind=raw.kind).aggregate(entities=raw.entity.nunique())


MODEL = Model(
    name="catalog_growth",
    layer="marts",
    expression=expression,
    schema=shape(days("day"), text("kind"), whole("entities")),
    keys=("day", "kind"),
    inputs=(Input("raw", "entities", Same()),),
    grain="a kind on a day",
    description="Entities of the catalog by kind.",
    checks=(NotNull(("kind",)), Range("entities", 1), RowChange()),
)
