"""Reads AsyncAPI 2 and 3 into what the page shows: servers, channels, operations and messages.

In version 2 operations are written from the caller's side: what one may `publish`, the application
receives. Here `send` and `receive` are always the application's, as in version 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callboard.core.errors import Path, Problem
from callboard.portal.apidocs.anchors import Anchors
from callboard.portal.apidocs.asyncapi_message import Message, MessageReader
from callboard.portal.apidocs.document import Document, inner, items, text
from callboard.portal.apidocs.openapi_model import NamedSchema
from callboard.portal.apidocs.references import References, name_of
from callboard.portal.apidocs.schema import Trees

_MAX = 1_000
_ACTIONS_OF_2 = {"publish": "receive", "subscribe": "send"}


@dataclass(frozen=True, slots=True)
class AsyncServer:
    name: str
    url: str
    protocol: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class ChannelParameter:
    name: str
    description: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AsyncOperation:
    """`action` is `send` or `receive`, seen from the application. `reply` is the channel of the answer."""

    anchor: str
    action: str
    id: str = ""
    summary: str = ""
    description: str = ""
    reply: str = ""
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """`messages` are those that no operation of the channel shows already."""

    anchor: str
    name: str
    address: str
    title: str = ""
    description: str = ""
    servers: tuple[str, ...] = ()
    parameters: tuple[ChannelParameter, ...] = ()
    operations: tuple[AsyncOperation, ...] = ()
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class AsyncApi:
    title: str
    version: str
    specification: str
    description: str = ""
    contact: tuple[str, ...] = ()
    license: str = ""
    content_type: str = ""
    servers: tuple[AsyncServer, ...] = ()
    channels: tuple[Channel, ...] = ()
    schemas: tuple[NamedSchema, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_asyncapi(source: str) -> AsyncApi | Document:
    """The definition in `source`, or the unreadable document, whose problems say why."""
    document = Document(source)
    if not document.is_readable:
        return document
    version = text(document.value.get("asyncapi"), 40)
    if not version:
        document.complain('has no field "asyncapi", which would say what this is')
    return _Reader(document, is_2=version.startswith("2")).read(f"AsyncAPI {version}".strip())


class _Reader:
    def __init__(self, document: Document, *, is_2: bool) -> None:
        self._document = document
        self._is_2 = is_2
        self._root = document.value
        self._references = References(self._root)
        self._anchors = Anchors()
        self._schemas = dict(list(inner(document.mapping("components"), "schemas").items())[:_MAX])
        self._named = {f"#/components/schemas/{n}": self._anchors.make("schema", n) for n in self._schemas}
        self._trees = Trees(self._references, self._named)
        self._message = MessageReader(
            self._references, self._trees, text(self._root.get("defaultContentType"), 200)
        )

    def read(self, specification: str) -> AsyncApi:
        info = self._document.mapping("info")
        contact = inner(info, "contact")
        channels = self._channels()
        trees = Trees(self._references, self._named)
        named = [
            NamedSchema(name, anchor, trees.own_tree(pointer, self._schemas[name], name=""))
            for name, (pointer, anchor) in zip(self._schemas, self._named.items(), strict=True)
        ]
        return AsyncApi(
            title=text(info.get("title"), 300),
            version=text(info.get("version"), 80),
            specification=specification,
            description=text(info.get("description")),
            contact=tuple(filter(None, (text(contact.get(key), 500) for key in ("name", "email", "url")))),
            license=text(inner(info, "license").get("name"), 200),
            content_type=text(self._root.get("defaultContentType"), 200),
            servers=self._servers(),
            channels=channels,
            schemas=tuple(named),
            problems=tuple(self._document.problems),
        )

    def _servers(self) -> tuple[AsyncServer, ...]:
        found = []
        for name, given in list(self._document.mapping("servers").items())[:100]:
            server = self._references.follow(given).value
            protocol = text(server.get("protocol"), 80)
            host = f"{protocol}://{text(server.get('host'), 1_000)}{text(server.get('pathname'), 1_000)}"
            url = host if "host" in server else text(server.get("url"), 2_000)
            for variable, value in list(inner(server, "variables").items())[:20]:
                if default := text(self._references.follow(value).value.get("default"), 200):
                    url = url.replace(f"{{{variable}}}", default)[:4_000]
            found.append(AsyncServer(name[:200], url, protocol, text(server.get("description"), 4_000)))
        return tuple(found)

    def _channels(self) -> tuple[Channel, ...]:
        given = self._document.mapping("channels")
        if not given:
            self._document.complain('has no "channels": there is nothing to show', ("channels",))
        by_channel = {} if self._is_2 else self._operations_of_3()
        found = []
        for name, value in list(given.items())[:_MAX]:
            followed = self._references.follow(value)
            if followed.failure or not isinstance(value, dict):
                self._document.complain(followed.failure or "must be a mapping", ("channels", name))
                continue
            found.append(self._channel(name, followed.value, by_channel.get(name, [])))
        return tuple(found)

    def _channel(self, name: str, value: Mapping[str, Any], operations: list[Mapping[str, Any]]) -> Channel:
        address = name if self._is_2 else text(value.get("address"), 1_000)
        if self._is_2:
            own = [
                self._operation_of_2(value[key], action, address)
                for key, action in _ACTIONS_OF_2.items()
                if isinstance(value.get(key), dict)
            ]
        else:
            own = [self._operation_of_3(operation, value) for operation in operations]
        shown = {message.name for operation in own for message in operation.messages}
        listed = inner(value, "messages") if not self._is_2 else {}
        rest = [self._message.read(each, key) for key, each in list(listed.items())[:_MAX]]
        return Channel(
            anchor=self._anchors.make("channel", name),
            name=name[:300],
            address=address,
            title=text(value.get("title"), 300),
            description=text(value.get("description") or value.get("summary")),
            servers=tuple(
                name_of(text(each.get("$ref"), 300)) if isinstance(each, dict) else text(each, 300)
                for each in items(value, "servers")[:50]
            ),
            parameters=self._parameters(value),
            operations=tuple(own),
            messages=tuple(message for message in rest if message.name not in shown),
        )

    def _parameters(self, channel: Mapping[str, Any]) -> tuple[ChannelParameter, ...]:
        found = []
        for name, given in list(inner(channel, "parameters").items())[:100]:
            value = self._references.follow(given).value
            values = items(value, "enum") or items(inner(value, "schema"), "enum")
            words = tuple(text(each, 200) for each in values[:100])
            found.append(ChannelParameter(name[:200], text(value.get("description"), 4_000), words))
        return tuple(found)

    def _operation_of_2(self, value: Mapping[str, Any], action: str, address: str) -> AsyncOperation:
        message = self._references.follow(value.get("message")).value
        options = items(message, "oneOf") or ([value["message"]] if "message" in value else [])
        return AsyncOperation(
            anchor=self._anchors.make("operation", text(value.get("operationId"), 200) or action, address),
            action=action,
            id=text(value.get("operationId"), 300),
            summary=text(value.get("summary"), 1_000),
            description=text(value.get("description")),
            messages=tuple(self._message.read(option) for option in options[:_MAX]),
        )

    def _operations_of_3(self) -> dict[str, list[Mapping[str, Any]]]:
        """Operations by the name of their channel; they are written beside the channels, not in them."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for name, given in list(self._document.mapping("operations").items())[:_MAX]:
            operation = self._references.follow(given).value
            where: Path = ("operations", name)
            pointer = text(inner(operation, "channel").get("$ref"), 1_000)
            if not pointer.startswith("#/channels/"):
                self._document.complain('needs a "channel" with a reference to one of "channels"', where)
                continue
            if name_of(pointer) not in inner(self._root, "channels"):
                self._document.complain(f"there is no channel {name_of(pointer)[:200]}", where)
            found.setdefault(name_of(pointer), []).append({**operation, "operationId": name})
        return found

    def _operation_of_3(self, value: Mapping[str, Any], channel: Mapping[str, Any]) -> AsyncOperation:
        name = text(value.get("operationId"), 300)
        action = text(value.get("action"), 40)
        given = items(value, "messages")[:_MAX]
        # An operation that lists no messages can carry all of its channel's.
        messages = (
            [self._message.read(each) for each in given]
            if "messages" in value
            else [
                self._message.read(each, key) for key, each in list(inner(channel, "messages").items())[:_MAX]
            ]
        )
        reply = text(inner(inner(value, "reply"), "channel").get("$ref"), 1_000)
        return AsyncOperation(
            anchor=self._anchors.make("operation", name),
            action=action if action in ("send", "receive") else "",
            id=name,
            summary=text(value.get("summary") or value.get("title"), 1_000),
            description=text(value.get("description")),
            reply=name_of(reply) if reply else "",
            messages=tuple(messages),
        )
