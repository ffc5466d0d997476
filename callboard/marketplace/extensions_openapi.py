"""What the read API of the extension kinds adds to the OpenAPI description of the whole API."""

from __future__ import annotations

from functools import partial
from typing import Any

from callboard.access.openapi_operations import Call
from callboard.access.openapi_schemas import shape
from callboard.marketplace.extensions_api import BASE

Json = dict[str, Any]
"""JSON, hence Any."""

_call = partial(Call, tag="extensions")
_FILTER = (("filter", "As that of GET /api/catalog/entities/by-query; repeat it for alternatives."),)
_LIST = (
    *_FILTER,
    ("limit", "At most so many, 20 unless given."),
    ("offset", "Leave out so many first."),
    ("orderFields", "A field and its direction, such as metadata.title,asc."),
    ("searchTerm", "Only what has it in its name, title or description."),
)
_FACETS = (("facet", "The field to count; repeat it for more."), *_FILTER)

_OF_EACH = tuple(
    operation
    for one, name, words in (
        ("plugin", "Plugin", "plugins"),
        ("package", "Package", "packages"),
        ("collection", "Collection", "collections"),
    )
    for operation in (
        _call("get", f"{BASE}/{one}s", f"getExtension{name}s", f"A page of the {words}, without long texts",
              "ExtensionList", query=_LIST, errors=(400,)),
        _call("get", f"{BASE}/{one}s/facets", f"getExtension{name}Facets", f"Values of fields of the {words}",
              "Facets", query=_FACETS, errors=(400,)),
        _call("get", f"{BASE}/{one}/{{namespace}}/{{name}}", f"getExtension{name}",
              f"One of the {words}, whole", "Entity", errors=(404,)),
    )
)  # fmt: skip
OPERATIONS = (
    *_OF_EACH,
    _call("get", f"{BASE}/plugin/{{namespace}}/{{name}}/packages", "getExtensionPluginPackages",
          "The packages of a plugin", "ExtensionEntities", errors=(404,)),
    _call("get", f"{BASE}/collection/{{namespace}}/{{name}}/plugins", "getExtensionCollectionPlugins",
          "The plugins of a collection, without long texts", "ExtensionEntities", errors=(404,)),
)  # fmt: skip
_SCHEMAS: Json = {
    "ExtensionList": shape("items: [Entity]; totalItems: integer; pageInfo: object"),
    "ExtensionEntities": {"type": "array", "items": {"$ref": "#/components/schemas/Entity"}},
}
_TAG = {"name": "extensions", "description": "Plugins, packages and collections of extension catalogs."}


def extended(document: Json) -> Json:
    """A description of the catalog together with what is described here."""
    paths: Json = dict(document["paths"])
    for one in OPERATIONS:
        paths[one.path] = {**paths.get(one.path, {}), one.method: one.described()}
    components = document["components"]
    return {
        **document,
        "tags": [*document["tags"], _TAG],
        "paths": paths,
        "components": {**components, "schemas": {**components["schemas"], **_SCHEMAS}},
    }
