"""What in the portal is used, and by which teams."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Range, Same
from callboard.pipelines.models.shapes import days, shape, text, whole

DIMENSIONS = ("page", "plugin", "team")


def expression(given: Given) -> ir.Table:
    events = given["events"]

    def by(dimension: str) -> ir.Table:
        said = events.filter(events[dimension].notnull())
        return said.group_by(day=said.day, dimension=ibis.literal(dimension), key=said[dimension]).aggregate(
            users=said.visitor.nunique(), events=said.count()
        )

    return ibis.union(*(by(one) for one in DIMENSIONS))


MODEL = Model(
    name="usage_by",
    layer="marts",
    expression=expression,
    schema=shape(days("day"), text("dimension", "key"), whole("users", "events")),
    keys=("day", "dimension", "key"),
    inputs=(Input("staged", "events", Same()),),
    grain="a page, plugin or team on a day",
    description="Different visitors and events by page, by plugin and by the team of the visitor.",
    checks=(NotNull(("key",)), Range("users", 0), Range("events", 1)),
)
