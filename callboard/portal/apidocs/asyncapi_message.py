"""Reads a message of an AsyncAPI definition: payload and headers as schema trees, with examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callboard.portal.apidocs.document import as_json, items, text
from callboard.portal.apidocs.example import example_text
from callboard.portal.apidocs.references import References, name_of
from callboard.portal.apidocs.schema import Schema, Trees


@dataclass(frozen=True, slots=True)
class Message:
    """`language` names a payload schema that is not JSON Schema (Avro, for example): shown as text only."""

    name: str
    title: str = ""
    summary: str = ""
    description: str = ""
    content_type: str = ""
    deprecated: bool = False
    payload: Schema | None = None
    headers: Schema | None = None
    language: str = ""
    payload_text: str = ""
    examples: tuple[tuple[str, str], ...] = ()


class MessageReader:
    """Reads the messages of one document. What one message says is kept: many operations share it."""

    def __init__(self, references: References, trees: Trees, content_type: str) -> None:
        self._references = references
        self._trees = trees
        self._content_type = content_type
        self._read: dict[str, Message] = {}

    def read(self, given: Any, key: str = "") -> Message:
        """The message `given` (any JSON value, hence Any); `key` is its name where it has none itself."""
        followed = self._references.follow(given)
        pointer = followed.pointers[-1] if followed.pointers else ""
        if pointer in self._read:
            return self._read[pointer]
        message = self._message(
            self._with_traits(followed.value), key or (name_of(pointer) if pointer else "")
        )
        if pointer:
            self._read[pointer] = message
        return message

    def _with_traits(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        result: dict[str, Any] = {}
        for trait in items(value, "traits")[:20]:
            result |= self._references.follow(trait).value
        return {**result, **value} if result else value

    def _message(self, value: Mapping[str, Any], key: str) -> Message:
        payload: Any = value.get("payload")
        language = text(value.get("schemaFormat"), 200)
        if isinstance(payload, dict) and "schemaFormat" in payload:  # a multi-format schema of version 3
            language, payload = text(payload["schemaFormat"], 200), payload.get("schema")
        is_json_schema = not language or "asyncapi" in language or "schema+" in language
        headers = value.get("headers")
        return Message(
            name=text(value.get("name"), 300) or key[:300],
            title=text(value.get("title"), 300),
            summary=text(value.get("summary"), 1_000),
            description=text(value.get("description")),
            content_type=text(value.get("contentType"), 200) or self._content_type,
            deprecated=value.get("deprecated") is True,
            payload=self._trees.tree(payload) if payload is not None and is_json_schema else None,
            headers=None if headers is None else self._trees.tree(headers),
            language="" if is_json_schema else language,
            payload_text="" if is_json_schema or payload is None else as_json(payload),
            examples=self._examples(value, payload if is_json_schema else None),
        )

    def _examples(self, value: Mapping[str, Any], payload: Any) -> tuple[tuple[str, str], ...]:
        found = []
        for each in items(value, "examples")[:20]:
            if not isinstance(each, dict):
                continue
            shown = each.get("payload", each)
            found.append((text(each.get("name") or each.get("summary"), 300), as_json(shown)))
        if not found and isinstance(payload, dict):
            found.append(("Made from the schema", example_text(payload, self._references)))
        return tuple(pair for pair in found if pair[1])
