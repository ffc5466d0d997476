"""The difference of two versions names every field that differs, and nothing else."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from callboard.catalog.difference import Change, diff

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(("a", "b", "")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=12,
)


def test_fields_that_came_went_or_differ_are_named() -> None:
    before = {"spec": {"owner": "a", "type": "service"}}
    after = {"spec": {"owner": "b", "lifecycle": "production"}}
    assert diff(before, after) == [
        Change("spec.owner", "changed", "a", "b"),
        Change("spec.lifecycle", "added", None, "production"),
        Change("spec.type", "removed", "service"),
    ]


def test_uid_and_etag_say_nothing() -> None:
    before = {"metadata": {"name": "n", "uid": "1", "etag": "x"}}
    assert diff(before, {"metadata": {"name": "n", "uid": "2", "etag": "y"}}) == []
    assert diff({}, before) == [Change("metadata.name", "added", None, "n")]


def test_plain_lists_are_sets() -> None:
    before, after = {"metadata": {"tags": ["a", "b"]}}, {"metadata": {"tags": ["c", "b", "b"]}}
    assert diff(before, after) == [
        Change("metadata.tags", "removed", "a"),
        Change("metadata.tags", "added", None, "c"),
    ]
    assert diff(before, {"metadata": {"tags": ["b", "a"]}}) == []
    assert diff({"metadata": {}}, {"metadata": {"tags": ["a"]}}) == [
        Change("metadata.tags", "added", None, "a")
    ]


def test_relations_are_compared_by_type_and_target() -> None:
    def owned(*names: str) -> dict[str, Any]:
        return {"relations": [{"type": "ownedBy", "targetRef": f"group:default/{name}"} for name in names]}

    assert diff(owned("a", "b"), owned("b", "c")) == [
        Change("relations.ownedBy", "removed", "group:default/a"),
        Change("relations.ownedBy", "added", None, "group:default/c"),
    ]
    assert diff(owned("a", "b"), owned("b", "a")) == []


def test_objects_in_lists_of_equal_length_are_compared_by_place() -> None:
    before = {"metadata": {"links": [{"url": "u", "title": "old"}]}}
    after = {"metadata": {"links": [{"url": "u", "title": "new"}]}}
    assert diff(before, after) == [Change("metadata.links[0].title", "changed", "old", "new")]


def test_true_is_not_one() -> None:
    assert diff({"a": True}, {"a": 1}) == [Change("a", "changed", True, 1)]
    assert diff({"a": 1}, {"a": 1.0}) == []


def as_sets(value: Any) -> Any:
    """The value with its lists as sets."""
    if isinstance(value, dict):
        return {key: as_sets(item) for key, item in sorted(value.items())}
    return (
        sorted({orjson.dumps(as_sets(item)).decode() for item in value}) if isinstance(value, list) else value
    )


@given(st.dictionaries(st.sampled_from("xyz"), JSON), st.dictionaries(st.sampled_from("xyz"), JSON))
def test_both_directions_tell_as_much_and_silence_means_the_same(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert diff(before, before) == []
    assert len(diff(before, after)) == len(diff(after, before))
    if not diff(before, after):
        assert orjson.dumps(as_sets(before)) == orjson.dumps(as_sets(after))
