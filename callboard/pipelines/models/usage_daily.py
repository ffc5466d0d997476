"""How many people use the portal."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Last, Model, NotNull, Range
from callboard.pipelines.models.shapes import days, shape, whole


def expression(given: Given) -> ir.Table:
    events, day = given["events"], ibis.literal(given.day)
    ago = day.delta(events.day, unit="day")
    seen = events.visitor.notnull()
    counted = events.aggregate(
        daily_users=events.visitor.nunique(where=seen & (ago == 0)),
        weekly_users=events.visitor.nunique(where=seen & (ago < 7)),
        monthly_users=events.visitor.nunique(where=seen),
        events=(ago == 0).sum().fill_null(0),
    )
    return counted.mutate(day=day)


MODEL = Model(
    name="usage_daily",
    layer="marts",
    expression=expression,
    schema=shape(days("day"), whole("daily_users", "weekly_users", "monthly_users", "events")),
    keys=("day",),
    inputs=(Input("staged", "events", Last(30)),),
    grain="a day",
    description="Different visitors of the day, of 7 and of 30 days up to it, and events of the day.",
    checks=(NotNull(("daily_users", "events")), Range("events", 0)),
)
