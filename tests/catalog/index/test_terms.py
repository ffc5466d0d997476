"""Flattening follows Backstage's search rows."""

from typing import Any

import pytest

from callboard.catalog.index.terms import flatten, scalar_text


def terms(entity: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(key, value) for (key, _), value in flatten(entity).items()}


def test_special_fields_are_skipped_and_added_again() -> None:
    found = terms(
        {
            "apiVersion": "v1",
            "kind": "API",
            "metadata": {"name": "Lamp", "uid": "U", "etag": "e"},
            "attachments": {"a": 1},
            "status": {"items": [{"level": "error"}]},
            "relations": [{"type": "ownedBy", "targetRef": "group:default/A"}],
        }
    )
    assert found == {
        ("apiversion", "v1"),
        ("kind", "API"),
        ("metadata.name", "Lamp"),
        ("metadata.namespace", "default"),
        ("metadata.uid", "U"),
        ("relations.ownedby", "group:default/A"),
    }


def test_arrays_give_items_as_values_and_strings_as_keys() -> None:
    found = terms({"metadata": {"tags": ["Java", 5, {"deep": True}]}})
    assert {("metadata.tags", "Java"), ("metadata.tags.java", "true"), ("metadata.tags", "5")} <= found
    assert ("metadata.tags.deep", "true") in found
    assert not any(key == "metadata.tags.5" for key, _ in found)


def test_long_values_exist_without_a_value_and_long_keys_not_at_all() -> None:
    found = terms({"spec": {"fits": "x" * 200, "long": "x" * 201, "none": None, "k" * 200: 1}})
    assert {("spec.fits", "x" * 200), ("spec.long", None), ("spec.none", None)} <= found
    assert not any(key.startswith("spec.kkk") for key, _ in found)
    # JavaScript counts UTF-16 units: a lighthouse is two.
    assert ("spec.a", None) in terms({"spec": {"a": "\U0001f5fc" * 101}})


def test_values_that_differ_only_in_case_are_one_term() -> None:
    found = [value for (key, _), value in flatten({"spec": {"a": ["X", "x"]}}).items() if key == "spec.a"]
    assert found == ["X"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (7.0, "7"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1.5, "1.5"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1e-7, "1e-7"),
        (0.000001, "0.000001"),
        (-1.25e-9, "-1.25e-9"),
        (123456789012345680000, "123456789012345680000"),
        (1.2345e25, "1.2345e+25"),
        (120.0, "120"),
        (-12.5, "-12.5"),
    ],
)
def test_numbers_are_written_as_javascript_writes_them(value: float, text: str) -> None:
    assert scalar_text(value) == text
