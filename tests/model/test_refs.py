"""References: reading, printing and comparing them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.core.errors import InputError
from callboard.model.refs import EntityRef, LocationRef, entity_ref, parse_location_ref, parse_ref

kinds = st.from_regex(r"[a-zA-Z][a-zA-Z0-9]{0,9}", fullmatch=True)
namespaces = st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5})?", fullmatch=True)
names = st.from_regex(r"[A-Za-z0-9][-A-Za-z0-9_.]{0,9}[A-Za-z0-9]", fullmatch=True)
anything = st.text(min_size=1).filter(lambda text: ":" not in text and "/" not in text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("component:north/Lamp", "component:north/lamp"),
        ("component:lamp", "component:default/lamp"),
        ("north/lamp", "group:north/lamp"),
        ("lamp", "group:default/lamp"),
        ("user:default/ADA", "user:default/ada"),
        ("north/a:b", "group:north/a:b"),
        ("a:b:c", "a:default/b:c"),
        ("web@example.com", "group:default/web@example.com"),
    ],
)
def test_missing_parts_come_from_the_defaults(text: str, expected: str) -> None:
    assert str(parse_ref(text, "Group")) == expected


@pytest.mark.parametrize(
    "text", ["", "group:", ":lamp", "/lamp", "north/", "component:/lamp", "component:north/"]
)
def test_an_empty_part_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="empty part"):
        parse_ref(text, "Group")


def test_a_reference_without_any_kind_is_refused() -> None:
    with pytest.raises(InputError, match="needs a kind"):
        parse_ref("lamp")


def test_a_value_that_is_no_text_is_refused() -> None:
    with pytest.raises(InputError, match="must be a string"):
        parse_ref(5)  # type: ignore[arg-type]  # what a caller with bad input does


@given(kinds, namespaces, names)
def test_a_printed_reference_reads_back_as_itself(kind: str, namespace: str, name: str) -> None:
    ref = EntityRef(kind, namespace, name)
    assert parse_ref(str(ref)) == ref
    assert parse_ref(f"{kind}:{namespace}/{name}") == ref


@given(anything, anything, st.text(min_size=1))
def test_printing_twice_changes_nothing_whatever_the_letters(kind: str, namespace: str, name: str) -> None:
    printed = str(EntityRef(kind, namespace, name))
    assert str(parse_ref(printed)) == printed


@given(kinds, namespaces, names)
def test_case_does_not_tell_references_apart(kind: str, namespace: str, name: str) -> None:
    upper = EntityRef(kind.upper(), namespace.upper(), name.upper())
    lower = EntityRef(kind.lower(), namespace.lower(), name.lower())
    assert upper == lower
    assert hash(upper) == hash(lower)
    assert len({upper, lower}) == 1


@given(st.text())
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        ref = parse_ref(text, "Component")
    except InputError:
        return
    assert all((ref.kind, ref.namespace, ref.name))


def test_the_reference_of_an_entity_is_in_lower_case_and_has_a_namespace() -> None:
    assert entity_ref({"kind": "Component", "metadata": {"name": "Lamp"}}) == "component:default/lamp"
    assert entity_ref({"kind": "API", "metadata": {"name": "a", "namespace": "north"}}) == "api:north/a"


def test_a_location_reference_splits_at_the_first_colon() -> None:
    ref = parse_location_ref("url:https://example.org/a.yaml")
    assert ref == LocationRef("url", "https://example.org/a.yaml")
    assert str(ref) == "url:https://example.org/a.yaml"
    assert parse_location_ref("file:./a.yaml").target == "./a.yaml"


@pytest.mark.parametrize("text", ["", "url", "url:", ":x", " : "])
def test_a_location_reference_needs_both_parts(text: str) -> None:
    with pytest.raises(InputError, match="<type>:<target>"):
        parse_location_ref(text)


@pytest.mark.parametrize("text", ["https://example.org/a", "HTTP://example.org"])
def test_a_bare_web_address_is_refused_with_the_right_spelling(text: str) -> None:
    with pytest.raises(InputError, match=f'write "url:{text}"'):
        parse_location_ref(text)


@pytest.mark.parametrize("text", ["url:javascript:alert(1)", "javascript:alert(1)", "url: JaVa\tScript:x"])
def test_a_location_that_runs_a_script_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="script"):
        parse_location_ref(text)
