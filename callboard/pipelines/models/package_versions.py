"""The versions of packages on a day."""

from __future__ import annotations

from datetime import timedelta

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, RowChange, Same
from callboard.pipelines.models.functions import package_releases
from callboard.pipelines.models.shapes import days, flags, shape, text


def expression(given: Given) -> ir.Table:
    raw = given["packages"]
    read = raw.select(
        raw.day, raw.ecosystem, raw.package, release=package_releases(raw.ecosystem, raw.document)
    )
    each = read.filter(read.release.length() > 0).unnest("release")
    return each.select(
        each.ecosystem,
        each.package,
        version=each.release[0],
        day=each.day,
        published_on=each.release[1].nullif("").cast("date"),
        withdrawn=each.release[2] == "1",
    )


MODEL = Model(
    name="package_versions",
    layer="staged",
    expression=expression,
    schema=shape(text("ecosystem", "package", "version"), days("day", "published_on"), flags("withdrawn")),
    keys=("ecosystem", "package", "version", "day"),
    inputs=(Input("raw", "packages", Same()),),
    grain="a version of a package on a day",
    description="Every version that the registry's document names, when it was published, and whether it was "
    "deprecated or yanked.",
    freshness=timedelta(days=7),
    checks=(NotNull(("withdrawn",)), RowChange()),
)
