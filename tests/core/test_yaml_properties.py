"""Whatever stands in a file, healthy documents come back whole and fields are found where they are."""

import json
from typing import Any

import ryaml
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.core.yaml import locate, read_documents

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(TEXT, VALUES, min_size=1, max_size=4)
HEALTHY = st.tuples(MAPPINGS, st.sampled_from(["flow", "indented", "block"]))
BROKEN = st.sampled_from(
    ["a: [1", "a: b: c", "\ta: 1", "a: 1\na: 2", "1: x", 'a: "x', "a: !t x", "- a\nb: 1"]
)
SEPARATORS = st.sampled_from(["---\n", "--- # c\n", "...\n---\n", "# c\n\n---\n", "...\n%YAML 1.2\n---\n"])


def written(value: Any, style: str) -> str:
    if style == "block":
        text = ryaml.dumps(value)  # type: ignore[attr-defined]  # its stubs forget to export it
        return str(text).removeprefix("---\n")
    return json.dumps(value, ensure_ascii=False, indent=1 if style == "indented" else None)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(SEPARATORS, HEALTHY | BROKEN), max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_healthy_documents_come_back_in_order_whatever_stands_between(
    parts: list[tuple[str, Any]], end: str
) -> None:
    content = ""
    expected: list[Any] = []
    for separator, part in parts:
        text = part if isinstance(part, str) else written(*part)
        content += separator + text.rstrip("\n") + "\n"
        expected.append(None if isinstance(part, str) else part[0])
    documents = read_documents(content.replace("\n", end), "f.yaml")
    assert [document.value for document in documents] == expected
    assert [document.problem is not None for document in documents] == [value is None for value in expected]
    lines = [document.line for document in documents]
    assert lines == sorted(set(lines))
    for document in documents:
        assert document.problem is None or (document.problem.line or 0) >= document.line


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], str]]:
    """Every path in a value with the text that must stand there."""
    if isinstance(value, dict):
        found = [((*path, key), json.dumps(key, ensure_ascii=False)) for key in value]
        return found + [place for key, item in value.items() for place in places(item, (*path, key))]
    if isinstance(value, list):
        found = [((*path, at), json.dumps(item, ensure_ascii=False)[:1]) for at, item in enumerate(value)]
        return found + [place for at, item in enumerate(value) for place in places(item, (*path, at))]
    return []


@settings(max_examples=100, deadline=None)
@given(MAPPINGS, MAPPINGS, st.sampled_from(["flow", "indented"]))
def test_every_field_is_found_where_it_stands(first: Any, second: Any, style: str) -> None:
    content = f"# c\n---\n{written(first, style)}\n---\n{written(second, style)}\n"
    lines = content.split("\n")
    documents = read_documents(content, None)
    assert [document.value for document in documents] == [first, second]
    for document in documents:
        for path, text in places(document.value):
            place = locate(content, document.line, path)
            assert place is not None
            assert lines[place[0] - 1][place[1] - 1 :].startswith(text)


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from("ab:-?[]{}&*!|>'\"%@#,. \n\t\\1~\u2028é<="), max_size=40) | st.binary(max_size=30)
)
def test_no_content_can_make_the_reader_fail(content: str | bytes) -> None:
    for document in read_documents(content, "f.yaml"):
        assert (document.value is None) == (document.problem is not None)
        locate(content, document.line, ("a", 0))
