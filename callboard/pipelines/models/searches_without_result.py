"""What people searched for and did not find."""

from __future__ import annotations

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Range, Same
from callboard.pipelines.models.shapes import days, shape, text, whole


def expression(given: Given) -> ir.Table:
    events = given["events"]
    term = events.subject.lower().strip()
    failed = events.filter((events.action == "search") & (events.value == 0) & (term != ""))
    return failed.group_by(day=failed.day, term=failed.subject.lower().strip()).aggregate(
        searches=failed.count()
    )


MODEL = Model(
    name="searches_without_result",
    layer="marts",
    expression=expression,
    schema=shape(days("day"), text("term"), whole("searches")),
    keys=("day", "term"),
    inputs=(Input("staged", "events", Same()),),
    grain="a term on a day",
    description="Terms of searches that had no hit, in lower case.",
    checks=(NotNull(("term",)), Range("searches", 1)),
)
