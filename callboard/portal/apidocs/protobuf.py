"""Reads a .proto file (proto2, proto3, editions) into what the page shows: services, messages, enums.

Reads on after a mistake, at the next statement, so that one bad line does not hide the others.
"""

from __future__ import annotations

from dataclasses import replace

from callboard.core.errors import Problem
from callboard.portal.apidocs.anchors import Anchors
from callboard.portal.apidocs.protobuf_model import ProtoFile
from callboard.portal.apidocs.protobuf_reader import NOT_CLOSED, Statements
from callboard.portal.apidocs.protobuf_tokens import tokenize

_MAX_CHARACTERS = 4 * 2**20


def read_protobuf(source: str) -> ProtoFile:
    """The file in `source`; what cannot be read is named in the problems."""
    if len(source) > _MAX_CHARACTERS:
        message = f"the file is larger than {_MAX_CHARACTERS // 2**20} MiB; it is shown as text only"
        return ProtoFile(problems=(Problem(message),))
    tokens = tokenize(source)
    read = Statements(tokens)
    read.file()
    problems = list(read.problems)
    if tokens.problem is not None:
        # The text broke off there; what is open because of that is no mistake of its own.
        broken = _place(tokens.problem)
        problems = [one for one in problems if one.message != NOT_CLOSED and _place(one) < broken]
        problems.append(tokens.problem)
    found = read.services or read.messages or read.enums
    if not found and not problems:
        problems.append(Problem("there is no service, message or enum in this file", (), 1, 1))
    problems.sort(key=_place)
    return _linked(read, tuple(problems))


def _place(problem: Problem) -> tuple[int, int]:
    return problem.line or 0, problem.column or 0


def _linked(read: Statements, problems: tuple[Problem, ...]) -> ProtoFile:
    """The file with an anchor for each type, and at each use of a type the anchor of it."""
    anchors = Anchors()
    targets: dict[str, str] = {}
    for name in (
        *(each.name for each in read.messages if not each.extends),
        *(each.name for each in read.enums),
    ):
        if name not in targets:
            targets[name] = anchors.make("type", name)
    free = dict(targets)

    def anchor(name: str) -> str:
        """The anchor of a declaration: the one that is linked, unless an earlier one of that name has it."""
        return free.pop(name, "") or anchors.make("other", name)

    def target(written: str, scope: str) -> str:
        """As protobuf looks names up: from the innermost scope outward, with or without the package."""
        name = written.removeprefix(".")
        if read.package and name.startswith(f"{read.package}."):
            name = name.removeprefix(f"{read.package}.")
        parts = scope.split(".") if scope and not written.startswith(".") else []
        for length in range(len(parts), -1, -1):
            candidate = ".".join([*parts[:length], name])
            if candidate in targets:
                return targets[candidate]
        return ""

    messages = tuple(
        replace(
            message,
            anchor=anchors.make("extension", message.name) if message.extends else anchor(message.name),
            fields=tuple(
                replace(each, target=target(each.value_type, message.name)) for each in message.fields
            ),
        )
        for message in read.messages
    )
    services = tuple(
        replace(
            service,
            anchor=anchors.make("service", service.name),
            methods=tuple(
                replace(
                    method,
                    anchor=anchors.make("method", service.name, method.name),
                    request_target=target(method.request, ""),
                    response_target=target(method.response, ""),
                )
                for method in service.methods
            ),
        )
        for service in read.services
    )
    enums = tuple(replace(each, anchor=anchor(each.name)) for each in read.enums)
    return ProtoFile(
        read.syntax,
        read.package,
        tuple(read.imports),
        tuple(read.options),
        services,
        messages,
        enums,
        problems,
    )
