"""docs/reference/plugin-contract.md says what the code says: every kind, every field, type and default."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, get_args

import pytest

from callboard.plugins import Contribution, Need, Plugin, PluginContext
from callboard.plugins.contract import NeedName

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "plugin-contract.md").read_text("utf-8")
ROW = re.compile(r"^\| `(\w+)` \| `(.+?)` \| *(?:`([^|]+)` )?\| (.+) \|$", re.M)


def kinds() -> Iterator[type[Contribution]]:
    """Every kind of contribution, by its name."""

    def below(kind: type[Contribution]) -> Iterator[type[Contribution]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    importlib.import_module("callboard.host")  # brings every feature in
    found = {
        f"{one.__module__}.{one.__name__}": one
        for one in below(Contribution)
        if one.__module__.startswith("callboard.")
    }
    for name in found:
        module, _, kind = name.rpartition(".")
        yield getattr(importlib.import_module(module), kind)  # not the one before `slots` made another


KINDS: list[Any] = [Plugin, Need, *kinds()]


def section(name: str) -> str:
    found = re.search(rf"^##+ {name}\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S)
    assert found, f"{name} is not described"
    return found[1]


def default(one: Field[Any]) -> str | None:
    if one.default is MISSING:
        return None
    if callable(one.default):
        return str(one.default.__name__)
    return json.dumps(list(one.default) if isinstance(one.default, tuple) else one.default)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_fields_of_a_kind_are_described(kind: Any) -> None:
    shown = [
        (row[0], row[1].replace(r"\|", "|"), row[2] or None) for row in ROW.findall(section(kind.__name__))
    ]
    wanted = [(one.name, str(one.type), default(one)) for one in fields(kind) if one.name != "_"]
    assert shown == wanted


def test_every_kind_can_be_imported_from_where_the_page_says() -> None:
    named = re.findall(r"^## From `([^`]+)`\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    found = {
        name: importlib.import_module(module)
        for module, text in named
        for name in re.findall(r"^### (\w+)$", text, re.M)
    }
    assert sorted(found) == sorted(kind.__name__ for kind in kinds())
    assert [name for name, module in found.items() if not hasattr(module, name)] == []


def test_every_need_and_everything_of_a_context_is_described() -> None:
    assert [name for name in get_args(NeedName) if f"| `{name}` |" not in PAGE] == []
    public = [name for name in vars(PluginContext) if not name.startswith("_")]
    assert [name for name in public if f"| `{name}(" not in PAGE] == []


def test_every_module_that_the_page_names_exists() -> None:
    for name in set(re.findall(r"`(callboard\.[\w.]+)`", PAGE)):
        module, _, attribute = name.rpartition(".")
        if attribute[0].isupper():
            assert hasattr(importlib.import_module(module), attribute), name
        else:
            importlib.import_module(name)
