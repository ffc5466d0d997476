"""What a .proto file declares, ready to be printed."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.core.errors import Problem


@dataclass(frozen=True, slots=True)
class ProtoField:
    """`type` as it is written, `value_type` the one it leads to (of a map, its values')."""

    name: str
    type: str
    value_type: str
    number: str
    label: str = ""
    oneof: str = ""
    description: str = ""
    deprecated: bool = False
    options: tuple[str, ...] = ()
    target: str = ""


@dataclass(frozen=True, slots=True)
class ProtoMessage:
    """`name` holds the names of the messages around it: `Reply.Rule`."""

    name: str
    description: str = ""
    fields: tuple[ProtoField, ...] = ()
    reserved: tuple[str, ...] = ()
    deprecated: bool = False
    extends: bool = False
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class ProtoValue:
    name: str
    number: str
    description: str = ""
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class ProtoEnum:
    name: str
    description: str = ""
    values: tuple[ProtoValue, ...] = ()
    deprecated: bool = False
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class ProtoMethod:
    name: str
    request: str
    response: str
    request_stream: bool = False
    response_stream: bool = False
    description: str = ""
    deprecated: bool = False
    options: tuple[str, ...] = ()
    anchor: str = ""
    request_target: str = ""
    response_target: str = ""


@dataclass(frozen=True, slots=True)
class ProtoService:
    name: str
    description: str = ""
    methods: tuple[ProtoMethod, ...] = ()
    deprecated: bool = False
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class ProtoFile:
    """`syntax` is for example `proto3` or `edition 2023`."""

    syntax: str = ""
    package: str = ""
    imports: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    services: tuple[ProtoService, ...] = ()
    messages: tuple[ProtoMessage, ...] = ()
    enums: tuple[ProtoEnum, ...] = ()
    problems: tuple[Problem, ...] = ()
