"""Reads a GraphQL schema (SDL, or the JSON of an introspection query) into what the page shows.

Only the syntax is checked: a schema that names types of another file is still shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from graphql import (
    DirectiveNode,
    GraphQLError,
    ListTypeNode,
    NamedTypeNode,
    Node,
    NonNullTypeNode,
    StringValueNode,
    build_client_schema,
    parse,
    print_ast,
    print_schema,
)

from callboard.core.errors import Problem
from callboard.core.http_body import too_deep
from callboard.portal.apidocs.anchors import Anchors
from callboard.portal.apidocs.document import read_json, text
from callboard.portal.apidocs.graphql_model import Argument, Directive, Field, GraphQLApi, Link, Type, Value

MAX_TOKENS = 200_000
_MAX_CHARACTERS = 4 * 2**20
_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
_KINDS = {
    "object_type": "type",
    "interface_type": "interface",
    "input_object_type": "input",
    "enum_type": "enum",
    "union_type": "union",
    "scalar_type": "scalar",
}
_BUILT_IN_DIRECTIVES = {"deprecated", "specifiedBy", "oneOf"}


def read_graphql(source: str) -> GraphQLApi:
    """The schema in `source`; with a problem and nothing else when its syntax is wrong."""
    if len(source) > _MAX_CHARACTERS:
        return _failed(f"the schema is larger than {_MAX_CHARACTERS // 2**20} MiB; it is shown as text only")
    sdl, note = _from_introspection(source) if source.lstrip().startswith("{") else (source, None)
    try:
        document = parse(sdl, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        place = error.locations[0] if error.locations else None
        message = error.message.removeprefix("Syntax Error: ")
        return _failed(note or message, *((place.line, place.column) if place and not note else ()))
    except RecursionError:
        return _failed("the schema is nested too deep to be read")
    return _Reader(list(document.definitions)).read()


def _failed(message: str, line: int | None = None, column: int | None = None) -> GraphQLApi:
    return GraphQLApi(problems=(Problem(message, (), line, column),))


def _from_introspection(source: str) -> tuple[str, str | None]:
    """SDL for the answer to an introspection query; otherwise the source and what is wrong with it."""
    value = read_json(source)
    if value is None:
        return source, None
    data = value.get("data", value) if isinstance(value, dict) else {}
    if not isinstance(data, dict) or "__schema" not in data or too_deep(data):
        return source, "this JSON is not the answer to an introspection query"
    try:
        return print_schema(build_client_schema(cast(Any, data), assume_valid=True)), None
    except Exception as error:  # the library raises whatever a malformed answer makes it stumble over
        return source, f"this answer to an introspection query cannot be read: {str(error)[:300]}"


class _Reader:
    def __init__(self, definitions: list[Any]) -> None:  # Any: nodes differ in what they have
        self._definitions = definitions
        self._anchors = Anchors()
        self._targets: dict[str, str] = {}
        self._roots = dict(_ROOTS)
        self._problems: list[Problem] = []

    def read(self) -> GraphQLApi:
        description = self._note_roots()
        fields: dict[str, tuple[Field, ...]] = {}
        for node in self._definitions:
            name = _type_name(node)
            if name and name not in self._targets and name not in self._roots.values():
                self._targets[name] = self._anchors.make("type", name)
        types: dict[str, Type] = {}
        directives = []
        for node in self._definitions:
            if name := _type_name(node):
                read = self._type(node, name)
                types[name] = _extended(types[name], read) if name in types else read
            elif node.kind == "directive_definition":
                directives.append(self._directive(node))
            elif node.kind not in ("schema_definition", "schema_extension"):
                words = node.kind.replace("_", " ")
                place = (node.loc.start_token.line, node.loc.start_token.column) if node.loc else (None, None)
                self._problems.append(Problem(f"this is no part of a schema: {words}", (), *place))
        for root, name in self._roots.items():
            fields[root] = types.pop(name).fields if name in types else ()
        return GraphQLApi(
            description,
            fields["query"],
            fields["mutation"],
            fields["subscription"],
            tuple(sorted(types.values(), key=lambda each: list(_KINDS.values()).index(each.kind))),
            tuple(directives),
            tuple(self._problems[:20]),
        )

    def _note_roots(self) -> str:
        """Learn which types are the entry points; gives the description of the schema."""
        description = ""
        for node in self._definitions:
            if node.kind == "schema_definition":
                description = _description(node)
                self._roots = dict.fromkeys(_ROOTS, "")
        for node in self._definitions:
            if node.kind in ("schema_definition", "schema_extension"):
                for operation in node.operation_types or ():
                    self._roots[operation.operation.value] = operation.type.name.value
        return description

    def _type(self, node: Any, name: str) -> Type:
        kind = _KINDS[_stem(node)]
        listed = getattr(node, "interfaces", None) or (node.types if kind == "union" else None) or ()
        given = getattr(node, "fields", None) or ()
        links = [each.name.value for each in listed]
        return Type(
            anchor=self._targets.get(name, ""),
            name=name,
            kind=kind,
            description=_description(node),
            links=tuple(Link(link, self._targets.get(link, "")) for link in links),
            fields=tuple(self._field(each, name) for each in given) if kind != "input" else (),
            inputs=tuple(self._argument(each) for each in given) if kind == "input" else (),
            values=tuple(
                Value(each.name.value, _description(each), _deprecation(each))
                for each in getattr(node, "values", None) or ()
            ),
            directives=tuple(
                text(print_ast(each), 500)
                for each in node.directives or ()
                if each.name.value not in _BUILT_IN_DIRECTIVES
            ),
        )

    def _field(self, node: Any, owner: str) -> Field:
        words, base = _type_words(node.type)
        name = node.name.value
        return Field(
            self._anchors.make("field", owner, name),
            name,
            words,
            self._targets.get(base, ""),
            _description(node),
            _deprecation(node),
            tuple(self._argument(each) for each in node.arguments or ()),
        )

    def _argument(self, node: Any) -> Argument:
        words, base = _type_words(node.type)
        default = "" if node.default_value is None else text(print_ast(node.default_value), 500)
        target = self._targets.get(base, "")
        return Argument(node.name.value, words, target, _description(node), default, _deprecation(node))

    def _directive(self, node: Any) -> Directive:
        arguments = tuple(self._argument(each) for each in node.arguments or ())
        places = tuple(each.value for each in node.locations)
        return Directive(node.name.value, _description(node), arguments, places)


def _stem(node: Any) -> str:
    return str(node.kind).removesuffix("_definition").removesuffix("_extension")


def _type_name(node: Any) -> str:
    return node.name.value if _stem(node) in _KINDS else ""


def _extended(first: Type, more: Type) -> Type:
    return replace(
        first,
        description=first.description or more.description,
        links=first.links + more.links,
        fields=first.fields + more.fields,
        inputs=first.inputs + more.inputs,
        values=first.values + more.values,
        directives=first.directives + more.directives,
    )


def _description(node: Any) -> str:
    found = getattr(node, "description", None)
    return text(found.value) if isinstance(found, StringValueNode) else ""


def _deprecation(node: Any) -> str:
    for directive in node.directives or ():
        if isinstance(directive, DirectiveNode) and directive.name.value == "deprecated":
            for argument in directive.arguments or ():
                if argument.name.value == "reason" and isinstance(argument.value, StringValueNode):
                    return text(argument.value.value, 1_000) or "Deprecated"
            return "No longer supported"
    return ""


def _type_words(node: Node) -> tuple[str, str]:
    """A type as it is written, and the name in it: `[Pier!]!`, `Pier`."""
    if isinstance(node, ListTypeNode):
        inside, base = _type_words(node.type)
        return f"[{inside}]", base
    if isinstance(node, NonNullTypeNode):
        inside, base = _type_words(node.type)
        return f"{inside}!", base
    name = node.name.value if isinstance(node, NamedTypeNode) else ""
    return name, name
