"""An approved manifest still fits after a kind of contribution was given another field."""

from __future__ import annotations

from typing import Any

from callboard.plugins import Plugin
from callboard.plugins.contributions import ScheduledTask
from callboard.plugins.manifest import differences, manifest_of


async def run(*_: object) -> None:
    """Nothing."""


def plugin(**changes: Any) -> Plugin:
    return Plugin("tides", "Tides", (ScheduledTask("note", run, every=60, **changes),))


def approved(**without: str) -> dict[str, Any]:
    found = manifest_of(plugin())
    for name in without:
        del found["contributions"][0][name]
    return found


def test_a_field_at_its_default_that_the_manifest_does_not_know_is_no_difference() -> None:
    assert differences(plugin(), approved()) == []
    assert differences(plugin(), approved(timeout="a field of later")) == []


def test_any_other_value_and_any_other_contribution_is() -> None:
    assert differences(plugin(timeout=5.0), approved(timeout="a field of later")) == ["contributions"]
    assert differences(plugin(), approved(every="no default")) == ["contributions"]
    assert differences(plugin(title="Another"), approved()) == ["contributions"]
    twice = Plugin("tides", "Tides", plugin().contributions * 2)
    assert differences(twice, approved()) == ["contributions"]
