"""The format rules of the envelope: names, keys, tags, links. What `spec` may hold is said by its kind.

Rules: contract notes A3. Each `is_…` stands alone and takes any value; `check_envelope` applies them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from callboard.core.errors import Path, Problem
from callboard.model.casing import case_clashes
from callboard.model.urls import is_absolute_url, runs_code, scheme
from callboard.model.wording import described, shown

ROOT_FIELDS = frozenset(("apiVersion", "kind", "metadata", "spec"))
OUTPUT_ONLY = ("uid", "etag")

_NAME = re.compile(r"(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]").fullmatch
_KIND = re.compile(r"[a-zA-Z][a-z0-9A-Z]*").fullmatch
_VERSION = re.compile(r"[a-z0-9A-Z]+").fullmatch
_DNS_LABEL = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*").fullmatch
_TAG = re.compile(r"[a-z0-9:+#]+(?:-[a-z0-9:+#]+)*").fullmatch
_LABEL = 63
LONGEST_NAME = _LABEL
"""Of an entity, unless its kind says that names may be longer."""
_SUBDOMAIN = 253


def is_object_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _LABEL and _NAME(value) is not None


def _is_long_name(value: object, longest: int) -> bool:
    """Whether this would be the name of an object if names could have this many characters."""
    return isinstance(value, str) and _LABEL < len(value) <= longest and _NAME(value) is not None


def is_kind(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _LABEL and _KIND(value) is not None


def is_dns_label(value: object) -> bool:
    """Also the rule of `metadata.namespace`."""
    return isinstance(value, str) and 1 <= len(value) <= _LABEL and _DNS_LABEL(value) is not None


def is_dns_subdomain(value: object) -> bool:
    return (
        isinstance(value, str)
        and 1 <= len(value) <= _SUBDOMAIN
        and all(is_dns_label(part) for part in value.split("."))
    )


def is_api_version(value: object) -> bool:
    """`<prefix>/<version>` or `<version>`."""
    return isinstance(value, str) and len(value) <= _SUBDOMAIN + 1 + _LABEL and _api_version(value)


def is_key(value: object) -> bool:
    """The key of a label or an annotation: an object name, optionally behind a DNS subdomain and a slash."""
    return isinstance(value, str) and len(value) <= _SUBDOMAIN + 1 + _LABEL and _key(value)


def is_label_value(value: object) -> bool:
    return value == "" or is_object_name(value)


def is_tag(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _LABEL and _tag(value)


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_filled_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


@lru_cache(maxsize=1024)
def _api_version(value: str) -> bool:
    prefix, slash, version = value.rpartition("/")
    return (
        (not slash or is_dns_subdomain(prefix))
        and 1 <= len(version) <= _LABEL
        and _VERSION(version) is not None
    )


@lru_cache(maxsize=16384)
def _key(value: str) -> bool:
    prefix, slash, name = value.rpartition("/")
    return (not slash or is_dns_subdomain(prefix)) and is_object_name(name)


@lru_cache(maxsize=16384)
def _tag(value: str) -> bool:
    return _TAG(value) is not None


class Rule(NamedTuple):
    """A test, and the words for what passes it."""

    holds: Callable[[object], bool]
    expected: str


_NAME_TEXT = (
    "a string that is sequences of [a-zA-Z0-9] separated by any of [-_.], at most 63 characters in total"
)
NAME = Rule(is_object_name, _NAME_TEXT)
LABEL_VALUE = Rule(is_label_value, _NAME_TEXT)
NAMESPACE = Rule(
    is_dns_label, "a string that is sequences of [a-z0-9] separated by [-], at most 63 characters in total"
)
TAG = Rule(
    is_tag, "a string that is sequences of [a-z0-9:+#] separated by [-], at most 63 characters in total"
)
KIND = Rule(is_kind, "a string of [a-zA-Z0-9] that starts with a letter, at most 63 characters in total")
API_VERSION = Rule(
    is_api_version, 'a version such as "v1", optionally behind a lower-case domain, such as "example.org/v1"'
)
KEY = Rule(
    is_key, f'{_NAME_TEXT}, optionally behind a lower-case domain and a slash, such as "example.org/name"'
)
TEXT = Rule(is_text, "a string")
FILLED_TEXT = Rule(is_filled_text, "a string that is not empty")
URL = Rule(is_absolute_url, "an absolute URL")


def check_envelope(entity: Any, longest_name: int = LONGEST_NAME) -> list[Problem]:
    """Every mistake outside `spec`, each with the path of its field."""
    if not isinstance(entity, dict):
        return [Problem(f"an entity must be a mapping but is {described(entity)}")]
    problems = [
        Problem(f"Unknown field {shown(key)}", (str(key),)) for key in entity if key not in ROOT_FIELDS
    ]
    _field(problems, entity, (), "apiVersion", API_VERSION, required=True)
    _field(problems, entity, (), "kind", KIND, required=True)
    metadata = entity.get("metadata")
    if isinstance(metadata, dict):
        _check_metadata(problems, metadata, longest_name)
    else:
        problems.append(_not_a("metadata", "mapping", entity, ("metadata",)))
    problems.extend(case_clashes(entity))
    return problems


def _check_metadata(problems: list[Problem], metadata: dict[str, Any], longest_name: int) -> None:
    path = ("metadata",)
    if not _is_long_name(metadata.get("name"), longest_name):
        _field(problems, metadata, path, "name", NAME, required=True)
    _field(problems, metadata, path, "namespace", NAMESPACE)
    _field(problems, metadata, path, "title", FILLED_TEXT)
    _field(problems, metadata, path, "description", TEXT)
    for key in OUTPUT_ONLY:
        if key in metadata:
            text = f'"metadata.{key}" is set by the catalog and cannot be given in a descriptor'
            problems.append(Problem(text, (*path, key)))
    if "labels" in metadata:
        _check_pairs(problems, metadata, "labels", LABEL_VALUE)
    if "annotations" in metadata:
        _check_pairs(problems, metadata, "annotations", TEXT)
    if "tags" in metadata:
        _check_tags(problems, metadata)
    if "links" in metadata:
        _check_links(problems, metadata)


def _check_pairs(problems: list[Problem], metadata: dict[str, Any], field: str, rule: Rule) -> None:
    pairs = metadata[field]
    if not isinstance(pairs, dict):
        problems.append(_not_a(field, "mapping", metadata, ("metadata", field)))
        return
    for key, value in pairs.items():
        if not is_key(key):
            problems.append(_broken(f"{field}.{shown(key)}", KEY, key, ("metadata", field, str(key))))
        if not rule.holds(value):
            problems.append(_broken(f"{field}.{shown(key)}", rule, value, ("metadata", field, str(key))))


def _check_tags(problems: list[Problem], metadata: dict[str, Any]) -> None:
    tags = metadata["tags"]
    if not isinstance(tags, list):
        problems.append(_not_a("tags", "list", metadata, ("metadata", "tags")))
        return
    for index, tag in enumerate(tags):
        if not is_tag(tag):
            problems.append(_broken(f"tags.{index}", TAG, tag, ("metadata", "tags", index)))


def _check_links(problems: list[Problem], metadata: dict[str, Any]) -> None:
    links = metadata["links"]
    if not isinstance(links, list):
        problems.append(_not_a("links", "list", metadata, ("metadata", "links")))
        return
    for index, link in enumerate(links):
        path = ("metadata", "links", index)
        if not isinstance(link, dict):
            problems.append(Problem(f'"links.{index}" must be a mapping but is {described(link)}', path))
            continue
        name = f"links.{index}."
        _field(problems, link, path, "url", URL, required=True, name=name)
        for key in ("title", "icon"):
            _field(problems, link, path, key, FILLED_TEXT, name=name)
        url = link.get("url")
        if isinstance(url, str) and runs_code(url):
            text = f'"{name}url" is refused: a link of scheme "{scheme(url)}:" could run code in the portal'
            problems.append(Problem(text, (*path, "url")))


def _field(
    problems: list[Problem],
    parent: dict[str, Any],
    path: Path,
    key: str,
    rule: Rule,
    *,
    required: bool = False,
    name: str | None = None,
) -> None:
    """Check one field; `name` is what precedes the key in the message when the path does not say it."""
    if key in parent:
        if not rule.holds(parent[key]):
            label = (".".join(map(str, path)) + "." if path else "") if name is None else name
            problems.append(_broken(label + key, rule, parent[key], (*path, key)))
    elif required:
        label = (".".join(map(str, path)) + "." if path else "") if name is None else name
        problems.append(Problem(f'"{label}{key}" is required', (*path, key)))


def _broken(label: str, rule: Rule, value: Any, path: Path) -> Problem:
    return Problem(f'"{label}" is not valid; expected {rule.expected} but found "{shown(value)}".', path)


def _not_a(label: str, what: str, parent: dict[str, Any], path: Path) -> Problem:
    if path[-1] not in parent:
        return Problem(f'"{label}" is required', path)
    return Problem(f'"{label}" must be a {what} but is {described(parent[str(path[-1])])}', path)
