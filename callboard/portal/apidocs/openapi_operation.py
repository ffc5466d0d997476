"""Reads one operation of an OpenAPI definition: parameters, bodies, responses and what it requires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from callboard.core.errors import Path
from callboard.portal.apidocs.document import Document, as_json, inner, items, text
from callboard.portal.apidocs.example import example_of, example_text
from callboard.portal.apidocs.openapi_model import Body, Media, Operation, Parameter, Response, Server
from callboard.portal.apidocs.references import References
from callboard.portal.apidocs.schema import Schema, Trees

_PLACES = ("path", "query", "header", "cookie")
_MAX_PARAMETERS = 200
_MAX_MEDIA = 20


def security_words(names: Iterable[object]) -> str:
    return ", ".join(text(name, 100) for name in list(names)[:50])


class Site(NamedTuple):
    """Where an operation stands; `section` is `paths` or `webhooks`."""

    section: str
    path: str
    method: str


class OperationReader:
    """Reads the operations of one document, which share references, trees and the list of problems."""

    def __init__(self, document: Document, references: References, trees: Trees) -> None:
        self._document = document
        self._references = references
        self._trees = trees

    def read(self, site: Site, item: Mapping[str, Any], value: Mapping[str, Any], anchor: str) -> Operation:
        """The operation `value` of the path item `item`; `site` is where that stands."""
        place: Path = site
        return Operation(
            anchor=anchor,
            method=site.method.upper(),
            path=site.path,
            id=text(value.get("operationId"), 300),
            summary=text(value.get("summary") or item.get("summary"), 1_000),
            description=text(value.get("description") or item.get("description")),
            deprecated=value.get("deprecated") is True,
            parameters=self._parameters(item, value, place),
            body=self._body(value.get("requestBody"), place),
            responses=self._responses(value, place),
            security=self._security(value),
            servers=servers_of(value) or servers_of(item),
            is_webhook=site.section == "webhooks",
        )

    def _parameters(
        self, item: Mapping[str, Any], value: Mapping[str, Any], place: Path
    ) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for owner, base in ((item, place[:-1]), (value, place)):
            for index, given in enumerate(items(owner, "parameters")[:_MAX_PARAMETERS]):
                followed = self._references.follow(given)
                if followed.failure:
                    self._document.complain(followed.failure, (*base, "parameters", index))
                    continue
                parameter = self._parameter(text(followed.value.get("name"), 300), followed.value)
                if not parameter.name or parameter.place not in _PLACES:
                    message = 'needs a "name" and an "in", which is path, query, header or cookie'
                    self._document.complain(message, (*base, "parameters", index))
                    continue
                found[parameter.place, parameter.name] = parameter
        return tuple(sorted(found.values(), key=lambda each: _PLACES.index(each.place)))

    def _parameter(self, name: str, value: Mapping[str, Any], place: str = "") -> Parameter:
        """A parameter, or a header of a response when `place` is given."""
        media = next(iter(inner(value, "content").values()), None)
        schema = value.get("schema", inner({"": media}, "").get("schema", {}))
        place = place or text(value.get("in"), 20)
        example = value.get("example")
        if example is None:
            named = next(iter(inner(value, "examples").values()), None)
            example = self._references.follow(named).value.get("value")
        if example is None:
            example = example_of(schema, self._references) if place == "path" else _given(schema)
        return Parameter(
            name,
            place,
            self._trees.tree(schema),
            required=value.get("required") is True or place == "path",
            deprecated=value.get("deprecated") is True,
            description=text(value.get("description"), 4_000),
            example=_in_a_form(example),
        )

    def _body(self, given: Any, place: Path) -> Body | None:
        if given is None:
            return None
        followed = self._references.follow(given)
        if followed.failure or not isinstance(given, dict):
            self._document.complain(followed.failure or "must be a mapping", (*place, "requestBody"))
            return None
        value = followed.value
        description = text(value.get("description"), 4_000)
        return Body(description, value.get("required") is True, self._media(value, with_example=True))

    def _media(self, value: Mapping[str, Any], *, with_example: bool = False) -> tuple[Media, ...]:
        found = []
        for kind, given in list(inner(value, "content").items())[:_MAX_MEDIA]:
            media = self._references.follow(given).value
            schema = media.get("schema")
            tree: Schema | None = None if schema is None else self._trees.tree(schema)
            example = media.get("example")
            if example is None:
                named = next(iter(inner(media, "examples").values()), None)
                example = self._references.follow(named).value.get("value")
            if example is not None:
                written = as_json(example)
            elif with_example and schema is not None and _is_json(kind):
                written = example_text(schema, self._references)
            else:
                written = ""
            found.append(Media(kind[:200], tree, written))
        return tuple(found)

    def _responses(self, value: Mapping[str, Any], place: Path) -> tuple[Response, ...]:
        found = []
        for status, given in list(inner(value, "responses").items())[:100]:
            followed = self._references.follow(given)
            if followed.failure:
                self._document.complain(followed.failure, (*place, "responses", status))
            response = followed.value
            headers = tuple(
                self._parameter(name, self._references.follow(header).value, "header")
                for name, header in list(inner(response, "headers").items())[:_MAX_PARAMETERS]
            )
            description = text(response.get("description"), 4_000)
            found.append(Response(status[:40], description, headers, self._media(response)))
        return tuple(found)

    def _security(self, value: Mapping[str, Any]) -> tuple[str, ...]:
        """The alternatives in words; `none` when the operation says that it needs nothing."""
        own = isinstance(value.get("security"), list)
        alternatives = items(value, "security") if own else items(self._document.value, "security")
        found = []
        for each in alternatives[:20]:
            if isinstance(each, dict):
                found.append(" and ".join(_requirement(*pair) for pair in list(each.items())[:20]) or "none")
        return tuple(found) or (("none",) if own else ())


def _requirement(name: str, scopes: object) -> str:
    words = security_words(scopes) if isinstance(scopes, list) else ""
    return f"{name[:200]} ({words})" if words else name[:200]


def servers_of(value: Mapping[str, Any]) -> tuple[Server, ...]:
    """The servers of a document, path or operation, with the defaults of their variables."""
    found = []
    for server in items(value, "servers")[:50]:
        if not isinstance(server, dict):
            continue
        url = text(server.get("url"), 2_000)
        for name, variable in list(inner(server, "variables").items())[:20]:
            if default := text(inner({"": variable}, "").get("default"), 200):
                url = url.replace(f"{{{name}}}", default)[:4_000]
        found.append(Server(url, text(server.get("description"), 1_000)))
    return tuple(found)


def _given(schema: object) -> object:
    """The example or default that a schema states itself; nothing is made up for what may be left out."""
    if not isinstance(schema, dict):
        return None
    return schema.get("example", schema.get("default"))


def _in_a_form(example: object) -> str:
    if isinstance(example, list) and all(isinstance(each, str | int | float) for each in example):
        return text(",".join(text(each, 200) for each in example[:50]), 2_000)
    return text(example, 2_000)


def _is_json(media_type: str) -> bool:
    kind = media_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")
