"""Downloads by week."""

from __future__ import annotations

from datetime import timedelta

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Range, RowChange, Week
from callboard.pipelines.models.shapes import days, shape, text, whole


def expression(given: Given) -> ir.Table:
    daily = given["downloads_daily"]
    return daily.group_by(
        ecosystem=daily.ecosystem, package=daily.package, week=daily.day.truncate("W")
    ).aggregate(downloads=daily.downloads.sum())


MODEL = Model(
    name="downloads_weekly",
    layer="marts",
    expression=expression,
    schema=shape(text("ecosystem", "package"), days("week"), whole("downloads")),
    keys=("ecosystem", "package", "week"),
    inputs=(Input("marts", "downloads_daily", Week()),),
    grain="a package in a week, by its Monday",
    description="Downloads of full weeks; a week in which a day is missing is not made.",
    freshness=timedelta(days=9),
    partition="week",
    checks=(NotNull(("downloads",)), Range("downloads", 0), RowChange()),
)
