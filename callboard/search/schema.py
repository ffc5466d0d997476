"""The fields of the tantivy index, and how a document fills them.

Texts arrive here as words separated by spaces (see `words`), so tantivy only splits at spaces.
"""

from __future__ import annotations

from typing import Any

import tantivy

from callboard.search.documents import Document
from callboard.search.words import fold, squash, words

ID, STORED, FILTER, WHOLE, TYPE = "id", "stored", "filter", "whole", "document_type"
NAME, TITLE, TAGS, ABOUT, TEXT = "name", "title", "tags", "about", "text"
WORDS = (NAME, TITLE, TAGS, ABOUT, TEXT)
WEIGHT, ALPHABET, SEEN = "weight", "alphabet", "seen"

FACETS = {"types": TYPE} | {
    one: f"facet_{one}" for one in ("kind", "type", "lifecycle", "owner", "namespace")
}
"""The fields that can be counted, by the name in a request; `types` are the types of documents."""

SPACES = "spaces"
# Tantivy multiplies the score by log2(2 + weight): at most 6 % for all of this, which only orders equals.
_SHORT = 40  # letters of a title at which it stops being worse than a shorter one
_LONGEST_FILTER = 300
_LONGEST_TEXT = 200_000


def new_index(folder: str) -> tantivy.Index:
    """An empty index in an empty folder."""
    index = tantivy.Index(SCHEMA, path=folder)
    spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(SPACES, spaces)
    return index


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for raw in (ID, FILTER, WHOLE):
        builder.add_text_field(raw, tokenizer_name="raw", index_option="basic")
    for counted in FACETS.values():
        builder.add_text_field(counted, tokenizer_name="raw", index_option="basic", fast=True)
    for text in WORDS:
        builder.add_text_field(text, tokenizer_name=SPACES, index_option="position")
    builder.add_float_field(WEIGHT, fast=True)
    builder.add_unsigned_field(ALPHABET, fast=True)
    builder.add_unsigned_field(SEEN, indexed=True)
    builder.add_bytes_field(STORED, stored=True)
    return builder.build()


SCHEMA = _schema()


def identity(type: str, key: str) -> str:
    """The value of ID, by which a document is replaced and deleted."""
    return f"{type}\n{key}"


def filter_term(key: str, value: object) -> str:
    """The value of FILTER that documents with this value have; case does not matter."""
    text = str(value).lower() if isinstance(value, bool) else fold(str(value))
    return printable(f"{key}\n{text[:_LONGEST_FILTER]}")


def printable(text: str) -> str:
    """What people typed can carry lone surrogates, which UTF-8 and hence tantivy cannot."""
    return text.encode("utf-8", "replace").decode()


def filled(document: Document, seen: int) -> tantivy.Document:
    """The document as tantivy takes it; `seen` is the number of its ref."""
    row, fields = tantivy.Document(), document.fields
    names, titles = document.names, (document.title, *document.titles)
    row.add_text(ID, identity(document.type, document.key or document.location))
    row.add_text(TYPE, document.type)
    for whole in {squash(one) for one in (*names, *titles)} - {""}:
        row.add_text(WHOLE, whole)
    row.add_text(NAME, _spaced(*names))
    row.add_text(TITLE, _spaced(*titles))
    row.add_text(TAGS, _spaced(*document.tags))
    row.add_text(TEXT, _spaced(document.text[:_LONGEST_TEXT]))
    about: list[str] = []
    for key, value in fields.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, str | int | float):
                row.add_text(FILTER, filter_term(key, one))
    for name, field in FACETS.items():
        known = fields.get(name)
        if isinstance(known, str) and known:
            row.add_text(field, known)
            about.append(known)
    row.add_text(ABOUT, _spaced(*about))
    for key, values in (*document.filters.items(), ("tags", document.tags)):
        for one in values:
            row.add_text(FILTER, filter_term(key, one))
    shortest = min(len(one) for one in (*names, document.title))
    row.add_float(WEIGHT, 0.02 + 0.06 * max(0, _SHORT - shortest) / _SHORT if document.prominent else 0.0)
    row.add_unsigned(ALPHABET, _alphabet(document.title))
    row.add_unsigned(SEEN, seen)
    row.add_bytes(STORED, document.stored())
    return row


def _spaced(*texts: str) -> str:
    found: list[str] = []
    for text in texts:
        found += words(text)
    return " ".join(found)


def _alphabet(title: str) -> int:
    """A number that orders titles by their first eight letters."""
    return int.from_bytes(squash(title).encode()[:8].ljust(8, b"\0"), "big")


def stored_in(found: Any) -> bytes:
    """The stored bytes of a document that tantivy found (which it types as Any)."""
    value: bytes = found.get_first(STORED)
    return bytes(value)
