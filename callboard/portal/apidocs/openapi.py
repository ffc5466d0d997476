"""Reads OpenAPI 3.0 and 3.1 and Swagger 2.0 into what the page shows; mistakes become problems, not gaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callboard.portal.apidocs.anchors import Anchors
from callboard.portal.apidocs.document import Document, inner, items, text
from callboard.portal.apidocs.openapi_model import (
    Group,
    NamedSchema,
    OpenApi,
    Operation,
    SecurityScheme,
)
from callboard.portal.apidocs.openapi_operation import OperationReader, Site, security_words, servers_of
from callboard.portal.apidocs.references import References
from callboard.portal.apidocs.schema import Trees
from callboard.portal.apidocs.swagger import upgraded

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
MAX_OPERATIONS = 2_000
# Beyond this many operations, what they use is linked, not shown again at each.
_MANY_OPERATIONS = 150
_MAX_SCHEMAS = 3_000


def read_openapi(source: str) -> OpenApi | Document:
    """The definition in `source`, or the unreadable document, whose problems say why."""
    document = Document(source)
    if not document.is_readable:
        return document
    version = text(document.value.get("openapi") or document.value.get("swagger"), 40)
    if not version:
        document.complain('has no field "openapi" or "swagger", which would say what this is')
    is_swagger = "swagger" in document.value
    if is_swagger:
        document.value = upgraded(document.value)
    return _Reader(document).read(f"{'Swagger' if is_swagger else 'OpenAPI'} {version}".strip())


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._root = document.value
        self._references = References(self._root)
        self._anchors = Anchors()
        schemas = inner(document.mapping("components"), "schemas")
        self._named = {
            _pointer(name): self._anchors.make("schema", name) for name in list(schemas)[:_MAX_SCHEMAS]
        }
        self._schemas = schemas

    def read(self, specification: str) -> OpenApi:
        info = self._document.mapping("info")
        contact = inner(info, "contact")
        groups = self._groups()
        trees = Trees(self._references, self._named)
        named = [
            NamedSchema(name, anchor, trees.own_tree(_pointer(name), self._schemas[name], name=""))
            for name, anchor in zip(self._schemas, self._named.values(), strict=False)
        ]
        return OpenApi(
            title=text(info.get("title"), 300),
            version=text(info.get("version"), 80),
            specification=specification,
            summary=text(info.get("summary"), 1_000),
            description=text(info.get("description")),
            terms=text(info.get("termsOfService"), 2_000),
            license=text(inner(info, "license").get("name"), 200),
            contact=tuple(filter(None, (text(contact.get(key), 500) for key in ("name", "email", "url")))),
            documentation=text(inner(self._root, "externalDocs").get("url"), 2_000),
            servers=servers_of(self._root),
            groups=groups,
            schemas=tuple(named),
            security=self._security(),
            problems=tuple(self._document.problems),
        )

    def _groups(self) -> tuple[Group, ...]:
        paths = self._document.mapping("paths")
        webhooks = self._document.mapping("webhooks")
        if not paths and not webhooks and "components" not in self._root:
            self._document.complain('has no "paths": there is no operation to show', ("paths",))
        found = [
            *self._in_paths(paths, "paths"),
            *self._in_paths(webhooks, "webhooks"),
        ]
        if len(found) > MAX_OPERATIONS:
            message = f"has {len(found)} operations; the first {MAX_OPERATIONS} are shown"
            self._document.complain(message, ("paths",))
        trees = Trees(self._references, self._named, follow=len(found) <= _MANY_OPERATIONS)
        reader = OperationReader(self._document, self._references, trees)
        by_tag: dict[str, list[Operation]] = {}
        for site, item, value in found[:MAX_OPERATIONS]:
            anchor = self._anchors.make("operation", site.method, site.path)
            operation = reader.read(site, item, value, anchor)
            tag = next((text(each, 200) for each in items(value, "tags")), "")
            by_tag.setdefault(tag, []).append(operation)
        return self._tagged(by_tag)

    def _in_paths(
        self, paths: Mapping[str, Any], section: str
    ) -> list[tuple[Site, Mapping[str, Any], Mapping[str, Any]]]:
        found: list[tuple[Site, Mapping[str, Any], Mapping[str, Any]]] = []
        for path, given in paths.items():
            if path.startswith("x-"):
                continue
            followed = self._references.follow(given)
            if not isinstance(given, dict) or followed.failure:
                self._document.complain(followed.failure or "must be a mapping", (section, path))
                continue
            for method in METHODS:
                value = followed.value.get(method)
                if isinstance(value, dict):
                    found.append((Site(section, path, method), followed.value, value))
                elif value is not None:
                    self._document.complain("must be a mapping", (section, path, method))
        return found

    def _tagged(self, by_tag: dict[str, list[Operation]]) -> tuple[Group, ...]:
        """In the order in which the definition lists its tags, then as they were met."""
        listed = {
            text(tag.get("name"), 200): text(tag.get("description"))
            for tag in items(self._root, "tags")
            if isinstance(tag, dict)
        }
        order = [*(tag for tag in listed if tag in by_tag), *(tag for tag in by_tag if tag not in listed)]
        order.sort(key=lambda tag: tag == "")
        return tuple(
            Group(tag, self._anchors.make("tag", tag), listed.get(tag, ""), tuple(by_tag[tag]))
            for tag in order
        )

    def _security(self) -> tuple[SecurityScheme, ...]:
        schemes = inner(inner(self._root, "components"), "securitySchemes")
        return tuple(
            _scheme(name, self._references.follow(value).value) for name, value in list(schemes.items())[:100]
        )


def _pointer(name: str) -> str:
    return f"#/components/schemas/{name}"


def _scheme(name: str, scheme: Mapping[str, Any]) -> SecurityScheme:
    kind = text(scheme.get("type"), 80)
    detail = ""
    if kind == "apiKey":
        detail = f"{text(scheme.get('in'), 40)} {text(scheme.get('name'), 200)}".strip()
    elif kind == "http":
        detail = " ".join(
            filter(None, (text(scheme.get("scheme"), 80), text(scheme.get("bearerFormat"), 80)))
        )
    elif kind == "openIdConnect":
        detail = text(scheme.get("openIdConnectUrl"), 2_000)
    elif kind == "oauth2":
        flows = inner(scheme, "flows")
        detail = "; ".join(
            f"{flow[:80]}: {security_words(inner(flows[flow], 'scopes'))}" for flow in list(flows)[:8]
        )
    return SecurityScheme(name, kind, detail, text(scheme.get("description"), 4_000))
