"""Which packages belong to which listing."""

from __future__ import annotations

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Same
from callboard.pipelines.models.shapes import shape, text


def expression(given: Given) -> ir.Table:
    raw = given["listings"]
    named = raw.filter(raw.package.notnull() & raw.ecosystem.notnull())
    return named.select(named.listing, named.ecosystem, named.package, named.day)


MODEL = Model(
    name="listing_packages",
    layer="staged",
    expression=expression,
    # No day among the columns: what is made of the newest partition is made again only when it says
    # something else than the one before.
    schema=shape(text("listing", "ecosystem", "package")),
    keys=("listing", "ecosystem", "package"),
    inputs=(Input("raw", "listings", Same()),),
    grain="a package of a listing",
    description="The packages whose downloads, releases and vulnerabilities count for a listing.",
    checks=(NotNull(("ecosystem", "package")),),
)
