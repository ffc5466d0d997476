"""Facts of source repositories on a day."""

from __future__ import annotations

from datetime import timedelta

import ibis.expr.types as ir
import pyarrow as pa

from callboard.pipelines.declaration import Given, Input, Model, NotAfter, NotNull, Range, RowChange, Same
from callboard.pipelines.models.shapes import AT, days, flags, real, shape, text, whole

COUNTS = (
    "stars",
    "forks",
    "open_issues",
    "contributors",
    "commits_30d",
    "commits_90d",
    "commits_365d",
    "issues_closed_90d",
)


def expression(given: Given) -> ir.Table:
    raw = given["repositories"]
    return raw.select(list(MODEL.schema.names))


MODEL = Model(
    name="repositories",
    layer="staged",
    expression=expression,
    schema=shape(
        text("url"),
        days("day"),
        whole(*COUNTS),
        real("median_days_to_close"),
        [pa.field("last_release_at", AT), pa.field("pushed_at", AT)],
        flags("archived"),
        text("license"),
    ),
    keys=("url", "day"),
    inputs=(Input("raw", "repositories", Same()),),
    grain="a repository on a day",
    description="Stars, commits, contributors, releases and issues of the repositories that listings name.",
    freshness=timedelta(days=7),
    checks=(
        NotNull(("url",)),
        *(Range(name, 0) for name in COUNTS),
        Range("median_days_to_close", 0),
        NotAfter("last_release_at"),
        NotAfter("pushed_at"),
        RowChange(),
    ),
)
