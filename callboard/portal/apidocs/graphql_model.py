"""What a GraphQL schema says, ready to be printed."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.core.errors import Problem


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument, or a field of an input. `target` is the anchor of its type, where that is shown."""

    name: str
    type: str
    target: str = ""
    description: str = ""
    default: str = ""
    deprecated: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """`deprecated` is the reason, or empty."""

    anchor: str
    name: str
    type: str
    target: str = ""
    description: str = ""
    deprecated: str = ""
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    name: str
    description: str = ""
    deprecated: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """The name of a type, with its anchor where it is shown."""

    name: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Type:
    """`kind` is type, interface, input, enum, union or scalar; `links` are interfaces or members."""

    anchor: str
    name: str
    kind: str
    description: str = ""
    links: tuple[Link, ...] = ()
    fields: tuple[Field, ...] = ()
    inputs: tuple[Argument, ...] = ()
    values: tuple[Value, ...] = ()
    directives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directive:
    name: str
    description: str
    arguments: tuple[Argument, ...]
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GraphQLApi:
    """`description` is the one of the schema itself."""

    description: str = ""
    queries: tuple[Field, ...] = ()
    mutations: tuple[Field, ...] = ()
    subscriptions: tuple[Field, ...] = ()
    types: tuple[Type, ...] = ()
    directives: tuple[Directive, ...] = ()
    problems: tuple[Problem, ...] = ()
