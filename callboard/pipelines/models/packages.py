"""Packages on a day, as their registries describe them."""

from __future__ import annotations

from datetime import timedelta

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Range, RowChange, Same
from callboard.pipelines.models.functions import package_facts
from callboard.pipelines.models.shapes import days, flags, shape, text, whole


def expression(given: Given) -> ir.Table:
    raw = given["packages"]
    read = raw.select(
        raw.day,
        raw.ecosystem,
        raw.package,
        facts=package_facts(raw.ecosystem, raw.document, raw.day.cast("string")),
    )

    def fact(number: int) -> ir.StringValue:
        return read.facts[number].nullif("")

    return read.select(
        read.ecosystem,
        read.package,
        read.day,
        latest=fact(0),
        latest_on=fact(1).cast("date"),
        versions=fact(2).cast("int64"),
        releases_365d=fact(3).cast("int64"),
        maintainers=fact(4).cast("int64"),
        deprecated=fact(5) == "1",
        runtime=fact(6),
        license=fact(7),
        description=fact(8),
    )


MODEL = Model(
    name="packages",
    layer="staged",
    expression=expression,
    schema=shape(
        text("ecosystem", "package"),
        days("day"),
        text("latest"),
        days("latest_on"),
        whole("versions", "releases_365d", "maintainers"),
        flags("deprecated"),
        text("runtime", "license", "description"),
    ),
    keys=("ecosystem", "package", "day"),
    inputs=(Input("raw", "packages", Same()),),
    grain="a package on a day",
    description="What the registry's document of a package says: the newest version, releases of a year, "
    "maintainers, deprecation, runtime and licence.",
    freshness=timedelta(days=7),
    checks=(NotNull(("versions", "deprecated")), Range("maintainers", 0), RowChange()),
)
