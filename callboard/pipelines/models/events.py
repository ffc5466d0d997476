"""Usage events, each once."""

from __future__ import annotations

import ibis.expr.types as ir
import pyarrow as pa

from callboard.pipelines.declaration import Given, Input, Model, NotAfter, NotNull, Same
from callboard.pipelines.models.shapes import AT, days, real, shape, text

COLUMNS = (
    "at",
    "action",
    "subject",
    "value",
    "plugin",
    "page",
    "team",
    "visitor",
    "attributes",
    "context",
)


def expression(given: Given) -> ir.Table:
    # A batch that was sent twice, since its answer was lost, gives equal rows.
    return given["events"].select(list(MODEL.schema.names)).distinct()


MODEL = Model(
    name="events",
    layer="staged",
    expression=expression,
    schema=shape(
        days("day"),
        [pa.field("at", AT)],
        text("action", "subject"),
        real("value"),
        text("plugin", "page", "team", "visitor", "attributes", "context"),
    ),
    # All columns: events have no number, and two visitors may do the same at once.
    keys=(*COLUMNS, "day"),
    inputs=(Input("raw", "events", Same()),),
    grain="something that a visitor did",
    description="Usage of the portal in the shape of Backstage's analytics events, without names of people.",
    checks=(NotNull(("at", "action", "subject")), NotAfter("at")),
)
