"""What the search API adds to the OpenAPI description: its one operation and the shape of its answer."""

from __future__ import annotations

from typing import Any

from callboard.catalog.api.openapi_operations import Operation
from callboard.catalog.api.openapi_schemas import Schema, array, obj, text

_PARAMETERS: tuple[Schema, ...] = (
    {
        "name": "term",
        "in": "query",
        "description": "What to look for; nothing finds everything.",
        "schema": text(),
    },
    {
        "name": "filters",
        "in": "query",
        "style": "deepObject",
        "description": "`filters[kind]=Component`; a field may be repeated for alternatives.",
        "schema": {"type": "object", "additionalProperties": True},
    },
    {
        "name": "types",
        "in": "query",
        "description": "Types of documents, such as `software-catalog`.",
        "schema": array(text()),
    },
    {"name": "pageCursor", "in": "query", "description": "A cursor of another page.", "schema": text()},
    {
        "name": "pageLimit",
        "in": "query",
        "description": "How many results a page holds, 25 if nothing is said.",
        "schema": {"type": "integer", "minimum": 1},
    },
)

OPERATION = Operation(
    method="get",
    path="/api/search/query",
    id="SearchQuery",
    summary="Search documents of every type.",
    answers={200: "SearchAnswer"},
    tag="search",
    parameters=_PARAMETERS,
    waits=True,
)
_HIT = obj(
    {
        "type": text(),
        "document": {"type": "object", "additionalProperties": True},
        "highlight": {"type": "object", "additionalProperties": True},
        "rank": {"type": "integer", "minimum": 1},
    },
    required=["type", "document"],
)
SCHEMAS: dict[str, Schema] = {
    "SearchAnswer": obj(
        {
            "results": array(_HIT),
            "nextPageCursor": text(),
            "previousPageCursor": text(),
            "numberOfResults": {"type": "integer", "minimum": 0},
        },
        required=["results"],
    )
}


def extended(document: dict[str, Any]) -> dict[str, Any]:
    """The description of the catalog together with the search."""
    tag = {"name": "search", "description": "Finding documents of every kind."}
    return {
        **document,
        "info": {**document["info"], "title": "Callboard"},
        "tags": [*document["tags"], tag],
        "paths": {**document["paths"], OPERATION.path: {OPERATION.method: OPERATION.described()}},
        "components": {"schemas": {**document["components"]["schemas"], **SCHEMAS}},
    }
