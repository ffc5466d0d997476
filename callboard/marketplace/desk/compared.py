"""What a submitted plugin adds, asks for and can be configured with, beside the release before it. Pure.

Both manifests are somebody else's text; whoever shows what is made here escapes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from callboard.catalog.difference import Change, diff
from callboard.marketplace.desk.inside import Inside, Manifest
from callboard.marketplace.desk.records import Json, Listing, Release
from callboard.marketplace.versions import version_order
from callboard.plugins.words import NEEDS, added

MOST_SETTINGS = 100
MAX_TEXT = 300
_DEPTH = 3
_READ_FROM_WHEEL = frozenset({"readme"})


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    new: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Contributions of one kind, `gone` those of the release before that are none any more."""

    title: str
    lines: tuple[Line, ...]
    more: int
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A need with what it allows, in plain words, and its reason; `was` is the reason it had before."""

    name: str
    meaning: str
    why: str
    new: bool
    was: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that can be configured; `default` is JSON as text, empty where there is none."""

    key: str
    title: str
    about: str
    kind: str
    default: str
    required: bool
    new: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """`before` is the version compared with, empty for a first release."""

    before: str
    groups: tuple[Group, ...]
    needs: tuple[Asked, ...]
    needs_gone: tuple[str, ...]
    settings: tuple[Setting, ...]
    settings_gone: tuple[str, ...]
    fields: tuple[Change, ...]

    @property
    def news(self) -> int:
        """How many contributions and permissions are asked for anew."""
        lines = sum(line.new for group in self.groups for line in group.lines)
        return lines + sum(need.new for need in self.needs)


def before_of(releases: Sequence[Release], version: str, sha256: str) -> Release | None:
    """The newest release below a version, else the newest of the others; None for a first one."""
    others = [one for one in releases if one.sha256 != sha256]
    own = version_order(version)
    below = [one for one in others if version_order(one.version) < own]
    return max(below or others, key=lambda one: version_order(one.version), default=None)


def compared(found: Inside, release: Release | None, listing: Listing | None, fields: Json) -> Compared:
    """What the wheel declares beside the release before, and what the listing says now that it did not."""
    manifest: Manifest = found.manifest or {}
    known: Manifest = {} if release is None else release.manifest
    first = release is None
    needs, had = _needs(manifest), _needs(known)
    settings, could = list(_settings(manifest)), {one.key for one in _settings(known)}
    changes = [] if listing is None else diff(listing.fields, fields, _READ_FROM_WHEEL)
    return Compared(
        before="" if release is None else release.version,
        groups=tuple(_groups(manifest, known, first=first)),
        needs=tuple(
            Asked(
                name,
                NEEDS.get(name, name),
                why,
                not first and name not in had,
                had[name] if had.get(name, why) != why else "",
            )
            for name, why in needs.items()
        ),
        needs_gone=tuple(name for name in had if name not in needs),
        settings=tuple(_marked(one, not first and one.key not in could) for one in settings),
        settings_gone=tuple(sorted(could - {one.key for one in settings})),
        fields=tuple(changes),
    )


def _groups(manifest: Manifest, known: Manifest, *, first: bool) -> Iterator[Group]:
    had = {one.title: one for one in added(known)}
    for one in added(manifest):
        before = had.pop(one.title, None)
        items = () if before is None else before.items
        lines = tuple(Line(text, not first and text not in items) for text in one.items)
        yield Group(one.title, lines, one.more, tuple(text for text in items if text not in one.items))
    for one in had.values():
        yield Group(one.title, (), 0, one.items)


def _needs(manifest: Manifest) -> dict[str, str]:
    return {_text(one["name"]): _text(one["why"]) for one in manifest.get("needs", ())}


def _settings(manifest: Manifest) -> Iterator[Setting]:
    config = manifest.get("config")
    schema = config.get("schema") if isinstance(config, Mapping) else None
    if isinstance(schema, Mapping):
        for at, one in enumerate(_within(schema, schema, "", _DEPTH)):
            if at == MOST_SETTINGS:
                return
            yield one


def _within(root: Mapping[str, Any], schema: Mapping[str, Any], above: str, deep: int) -> Iterator[Setting]:
    """The values of an object's schema (JSON, hence Any), those of objects in it under dotted keys."""
    properties, wanted = schema.get("properties"), schema.get("required")
    demanded = wanted if isinstance(wanted, list) else []
    for key, given in properties.items() if isinstance(properties, Mapping) else ():
        if not isinstance(given, Mapping):
            continue
        one = _resolved(root, given)
        name = f"{above}{_text(key)}"
        if deep and isinstance(one.get("properties"), Mapping):
            yield from _within(root, one, f"{name}.", deep - 1)
            continue
        default = orjson.dumps(one["default"]).decode()[:MAX_TEXT] if "default" in one else ""
        about = _text(given.get("description")) or _text(one.get("description"))
        title = _text(given.get("title")) or _text(one.get("title"))
        yield Setting(name, title, about, _kind(root, one), default, key in demanded, new=False)


def _resolved(root: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema without its reference into the definitions of the same document."""
    for _ in range(_DEPTH):
        ref = schema.get("$ref")
        if not isinstance(ref, str) or not ref.startswith("#/$defs/"):
            break
        definitions = root.get("$defs")
        found = definitions.get(ref.removeprefix("#/$defs/")) if isinstance(definitions, Mapping) else None
        if not isinstance(found, Mapping):
            break
        schema = {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
    return schema


def _kind(root: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What a value may be, in a word or two."""
    if isinstance(choices := schema.get("enum"), list):
        return " | ".join(_text(str(one)) for one in choices[:20])
    if schema.get("format") == "password" or schema.get("writeOnly") is True:
        return "secret"
    if isinstance(several := schema.get("anyOf"), list):
        kinds = [_kind(root, _resolved(root, one)) for one in several if isinstance(one, Mapping)]
        return " or ".join(dict.fromkeys(kinds))[:MAX_TEXT]
    kind = schema.get("type")
    if kind == "array" and isinstance(items := schema.get("items"), Mapping):
        return f"list of {_kind(root, _resolved(root, items))}"[:MAX_TEXT]
    return _text(kind) or "any"


def _marked(one: Setting, new: bool) -> Setting:
    return Setting(one.key, one.title, one.about, one.kind, one.default, one.required, new)


def _text(value: Any) -> str:
    """A text of somebody else's JSON (hence Any), cut where nobody reads on."""
    return value[:MAX_TEXT] if isinstance(value, str) else ""
