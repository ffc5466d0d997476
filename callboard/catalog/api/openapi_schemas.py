"""The JSON Schemas of the catalog API's bodies: a table, in OpenAPI 3.1's dialect (JSON Schema 2020-12)."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]  # a JSON Schema is any JSON object


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": description} if description else {}), **more}


def array(items: Schema, description: str = "") -> Schema:
    return {"type": "array", "items": items, **({"description": description} if description else {})}


def obj(properties: dict[str, Schema], required: list[str] | None = None, *, closed: bool = False) -> Schema:
    """An object; `closed` when nothing but `properties` occurs in it."""
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    if closed:
        schema["additionalProperties"] = False
    return schema


_COUNT = {"type": "integer", "minimum": 0}
_STRINGS = array(text())
_TEXT_BY_NAME = {"type": "object", "additionalProperties": {"type": "string"}}

_METADATA = obj(
    {
        "name": text("Unique among the entities of one kind and namespace."),
        "namespace": text("`default` unless the descriptor says otherwise."),
        "uid": text("Given by the server when the entity first appears; changes when it is made anew."),
        "etag": text("Changes whenever anything in the entity does."),
        "title": text("For people; never used in references."),
        "description": text(),
        "labels": _TEXT_BY_NAME,
        "annotations": _TEXT_BY_NAME,
        "tags": _STRINGS,
        "links": array(obj({"url": text(), "title": text(), "icon": text(), "type": text()}, ["url"])),
    }
)
_ENTITY_PROPERTIES = {
    "apiVersion": text("Which form of the kind this is, such as `backstage.io/v1alpha1`."),
    "kind": text("Such as `Component`."),
    "metadata": _METADATA,
    "spec": {"type": "object", "description": "What the kind itself defines."},
    "relations": array(ref("Relation"), "Both directions are listed, each at its own entity."),
    "status": {"type": "object", "description": "Errors that processing met; the last good entity is kept."},
}
_PREDICATE_WORDS = (
    "A condition: dot paths with values (`{kind: component}`), `$exists`, `$in`, `$hasPrefix` or `$contains` "
    "at a path, and `$all`, `$any`, `$not` to combine. Values compare without regard to case."
)
_LOCATION = {
    "type": text("`url` for registered locations."),
    "target": text("The address of the descriptor."),
}

SCHEMAS: dict[str, Schema] = {
    "Error": obj(
        {
            "error": obj({"name": text("Such as `NotFoundError`."), "message": text()}, ["name", "message"]),
            "request": obj({"method": text(), "url": text("Relative to `/api/catalog`.")}, ["method", "url"]),
            "response": obj({"statusCode": {"type": "integer"}}, ["statusCode"]),
        },
        ["error", "request", "response"],
    ),
    "ValidationErrors": obj(
        {"errors": array(obj({"name": text(), "message": text()}, ["name", "message"]))},
        ["errors"],
        closed=True,
    ),
    "Relation": obj({"type": text("Such as `ownedBy`."), "targetRef": text()}, ["type", "targetRef"]),
    "Entity": obj(
        {**_ENTITY_PROPERTIES, "metadata": {**_METADATA, "required": ["name"]}},
        ["apiVersion", "kind", "metadata"],
    ),
    "SelectedEntity": {
        **obj(_ENTITY_PROPERTIES),
        "description": "An entity, cut down to the requested `fields` when there are any.",
    },
    "SelectedEntities": array(ref("SelectedEntity")),
    "ValidationAnswer": {"anyOf": [ref("ValidationErrors"), ref("Error")]},
    "Predicate": {"type": "object", "description": _PREDICATE_WORDS, "additionalProperties": True},
    "EntitiesPage": obj(
        {
            "items": array(ref("SelectedEntity")),
            "totalItems": {**_COUNT, "description": "Over all pages; 0 when its computation was excluded."},
            "pageInfo": obj({"nextCursor": text(), "prevCursor": text()}, closed=True),
        },
        ["items", "totalItems", "pageInfo"],
        closed=True,
    ),
    "EntitiesByRefs": obj(
        {
            "items": array(
                {"anyOf": [ref("SelectedEntity"), {"type": "null"}]},
                "As many and in the same order as the requested refs; null where there is no such entity.",
            )
        },
        ["items"],
        closed=True,
    ),
    "Ancestry": obj(
        {
            "rootEntityRef": text(),
            "items": array(
                obj({"entity": ref("Entity"), "parentEntityRefs": _STRINGS}, ["entity", "parentEntityRefs"])
            ),
        },
        ["rootEntityRef", "items"],
        closed=True,
    ),
    "Facets": obj(
        {
            "facets": {
                "type": "object",
                "additionalProperties": array(
                    obj({"value": text(), "count": _COUNT}, ["value", "count"], closed=True)
                ),
            }
        },
        ["facets"],
        closed=True,
    ),
    "LocationInput": obj(_LOCATION, ["type", "target"], closed=True),
    "NewLocation": obj(
        {**_LOCATION, "presence": {"enum": ["required", "optional"], "default": "required"}},
        ["type", "target"],
        closed=True,
    ),
    "Location": obj(
        {"id": text(), **_LOCATION, "entityRef": text("The Location entity that stands for it.")},
        ["id", "type", "target", "entityRef"],
        closed=True,
    ),
    "CreatedLocation": obj(
        {
            "location": ref("Location"),
            "entities": array(ref("Entity"), "What a dry run found; empty otherwise."),
            "exists": {"type": "boolean", "description": "Only in a dry run: whether it is registered."},
        },
        ["location", "entities"],
        closed=True,
    ),
    "LocationList": array(obj({"data": ref("Location")}, ["data"], closed=True)),
    "LocationsPage": obj(
        {
            "items": array(ref("Location")),
            "totalItems": _COUNT,
            "pageInfo": obj({"nextCursor": text()}, closed=True),
        },
        ["items", "totalItems", "pageInfo"],
        closed=True,
    ),
    "Analysis": obj(
        {
            "existingEntityFiles": array(
                obj(
                    {
                        "location": ref("LocationInput"),
                        "isRegistered": {"type": "boolean"},
                        "entity": ref("SelectedEntity"),
                    },
                    ["location", "isRegistered", "entity"],
                )
            ),
            "generateEntities": array(
                obj(
                    {
                        "entity": ref("SelectedEntity"),
                        "fields": array(
                            obj(
                                {
                                    "field": text("The path in the entity."),
                                    "state": {
                                        "enum": [
                                            "analysisSuggestedValue",
                                            "analysisSuggestedNoValue",
                                            "needsUserInput",
                                        ]
                                    },
                                    "value": {"type": ["string", "null"]},
                                    "description": text(),
                                },
                                ["field", "state", "value", "description"],
                            )
                        ),
                    },
                    ["entity", "fields"],
                )
            ),
        },
        ["existingEntityFiles", "generateEntities"],
        closed=True,
    ),
    "Unprocessed": obj(
        {"type": {"enum": ["failed", "pending"]}, "entities": array({"type": "object"})},
        ["type", "entities"],
        closed=True,
    ),
    "History": obj(
        {
            "items": array(
                obj(
                    {
                        "validFrom": {"type": "number", "description": "Seconds since 1970."},
                        "validTo": {
                            "type": ["number", "null"],
                            "description": "Null for the version that is valid now.",
                        },
                        "cause": {"enum": ["created", "changed"]},
                        "deletedBy": {
                            "type": ["string", "null"],
                            "description": "What deleted the entity at `validTo`, if anything did.",
                        },
                        "changes": array(ref("Change"), "What differs from the version before."),
                        "entity": {"type": "object", "description": "The entity as it was."},
                    },
                    ["validFrom", "validTo", "cause", "deletedBy", "changes", "entity"],
                    closed=True,
                )
            )
        },
        ["items"],
        closed=True,
    ),
    "Change": obj(
        {
            "path": text("The field, such as `spec.owner` or `relations.ownedBy`."),
            "kind": {"enum": ["added", "removed", "changed"]},
            "before": {"description": "The value before; null when there was none."},
            "after": {"description": "The value after; null when there is none."},
        },
        ["path", "kind", "before", "after"],
        closed=True,
    ),
    "Problems": obj(
        {"items": array({"type": "object", "description": "An error, a conflict or a held-back deletion."})},
        ["items"],
        closed=True,
    ),
    "Health": obj({"status": text(), "message": text()}, ["status"], closed=True),
}
