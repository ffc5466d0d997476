"""Reads the statements of a .proto file from its tokens: declarations, fields, methods and options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from callboard.core.errors import Problem
from callboard.portal.apidocs.protobuf_cursor import Cursor, Option, is_deprecated
from callboard.portal.apidocs.protobuf_model import (
    ProtoEnum,
    ProtoField,
    ProtoMessage,
    ProtoMethod,
    ProtoService,
    ProtoValue,
)
from callboard.portal.apidocs.protobuf_tokens import ProtoSyntaxError, Token, Tokens

MAX_PROBLEMS = 20
NOT_CLOSED = 'this "{" is not closed'
_MAX_DEPTH = 40
_LABELS = ("optional", "required", "repeated")


class Statements(Cursor):
    """A walk over the tokens of one file, which gathers what it declares."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens)
        self.syntax = ""
        self.package = ""
        self.imports: list[str] = []
        self.options: list[str] = []
        self.services: list[ProtoService] = []
        self.messages: list[ProtoMessage] = []
        self.enums: list[ProtoEnum] = []
        self.problems: list[Problem] = []
        self._is_open = False

    def file(self) -> None:
        while self.now.kind != "end":
            self._carefully(self._top_level)

    def _carefully(self, read: Callable[..., None], *given: object) -> None:
        """Read one statement; after a mistake go on behind it."""
        before = self.at
        try:
            read(*given)
        except ProtoSyntaxError as error:
            if len(self.problems) < MAX_PROBLEMS:
                self.problems.append(error.problem)
            self.skip_statement()
            if self.at == before:
                self.next()

    def _top_level(self) -> None:
        first = self.now
        if self.take(";"):
            return
        if first.text in ("syntax", "edition") and self.is_ahead("="):
            self.next()
            self.expect("=")
            value = self.text()
            self.syntax = value if first.text == "syntax" else f"edition {value}"
            self.expect(";")
        elif first.text == "package":
            self.next()
            self.package = self.word("the name of the package")
            self.expect(";")
        elif first.text == "import":
            self.next()
            if not (self.take("public") or self.take("weak")):
                self.take("option")
            self.imports.append(self.text()[:500])
            self.expect(";")
        elif first.text == "option":
            self.options.append(self.option_statement().words)
        elif first.text == "service":
            self._service(first)
        elif not self._declaration(first, "", 0):
            raise ProtoSyntaxError(f'"{first.text[:40]}" cannot begin a statement here', first)

    def _declaration(self, first: Token, scope: str, depth: int) -> bool:
        """Read a message, enum or extension, which may stand in a file and in a message."""
        if first.text in ("export", "local") and (self.is_ahead("message") or self.is_ahead("enum")):
            self.next()
        keyword = self.now.text
        if keyword == "message":
            self.next()
            self._message(first, scope, depth)
        elif keyword == "enum":
            self.next()
            self._enum(first, scope)
        elif keyword == "extend":
            self.next()
            name = self.word("the type that is extended")
            self._body(first, ProtoMessage(name.lstrip("."), extends=True), scope, depth)
        else:
            return False
        return True

    def _message(self, first: Token, scope: str, depth: int) -> None:
        self._body(first, ProtoMessage(_full(scope, self.word("the name of the message"))), scope, depth)

    def _body(self, first: Token, message: ProtoMessage, scope: str, depth: int) -> None:
        opened = self.expect("{")
        if depth >= _MAX_DEPTH:
            raise ProtoSyntaxError("messages are nested too deep to show", opened)
        body = _MessageBody(message.name, scope if message.extends else message.name, depth)
        place = len(self.messages)
        description = self.described(first, opened.line)
        while not self.is_at("}") and self.now.kind != "end":
            self._carefully(self._member, body, "")
        self._close(opened)
        read = ProtoMessage(
            message.name,
            description,
            tuple(body.fields),
            tuple(body.reserved),
            body.deprecated,
            message.extends,
        )
        self.messages.insert(place, read)  # before the messages that are nested in it

    def _close(self, opened: Token) -> None:
        if not self.take("}") and not self._is_open:
            self._is_open = True
            self.problems.append(Problem(NOT_CLOSED, (), opened.line, opened.column))

    def _member(self, body: _MessageBody, oneof: str) -> None:
        first = self.now
        if self.take(";"):
            return
        if first.text == "oneof" and not oneof:
            self.next()
            name = self.word("the name of the oneof")
            opened = self.expect("{")
            while not self.is_at("}") and self.now.kind != "end":
                self._carefully(self._member, body, name)
            self._close(opened)
        elif first.text == "option" and not self.is_ahead("="):
            option = self.option_statement()
            body.deprecated = body.deprecated or (option.name == "deprecated" and option.value == "true")
        elif first.text in ("reserved", "extensions"):
            self.next()
            body.reserved.append(f"{first.text} {self.until(';', '[')}")
            if self.is_at("["):
                self.options_in_brackets()
            self.expect(";")
        elif not self._declaration(first, body.scope, body.depth + 1):
            self._field(first, body, oneof)

    def _field(self, first: Token, body: _MessageBody, oneof: str) -> None:
        label = self.next().text if self.now.text in _LABELS else ""
        if self.is_at("map") and self.is_ahead("<"):
            self.next()
            self.expect("<")
            key = self.word("the type of the keys")
            self.expect(",")
            value = self.word("the type of the values")
            self.expect(">")
            kind = f"map<{key}, {value}>"
        else:
            kind = value = self.word("a type")
        name = self.word("the name of the field")
        self.expect("=")
        number = self.number()
        options = self.options_in_brackets() if self.is_at("[") else []
        if kind == "group" and self.is_at("{"):
            kind = value = name
            self._body(first, ProtoMessage(_full(body.scope, name)), body.scope, body.depth + 1)
            last_line = first.line
        else:
            last_line = self.expect(";").line
        body.fields.append(
            ProtoField(
                name,
                kind,
                value,
                number,
                label,
                oneof,
                self.described(first, last_line),
                is_deprecated(options),
                tuple(option.words for option in options if option.name != "deprecated"),
            )
        )

    def _enum(self, first: Token, scope: str) -> None:
        name = self.word("the name of the enum")
        opened = self.expect("{")
        description = self.described(first, opened.line)
        values: list[ProtoValue] = []
        marks: list[Option] = []
        while not self.is_at("}") and self.now.kind != "end":
            self._carefully(self._value, values, marks)
        self._close(opened)
        self.enums.append(ProtoEnum(_full(scope, name), description, tuple(values), is_deprecated(marks)))

    def _value(self, values: list[ProtoValue], marks: list[Option]) -> None:
        first = self.now
        if self.take(";"):
            return
        if first.text == "option" and not self.is_ahead("="):
            marks.append(self.option_statement())
        elif first.text == "reserved" and not self.is_ahead("="):
            self.until(";")
            self.expect(";")
        else:
            name = self.word("the name of a value")
            self.expect("=")
            number = self.number()
            options = self.options_in_brackets() if self.is_at("[") else []
            line = self.expect(";").line
            values.append(ProtoValue(name, number, self.described(first, line), is_deprecated(options)))

    def _service(self, first: Token) -> None:
        self.next()
        name = self.word("the name of the service")
        opened = self.expect("{")
        description = self.described(first, opened.line)
        methods: list[ProtoMethod] = []
        marks: list[Option] = []
        while not self.is_at("}") and self.now.kind != "end":
            self._carefully(self._method, methods, marks)
        self._close(opened)
        self.services.append(ProtoService(name, description, tuple(methods), is_deprecated(marks)))

    def _method(self, methods: list[ProtoMethod], marks: list[Option]) -> None:
        first = self.now
        if self.take(";"):
            return
        if first.text == "option":
            marks.append(self.option_statement())
            return
        self.expect("rpc")
        name = self.word("the name of the method")
        request, request_stream = self._stream_or_message()
        self.expect("returns")
        response, response_stream = self._stream_or_message()
        options: list[Option] = []
        line = self.now.line
        if self.take("{"):
            while not self.is_at("}") and self.now.kind != "end":
                if not self.take(";"):
                    options.append(self.option_statement())
            self.expect("}")
            self.take(";")
        else:
            self.expect(";")
        methods.append(
            ProtoMethod(
                name,
                request,
                response,
                request_stream,
                response_stream,
                self.described(first, line),
                is_deprecated(options),
                tuple(option.words for option in options if option.name != "deprecated"),
            )
        )

    def _stream_or_message(self) -> tuple[str, bool]:
        self.expect("(")
        stream = self.is_at("stream") and not self.is_ahead(")") and self.take("stream")
        name = self.word("the name of a message")
        self.expect(")")
        return name, stream


@dataclass(slots=True)
class _MessageBody:
    """A message while it is read. `scope` is what the names declared in it begin with."""

    name: str
    scope: str
    depth: int
    deprecated: bool = False
    fields: list[ProtoField] = field(default_factory=list)
    reserved: list[str] = field(default_factory=list)


def _full(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name
