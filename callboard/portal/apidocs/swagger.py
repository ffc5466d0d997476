"""Rewrites a Swagger 2.0 document in the shape of OpenAPI 3, so that one reader reads both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard.portal.apidocs.document import inner, items, text

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
# What Swagger writes into the parameter itself belongs into its schema.
_OF_A_SCHEMA = frozenset(
    {
        "type", "format", "items", "default", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "multipleOf",
    }
)  # fmt: skip
_FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}


def upgraded(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with servers, components and request bodies; the old places keep their references."""
    shared = {name: value for name, value in inner(document, "parameters").items() if isinstance(value, dict)}
    paths = {
        path: _path_item(item, document, shared) if isinstance(item, dict) else item
        for path, item in inner(document, "paths").items()
    }
    result = {key: value for key, value in document.items() if key not in ("definitions", "paths")}
    result["components"] = {
        "schemas": _renamed(inner(document, "definitions")),
        "parameters": {name: _parameter(value) for name, value in shared.items()},
        "responses": {
            name: _response(value, items(document, "produces"))
            for name, value in inner(document, "responses").items()
        },
        "securitySchemes": {
            name: _scheme(value) for name, value in inner(document, "securityDefinitions").items()
        },
    }
    result["paths"] = paths if isinstance(document.get("paths"), dict) else document.get("paths")
    result["servers"] = _servers(document)
    return result


def _renamed(value: Any) -> Any:
    """A schema with its references pointing to where things stand now."""
    if isinstance(value, dict):
        return {
            key: _moved(item) if key == "$ref" and isinstance(item, str) else _renamed(item)
            for key, item in value.items()
        }
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _moved(pointer: str) -> str:
    for old, new in (
        ("#/definitions/", "#/components/schemas/"),
        ("#/parameters/", "#/components/parameters/"),
        ("#/responses/", "#/components/responses/"),
    ):
        if pointer.startswith(old):
            return new + pointer.removeprefix(old)
    return pointer


def _servers(document: Mapping[str, Any]) -> list[dict[str, str]]:
    host, base = text(document.get("host"), 500), text(document.get("basePath"), 500)
    if not host:
        return [{"url": base}] if base else []
    schemes = [text(each, 20) for each in items(document, "schemes")[:5]] or ["https"]
    return [{"url": f"{scheme}://{host}{base}"} for scheme in schemes]


def _path_item(item: dict[str, Any], document: Mapping[str, Any], shared: Mapping[str, Any]) -> Any:
    result = {key: _renamed(value) for key, value in item.items() if key not in _METHODS}
    bodies = [each for each in items(item, "parameters") if _is_body(each, shared)]
    result["parameters"] = [
        _parameter(each) for each in items(item, "parameters") if not _is_body(each, shared)
    ]
    for method in _METHODS:
        if isinstance(value := item.get(method), dict):
            result[method] = _operation(value, document, shared, bodies)
        elif method in item:
            result[method] = value
    return result


def _operation(
    value: dict[str, Any], document: Mapping[str, Any], shared: Mapping[str, Any], inherited: list[Any]
) -> dict[str, Any]:
    result = dict(value)
    given = items(value, "parameters")
    result["parameters"] = [_parameter(each) for each in given if not _is_body(each, shared)]
    bodies = [_shared(each, shared) for each in (*inherited, *given) if _is_body(each, shared)]
    consumes = items(value, "consumes") or items(document, "consumes")
    if bodies:
        result["requestBody"] = _body(bodies, consumes)
    produces = items(value, "produces") or items(document, "produces")
    result["responses"] = {
        str(status): _response(response, produces) for status, response in inner(value, "responses").items()
    }
    return result


def _shared(parameter: Any, shared: Mapping[str, Any]) -> dict[str, Any]:
    pointer = parameter.get("$ref") if isinstance(parameter, dict) else None
    if isinstance(pointer, str) and pointer.startswith("#/parameters/"):
        found = shared.get(pointer.removeprefix("#/parameters/"))
        return found if isinstance(found, dict) else {}
    return parameter if isinstance(parameter, dict) else {}


def _is_body(parameter: Any, shared: Mapping[str, Any]) -> bool:
    return _shared(parameter, shared).get("in") in ("body", "formData")


def _body(parameters: list[dict[str, Any]], consumes: list[Any]) -> dict[str, Any]:
    types = [each for each in consumes if isinstance(each, str)][:20]
    whole = next((each for each in parameters if each.get("in") == "body"), None)
    if whole is not None:
        schema = _renamed(whole.get("schema", {}))
        return {
            "description": whole.get("description"),
            "required": whole.get("required"),
            "content": {each: {"schema": schema} for each in types or ["application/json"]},
        }
    fields = {text(each.get("name"), 300): _parameter(each)["schema"] for each in parameters}
    form = {
        "type": "object",
        "properties": fields,
        "required": [text(each.get("name"), 300) for each in parameters if each.get("required") is True],
    }
    has_file = any(each.get("type") == "file" for each in parameters)
    usual = "multipart/form-data" if has_file else "application/x-www-form-urlencoded"
    return {"content": {each: {"schema": form} for each in types or [usual]}}


def _parameter(value: Any) -> Any:
    if not isinstance(value, dict) or "$ref" in value:
        return _renamed(value)
    schema = {key: _renamed(item) for key, item in value.items() if key in _OF_A_SCHEMA}
    rest = {key: item for key, item in value.items() if key not in _OF_A_SCHEMA}
    return {**rest, "schema": {"description": rest.get("description"), **schema}}


def _response(value: Any, produces: list[Any]) -> Any:
    if not isinstance(value, dict) or "$ref" in value:
        return _renamed(value)
    result: dict[str, Any] = {"description": value.get("description")}
    result["headers"] = {name: _parameter(each) for name, each in inner(value, "headers").items()}
    if "schema" in value:
        types = [each for each in produces if isinstance(each, str)][:20] or ["application/json"]
        examples, schema = inner(value, "examples"), _renamed(value["schema"])
        result["content"] = {each: {"schema": schema, "example": examples.get(each)} for each in types}
    return result


def _scheme(value: Any) -> Any:
    if not isinstance(value, dict):
        return {}
    if value.get("type") == "basic":
        return {**value, "type": "http", "scheme": "basic"}
    if value.get("type") == "oauth2":
        flow = text(value.get("flow"), 40)
        return {**value, "flows": {_FLOWS.get(flow, flow): {"scopes": inner(value, "scopes")}}}
    return value
