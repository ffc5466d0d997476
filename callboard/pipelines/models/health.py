"""Health, from 0 to 100: the points of the parts that are known, of what these could be."""

from __future__ import annotations

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Range, Same
from callboard.pipelines.models.shapes import days, shape, text, whole


def expression(given: Given) -> ir.Table:
    parts = given["health_parts"]
    # Tenths of points are added as whole numbers, for a sum of floats depends on the order of its rows.
    tenths = (parts.points * 10 + 0.5).floor().cast("int64").sum()
    most = parts.most.cast("int64").sum()
    summed = parts.group_by(listing=parts.listing, day=parts.day).aggregate(tenths=tenths, most=most)
    known = summed.filter(summed.most > 0)
    score = (known.tenths * 10 / known.most.cast("float64") + 0.5).floor().cast("int64")
    return known.select(known.listing, known.day, score=score)


MODEL = Model(
    name="health",
    layer="marts",
    expression=expression,
    schema=shape(text("listing"), days("day"), whole("score")),
    keys=("listing", "day"),
    inputs=(Input("marts", "health_parts", Same()),),
    grain="a listing on a day",
    description="100 times the sum of `points`, divided by the sum of `most`, of health_parts; rounded.",
    checks=(NotNull(("score",)), Range("score", 0, 100)),
)
