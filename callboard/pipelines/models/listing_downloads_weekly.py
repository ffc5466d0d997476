"""Downloads of listings by week."""

from __future__ import annotations

from datetime import timedelta

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, Newest, NotNull, Range, Same
from callboard.pipelines.models.shapes import days, shape, text, whole


def expression(given: Given) -> ir.Table:
    joined = given["downloads_weekly"].join(given["listing_packages"], ["ecosystem", "package"])
    return joined.group_by(listing=joined.listing, week=joined.week).aggregate(
        downloads=joined.downloads.sum()
    )


MODEL = Model(
    name="listing_downloads_weekly",
    layer="marts",
    expression=expression,
    schema=shape(text("listing"), days("week"), whole("downloads")),
    keys=("listing", "week"),
    inputs=(
        Input("marts", "downloads_weekly", Same()),
        Input("staged", "listing_packages", Newest()),
    ),
    grain="a listing in a week, by its Monday",
    description="The sum over the packages that the listing has today, so that its past is that of the "
    "packages it shows.",
    freshness=timedelta(days=9),
    partition="week",
    checks=(NotNull(("downloads",)), Range("downloads", 0)),
)
