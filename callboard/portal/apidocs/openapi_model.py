"""What an OpenAPI definition says, ready to be printed: plain values, no reference left to follow."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.core.errors import Problem
from callboard.portal.apidocs.schema import Schema


@dataclass(frozen=True, slots=True)
class Server:
    """`url` has the defaults of its variables filled in."""

    url: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """`place` is path, query, header or cookie; `example` is text that can stand in a form."""

    name: str
    place: str
    schema: Schema
    required: bool = False
    deprecated: bool = False
    description: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """One media type of a body."""

    type: str
    schema: Schema | None = None
    example: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    description: str
    required: bool
    media: tuple[Media, ...]


@dataclass(frozen=True, slots=True)
class Response:
    """`status` is a code, a range such as 4XX, or default."""

    status: str
    description: str
    headers: tuple[Parameter, ...] = ()
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """`security` lists the alternatives in words; `servers` only what differs from the whole API."""

    anchor: str
    method: str
    path: str
    id: str = ""
    summary: str = ""
    description: str = ""
    deprecated: bool = False
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    responses: tuple[Response, ...] = ()
    security: tuple[str, ...] = ()
    servers: tuple[Server, ...] = ()
    is_webhook: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Operations that share their first tag; those without one come last, under an empty name."""

    name: str
    anchor: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class NamedSchema:
    name: str
    anchor: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """`detail` says where the credential goes."""

    name: str
    type: str
    detail: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class OpenApi:
    """`specification` is the format with its version, for example `OpenAPI 3.1.0`."""

    title: str
    version: str
    specification: str
    summary: str = ""
    description: str = ""
    terms: str = ""
    license: str = ""
    contact: tuple[str, ...] = ()
    documentation: str = ""
    servers: tuple[Server, ...] = ()
    groups: tuple[Group, ...] = ()
    schemas: tuple[NamedSchema, ...] = ()
    security: tuple[SecurityScheme, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(operation for group in self.groups for operation in group.operations)
