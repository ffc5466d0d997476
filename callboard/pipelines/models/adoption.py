"""Which plugins run, and in which versions."""

from __future__ import annotations

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Range, Same
from callboard.pipelines.models.shapes import days, shape, text, whole


def expression(given: Given) -> ir.Table:
    raw = given["installations"]
    return raw.select(raw.plugin, raw.version, raw.day, raw.listing, raw.installs)


MODEL = Model(
    name="adoption",
    layer="marts",
    expression=expression,
    schema=shape(text("plugin", "version"), days("day"), text("listing"), whole("installs")),
    keys=("plugin", "version", "day"),
    inputs=(Input("raw", "installations", Same()),),
    grain="a version of a plugin on a day",
    description="Installations, of this portal and of those that report to it.",
    checks=(NotNull(("plugin", "version", "installs")), Range("installs", 0)),
)
