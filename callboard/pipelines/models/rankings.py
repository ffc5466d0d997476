"""Rankings of the listings on a day.

Growth compares a usual week of now with a usual week of before: of the last four weeks of seven days, and of
the four before these, the least and the greatest are left out and the mean of the other two (their median) is
taken. So neither one loud week nor one lost one makes a trend. `SMOOTHING` downloads are added to both, or
few downloads would double every other day; below `BASE` downloads in the usual week before, nothing is said.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Last, Model, NotNull, Range, Refers, Same
from callboard.pipelines.models.shapes import days, real, rounded, shape, text, whole

WINDOW = 58  # days: two spans of 30 that lie 28 days apart, and eight weeks within
SMOOTHING = 20
BASE = 20
NEW = 90  # days that a listing is new


def expression(given: Given) -> ir.Table:
    day = ibis.literal(given.day)
    listed = given["listings"].select("listing", "added")
    scores = given["health"].select("listing", "score")
    rows = listed.left_join(_downloads(given, day), "listing").drop("listing_right")
    rows = rows.left_join(scores, "listing").drop("listing_right")
    base = rows.before.fill_null(0) >= 2 * BASE
    growth = (rows.recent + 2 * SMOOTHING).cast("float64") / (rows.before + 2 * SMOOTHING) - 1
    rows = rows.mutate(
        day=day,
        growth=base.ifelse(rounded(growth, 4), ibis.null("float64")),
        popular=_rank(rows, rows.downloads_30d > 0, rows.downloads_30d.desc()),
        popular_before=_rank(rows, rows.downloads_before > 0, rows.downloads_before.desc()),
    )
    gained = rows.popular_before - rows.popular
    by_downloads = rows.downloads_30d.fill_null(0).desc()
    recently = (day.delta(rows.added, unit="day") < NEW) & (rows.added <= day)
    return rows.select(
        rows.listing,
        rows.day,
        rows.downloads_30d,
        rows.growth,
        rows.popular,
        trending=_rank(rows, rows.growth > 0, rows.growth.desc(), by_downloads),
        rising=_rank(rows, gained > 0, gained.desc(), by_downloads),
        new=_rank(rows, recently, rows.added.desc(), by_downloads),
        healthiest=_rank(rows, rows.score.notnull(), rows.score.desc(), by_downloads),
    )


def _downloads(given: Given, day: ir.DateValue) -> ir.Table:
    joined = given["downloads_daily"].join(given["listing_packages"].distinct(), ["ecosystem", "package"])
    joined = joined.mutate(ago=day.delta(joined.day, unit="day"))
    weeks = [
        joined.downloads.sum(where=(joined.ago >= 7 * one) & (joined.ago < 7 * one + 7)).fill_null(0)
        for one in range(8)
    ]
    summed = joined.group_by("listing").aggregate(
        downloads_30d=joined.downloads.sum(where=joined.ago < 30).fill_null(0),
        downloads_before=joined.downloads.sum(where=joined.ago >= 28).fill_null(0),
        **{f"week{number}": week for number, week in enumerate(weeks)},
    )
    return summed.select(
        "listing",
        "downloads_30d",
        "downloads_before",
        recent=_middle(summed, range(4)),
        before=_middle(summed, range(4, 8)),
    )


def _middle(weeks: ir.Table, numbers: range) -> ir.IntegerValue:
    """Twice the median of four weeks, which stays a whole number."""
    values = [weeks[f"week{number}"] for number in numbers]
    total = values[0] + values[1] + values[2] + values[3]
    return total - ibis.greatest(*values) - ibis.least(*values)


def _rank(rows: ir.Table, holds: ir.BooleanValue, *by: ir.Value) -> ir.IntegerValue:
    """1 for the first of those that `holds` is true of, null for others; names decide between equals."""
    held = holds.fill_null(False)
    order = [held.desc(), *by, rows.listing]
    place = (ibis.row_number().over(ibis.window(order_by=order)) + 1).cast("int64")
    return held.ifelse(place, ibis.null("int64"))


MODEL = Model(
    name="rankings",
    layer="marts",
    expression=expression,
    schema=shape(
        text("listing"),
        days("day"),
        whole("downloads_30d"),
        real("growth"),
        whole("popular", "trending", "rising", "new", "healthiest"),
    ),
    keys=("listing", "day"),
    inputs=(
        Input("staged", "listings", Same()),
        Input("staged", "listing_packages", Same()),
        Input("marts", "health", Same()),
        Input("marts", "downloads_daily", Last(WINDOW)),
    ),
    grain="a listing on a day",
    description="Downloads of 30 days, growth of a usual week, and the places in each ranking (1 is first, "
    "null is not ranked).",
    checks=(
        NotNull(("listing",)),
        Range("downloads_30d", 0),
        Range("popular", 1),
        Refers("listing", "staged", "listings"),
    ),
)
