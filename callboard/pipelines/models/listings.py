"""The shelf on a day, a row a listing."""

from __future__ import annotations

import ibis.expr.types as ir

from callboard.pipelines.declaration import Given, Input, Model, NotNull, Range, RowChange, Same
from callboard.pipelines.models.shapes import days, flags, shape, text, whole


def expression(given: Given) -> ir.Table:
    raw = given["listings"]
    url = raw.repository.lower().re_replace(r"/+$", "").re_replace(r"\.git$", "")
    # What a listing says is the same in each of its rows; the greatest is taken so that it is always one.
    return raw.group_by(listing=raw.listing, day=raw.day).aggregate(
        title=raw.title.max(),
        publisher=raw.publisher.max(),
        lifecycle=raw.lifecycle.max(),
        repository=url.max(),
        added=raw.added.min(),
        license=raw.license.max(),
        readme_bytes=raw.readme_bytes.max(),
        documented=raw.documented.any(),
        supports_backstage=raw.supports_backstage.max(),
        supports_callboard=raw.supports_callboard.max(),
        packages=raw.package.count(),
    )


MODEL = Model(
    name="listings",
    layer="staged",
    expression=expression,
    schema=shape(
        text("listing"),
        days("day"),
        text("title", "publisher", "lifecycle", "repository"),
        days("added"),
        text("license"),
        whole("readme_bytes"),
        flags("documented"),
        text("supports_backstage", "supports_callboard"),
        whole("packages"),
    ),
    keys=("listing", "day"),
    inputs=(Input("raw", "listings", Same()),),
    grain="a listing on a day",
    description="The Marketplace's shelf as it was on the day.",
    checks=(NotNull(("title", "lifecycle")), Range("readme_bytes", 0), RowChange()),
)
