"""The envelope: every format rule, kept and broken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.core.errors import field_name
from callboard.model import format as rules
from callboard.model.format import check_envelope
from callboard.model.urls import is_absolute_url, runs_code

from .entities import entity

LONG = "a" * 64


def fields(value: Any) -> list[str]:
    return [problem.field for problem in check_envelope(value)]


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        (
            rules.is_api_version,
            ["v1", "backstage.io/v1alpha1", "a.b-c.d/V9", f"{'a' * 63}.b/v1"],
            ["", "/v1", "a/", "A.b/v1", "a/b/v1", "a..b/v1", "v-1", f"{LONG}/v1", f"a/{LONG}", None, 1],
        ),
        (rules.is_kind, ["Component", "a", "A1"], ["", "1a", "a-b", "a b", "é", LONG, "A\n", None, 5]),
        (
            rules.is_object_name,
            ["a", "A.b_c-d", "0", "a" * 63],
            ["", "-a", "a-", ".a", "a.", "a b", "a/b", "é", LONG, "a\n", None, 5, True, []],
        ),
        (
            rules.is_dns_label,
            ["a", "a-b", "a--b", "0"],
            ["", "A", "-a", "a-", "a_b", "a.b", LONG, "a\n", None],
        ),
        (rules.is_dns_subdomain, ["a", "a.b", "a-b.c"], ["", ".", "a.", ".a", "A.b", "a." * 127 + "b", None]),
        (
            rules.is_key,
            ["a", "A_b", "example.org/a", "a-b.c/D.e"],
            ["", "/a", "a/", "a/b/c", "A.b/c", "a b", LONG, f"a/{LONG}", None, 5],
        ),
        (rules.is_label_value, ["", "a", "1.0", "A-b"], [" ", "a b", "-a", LONG, None, 5]),
        (
            rules.is_tag,
            ["java", "c++", "c#", "a:b", "a-b", "0"],
            ["", "Java", "a--b", "-a", "a_b", "a b", LONG, "a\n", None, 5],
        ),
        (rules.is_filled_text, ["a", " "], ["", None, 5, []]),
        (rules.is_text, ["", "a"], [None, 5, {}]),
        (
            is_absolute_url,
            [
                "https://example.org",
                "https://example.org:8080/a?b#c",
                " https://example.org ",
                "mailto:a@example.org",
                "https:example.org",
                "http://user:pw@example.org",
                "http://[::1]:80/",
                "https://münchen.example",
                "slack://channel?id=1",
                "file:///etc",
            ],
            [
                "",
                "example.org",
                "/a",
                "https://",
                "https:///",
                "http://a b",
                "http://a:99999",
                "http://a:x",
                "http://[::1",
                "http://a%20b",
                "://a",
                "1a:b",
                None,
                5,
            ],
        ),
    ],
)
def test_each_rule_accepts_what_is_right_and_refuses_what_is_wrong(
    rule: Any, right: list[Any], wrong: list[Any]
) -> None:
    assert [value for value in right if not rule(value)] == []
    assert [value for value in wrong if rule(value)] == []


ANY_WRONG: list[Any] = [None, 5, 1.5, True, [], {}]
NO_MAPPING: list[Any] = [None, 5, "a", True, []]
NO_LIST: list[Any] = [None, 5, "a", True, {}]
BROKEN_METADATA: list[tuple[str, Any, str]] = [
    *(("name", value, "metadata.name") for value in [*ANY_WRONG, "", "bad name!", LONG]),
    *(("namespace", value, "metadata.namespace") for value in [*ANY_WRONG, "", "Upper", LONG]),
    *(("title", value, "metadata.title") for value in [*ANY_WRONG, ""]),
    *(("description", value, "metadata.description") for value in ANY_WRONG),
    *(("labels", value, "metadata.labels") for value in NO_MAPPING),
    *(("annotations", value, "metadata.annotations") for value in NO_MAPPING),
    *(("tags", value, "metadata.tags") for value in NO_LIST),
    *(("links", value, "metadata.links") for value in NO_LIST),
    *(("labels", {"a": value}, "metadata.labels.a") for value in [*ANY_WRONG, "spaced value", LONG]),
    *(("annotations", {"a": value}, "metadata.annotations.a") for value in ANY_WRONG),
    *(("tags", ["ok", value], "metadata.tags[1]") for value in [*ANY_WRONG, "", "UP", "a b", LONG]),
    *(("links", [value], "metadata.links[0]") for value in NO_MAPPING),
    *(("links", [{"url": value}], "metadata.links[0].url") for value in [*ANY_WRONG, "", "no-url"]),
    ("labels", {"a b": "c"}, "metadata.labels.a b"),
    ("annotations", {"a/b/c": "d"}, "metadata.annotations.a/b/c"),
    ("links", [{}], "metadata.links[0].url"),
    ("links", [{"url": "https://a", "title": ""}], "metadata.links[0].title"),
    ("links", [{"url": "https://a", "icon": 5}], "metadata.links[0].icon"),
    ("uid", "x", "metadata.uid"),
    ("etag", "x", "metadata.etag"),
]


@pytest.mark.parametrize(("key", "value", "field"), BROKEN_METADATA)
def test_each_broken_field_of_metadata_is_named(key: str, value: Any, field: str) -> None:
    assert fields(entity(**{key: value})) == [field]


@pytest.mark.parametrize("key", ["apiVersion", "kind", "metadata"])
@pytest.mark.parametrize("value", [*ANY_WRONG[:-1], "not right!"])
def test_a_broken_root_field_is_named(key: str, value: Any) -> None:
    assert fields({**entity(), key: value}) == [key]


@pytest.mark.parametrize("key", ["apiVersion", "kind", "metadata"])
def test_a_missing_root_field_is_named(key: str) -> None:
    broken = entity()
    del broken[key]
    problems = check_envelope(broken)
    assert [(problem.field, problem.message) for problem in problems] == [(key, f'"{key}" is required')]


@pytest.mark.parametrize("key", ["relations", "status", "extra"])
def test_a_foreign_root_field_is_refused(key: str) -> None:
    assert [str(problem.message) for problem in check_envelope({**entity(), key: []})] == [
        f"Unknown field {key}"
    ]


@pytest.mark.parametrize("value", [None, 5, "text", [1], True])
def test_what_is_no_mapping_is_no_entity(value: Any) -> None:
    assert "must be a mapping" in check_envelope(value)[0].message


def test_a_broken_rule_says_what_was_expected_and_what_was_found() -> None:
    (problem,) = check_envelope(entity(name="bad name!"))
    assert problem.message == (
        '"metadata.name" is not valid; expected a string that is sequences of [a-zA-Z0-9] separated by '
        'any of [-_.], at most 63 characters in total but found "bad name!".'
    )


def test_a_long_value_is_shortened_in_the_message() -> None:
    (problem,) = check_envelope(entity(name="x" * 100_000))
    assert len(problem.message) < 400


def test_all_mistakes_are_found_at_once() -> None:
    broken = entity(name="", tags=["UP", "ok", "a b"], labels={"x y": "a b"})
    assert fields(broken) == [
        "metadata.name",
        "metadata.labels.x y",
        "metadata.labels.x y",
        "metadata.tags[0]",
        "metadata.tags[2]",
    ]


def test_unknown_fields_of_metadata_are_left_alone() -> None:
    assert check_envelope(entity(custom={"a": [1, None]}, namespace="north", description="")) == []


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JavaScript:x",
        "java\nscript:x",
        "data:text/html,x",
        "vbscript:x",
        "\x01javascript:x",
    ],
)
def test_a_link_that_runs_code_is_refused(url: str) -> None:
    assert runs_code(url)
    (problem,) = check_envelope(entity(links=[{"url": url}]))
    assert problem.field == "metadata.links[0].url"
    assert "could run code" in problem.message


@pytest.mark.parametrize(
    ("metadata", "spec", "field"),
    [
        ({"labels": {"Tier": "1", "tier": "2"}}, {}, "metadata.labels.tier"),
        ({"annotations": {"a.B": "1", "A.b": "2"}}, {}, "metadata.annotations.A.b"),
        ({}, {"foo": 1, "FOO": 2}, "spec.FOO"),
        ({}, {"a": {"b": {"C": 1, "c": None}}}, "spec.a.b.c"),
        ({}, {"a": [{"B": 1}, {"b": 1}]}, "spec.a[1].b"),
        ({}, {"list": ["Aa", "aA"]}, "spec.list[1]"),
        ({"Name": "x"}, {}, "metadata.Name"),
    ],
)
def test_fields_that_differ_only_in_case_are_refused(
    metadata: dict[str, Any], spec: dict[str, Any], field: str
) -> None:
    broken = entity(**metadata)
    broken["spec"].update(spec)
    (problem,) = check_envelope(broken)
    assert field_name(problem.path) == field
    assert "differs only in case" in problem.message


def test_fields_of_different_places_may_share_a_name_in_any_case() -> None:
    fine = entity(labels={"tier": "1"}, annotations={"Tier": "1"})
    fine["spec"]["Tier"] = {"x": ["a", "a", "b"], "y": {"x": "X"}}
    assert check_envelope(fine) == []


def test_deep_nesting_is_no_obstacle() -> None:
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(10_000):
        inner["a"] = {}
        inner = inner["a"]
    assert check_envelope({**entity(), "spec": deep}) == []


@pytest.mark.parametrize("key", ["name", "title", "namespace", "labels", "tags", "links"])
def test_a_deep_or_huge_value_is_refused_briefly(key: str) -> None:
    deep: Any = 1
    for _ in range(10_000):
        deep = [deep]
    for value in (deep, [deep], {"a": deep}, 10**5000):
        metadata: dict[str, Any] = {key: value}
        problems = check_envelope(entity(**metadata))
        assert problems
        assert all(len(problem.message) < 400 for problem in problems)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_any_value_gets_an_answer(value: Any) -> None:
    assert isinstance(check_envelope(value), list)
    assert isinstance(check_envelope({**entity(), "metadata": value, "spec": value}), list)
