"""The manifest of a plugin: what its declaration says, as JSON, readable without running any of its code.

A distribution ships it as `callboard-plugin.json` beside the module that declares the plugin. People see it
before they install; a plugin whose code declares something else than its manifest is not loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import orjson

from callboard.plugins.contract import Contribution, Plugin

FILE = "callboard-plugin.json"

Manifest = dict[str, Any]
"""JSON, hence Any."""


def manifest_of(plugin: Plugin) -> Manifest:
    """The manifest of a declaration, without the version: that is the distribution's."""
    return {
        "id": plugin.id,
        "title": plugin.title,
        "description": plugin.description,
        "api": plugin.api,
        "needs": [{"name": need.name, "why": need.why} for need in plugin.needs],
        "config": {"key": plugin.key, "schema": plugin.config.model_json_schema()} if plugin.config else None,
        "contributions": [described(one) for one in plugin.contributions],
    }


def described(contribution: Contribution) -> dict[str, Any]:
    """A contribution as data: its kind and every field that is plain; what only runs is left out."""
    values = {
        field.name: _plain(getattr(contribution, field.name))
        for field in fields(contribution)  # type: ignore[arg-type]  # every contribution is a dataclass
    }
    shown = {name: value for name, value in values.items() if value is not _RUNS}
    return {"kind": type(contribution).__name__, **shown}


def differences(plugin: Plugin, approved: Mapping[str, Any]) -> list[str]:
    """The parts in which a declaration differs from an approved manifest (JSON, hence Any).

    A field that the manifest does not know counts for nothing while it is at its default: that kind of
    contribution was given the field after the manifest was written.
    """
    declared = manifest_of(plugin)
    known = approved.get("contributions")
    if isinstance(known, list) and len(known) == len(plugin.contributions):
        pairs = zip(plugin.contributions, declared["contributions"], known, strict=True)
        declared["contributions"] = [_as_known(*one) for one in pairs]
    return [key for key in declared if declared[key] != approved.get(key)]


def _as_known(contribution: Contribution, shown: dict[str, Any], known: Any) -> dict[str, Any]:
    """What is shown of a contribution without the defaults of fields that `known` (JSON) has not got."""
    if not isinstance(known, Mapping):
        return shown
    usual = {
        field.name: _plain(field.default)
        for field in fields(contribution)  # type: ignore[arg-type]  # every contribution is a dataclass
        if field.default is not MISSING
    }
    return {
        name: value
        for name, value in shown.items()
        if name in known or name not in usual or value != usual[name]
    }


def manifest_bytes(plugin: Plugin) -> bytes:
    """The file as it is shipped: indented, so that a difference is readable."""
    return orjson.dumps(manifest_of(plugin), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


_RUNS: Any = object()


def _plain(value: Any) -> Any:
    """The value as JSON; `_RUNS` for functions, folders and other things that are not data."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        items = [_plain(item) for item in value]
        return _RUNS if any(item is _RUNS for item in items) else items
    if isinstance(value, Path):
        return value.name
    return _RUNS
