"""How a plugin is configured, as the page shows it: whatever others wrote into its schema and examples."""

from __future__ import annotations

from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, SecretStr

from callboard.marketplace.entities import read_release
from callboard.marketplace.site.configuring import LONGEST, configuration_of
from callboard.marketplace.site.shown import Configuration
from tests.marketplace.model.shelves import entity


class Station(BaseModel):
    name: str = Field(description="As `the pilots` call it.")
    deep: bool = False


class Tides(BaseModel):
    station: Station
    unit: Literal["m", "ft"] = "m"
    days: int | None = Field(7, description="How far ahead.")
    token: SecretStr
    harbours: list[str] = []


def shown(**spec: Any) -> Configuration:
    return configuration_of(
        [read_release(entity("Release", "tides-1", listing="tides", version="1", **spec))]
    )


def test_a_schema_becomes_a_table_that_one_can_read() -> None:
    found = shown(configKey="tides", configSchema=Tides.model_json_schema())
    rows = [(one.name, one.type, one.required, one.default) for one in found.options]
    assert rows == [
        ("tides.station.name", "text", True, ""),
        ("tides.station.deep", "yes or no", False, "false"),
        ("tides.unit", "one of m, ft", False, "m"),
        ("tides.days", "whole number", False, "7"),
        ("tides.token", "secret", True, ""),
        ("tides.harbours", "list of: text", False, "[]"),
    ]
    assert found.options[0].about == "As the pilots call it."
    assert found.options[3].about == "How far ahead."


def test_examples_are_yaml_as_one_would_write_it() -> None:
    examples = [
        {"title": "Default", "content": {"tides": {"unit": "m", "harbours": ["north"]}}},
        {"title": "As text", "content": "tides:\n  unit: ft\n"},
        {"title": "Nothing", "content": None},
        {"content": {"a": "x" * 2 * LONGEST}},
    ]
    first, second, third = shown(configExamples=examples).examples
    assert (first.title, first.code) == ("Default", "tides:\n  unit: m\n  harbours:\n  - north")
    assert second.code == "tides:\n  unit: ft"
    assert third.title == "Example"
    assert len(third.code) <= LONGEST


def test_what_needs_no_configuration_says_so_and_silence_says_nothing() -> None:
    assert shown(configNotRequired=True).unneeded
    assert not shown()
    assert not configuration_of([])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["object", "#/a", "null", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["properties", "type", "$ref", "anyOf", "items", "enum", "required", "default", "a"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON, JSON)
def test_whatever_a_schema_or_an_example_holds_nothing_raises(schema: Any, content: Any) -> None:
    given_schema = schema if isinstance(schema, dict) else {"properties": {"a": schema}}
    shown(configSchema=given_schema, configExamples=[{"title": 1, "content": content}, {"content": schema}])


def test_a_schema_that_refers_to_itself_ends() -> None:
    loop = {"properties": {"a": {"$ref": "#"}}, "$ref": "#"}
    assert shown(configSchema=loop).options
