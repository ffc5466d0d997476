"""How many people use the portal."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Last, Model, NotNull, Range
from callboard.pipelines.models.shapes import days, shape, whole

WINDOW = 30  # days


def expression(given: Given) -> ir.Table:
    events = given["events"]
    seen = events.filter(events.visitor.notnull()).select("day", "visitor").distinct()
    # Each visit counts for every day that is made within a month after it.
    days = ibis.array([ibis.literal(one) for one in given.days])
    spread = seen.mutate(made=days).unnest("made")
    spread = spread.mutate(ago=spread.made.delta(spread.day, unit="day"))
    counts = spread.filter((spread.ago >= 0) & (spread.ago < WINDOW))
    users = counts.group_by(day=counts.made).aggregate(
        daily_users=counts.visitor.nunique(where=counts.ago == 0),
        weekly_users=counts.visitor.nunique(where=counts.ago < 7),
        monthly_users=counts.visitor.nunique(),
    )
    own = events.filter(events.day.isin(given.days))
    totals = own.group_by("day").aggregate(events=own.count())
    both = totals.left_join(users, "day").drop("day_right")
    return both.mutate(
        **{name: both[name].fill_null(0) for name in ("daily_users", "weekly_users", "monthly_users")}
    )


MODEL = Model(
    name="usage_daily",
    layer="marts",
    expression=expression,
    schema=shape(days("day"), whole("daily_users", "weekly_users", "monthly_users", "events")),
    keys=("day",),
    inputs=(Input("staged", "events", Last(WINDOW)),),
    at_once=True,
    grain="a day",
    description="Different visitors of the day, of 7 and of 30 days up to it, and events of the day.",
    checks=(NotNull(("daily_users", "events")), Range("events", 0)),
)
