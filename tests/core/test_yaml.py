"""The YAML reader: values as JavaScript has them, documents apart from each other, and named mistakes."""

from typing import Any

import orjson
import pytest

from callboard.core.yaml import Document, locate, read_documents


def only(content: bytes | str) -> Document:
    documents = read_documents(content, "f.yaml")
    assert len(documents) == 1
    return documents[0]


def value(content: bytes | str) -> object:
    document = only(content)
    assert document.problem is None
    return document.value


ONES = ",".join("1" * 8000)
NESTED_ALIASES = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)
)

# name: (content, line, column, part of the message)
MISTAKES: dict[str, tuple[bytes | str, int | None, int | None, str]] = {
    "unclosed list": ("a:\n  b: [1\n", 2, 6, 'list that began with "["'),
    "list open at the end": ("a: 1\nb: [c,\n", 2, 4, 'what began with "[" is not closed'),
    "unclosed mapping": ("a: {b: 1\nc: 2\n", 2, 2, 'mapping that began with "{"'),
    "unclosed quote": ("a: 1\nb: 'x\nc: 2\n", 2, 4, "never closed"),
    "tab as indentation": ("a:\n\t- b\n", 2, 1, "tabs"),
    "tab before a key": ("a: x\n\tb: 1\n", 2, 1, "tabs"),
    "tab first of all": ("\ta: b\n", 1, 1, "tabs"),
    "second colon": ("a: 1\nb: c: d\n", 2, 5, '":" is not allowed here'),
    "wrong indentation": ("a:\n  b: 1\n c: 1\n", 3, 2, "indentation"),
    "list and mapping mixed": ("- a\nb: 1\n", 2, 1, "expected a list item"),
    "list item beside its key": ("a: - b\n", 1, 4, "start the list on a new line"),
    "key without colon": ("a: 1\nb\nc: 1\n", 2, 1, 'expected a ":"'),
    "reserved character": ("a: @b\n", 1, 4, '"@" cannot begin a value'),
    "unknown escape": ('a: "\\q"\n', 1, 5, "unknown escape"),
    "unknown alias": ("a: *b\n", 1, 4, "no anchor"),
    "duplicate key": ("a: 1\nb: 2\na: 3\n", 3, 1, 'the key "a" occurs twice'),
    "duplicate key inside": ("x:\n  b:\n    c: 1\n    c: 2\n", 4, 5, 'the key "c" occurs twice'),
    "duplicate key in flow": ("a: {b: 1, c: 2, b: 3}\n", 1, 17, 'the key "b" occurs twice'),
    "number as key": ("a: 1\n1: b\n", 2, 1, 'the key "1" is not text'),
    "truth value as key": ("b:\n  - true: a\n", 2, 5, 'the key "true" is not text'),
    "null as key": ("~: b\n", 1, 1, 'the key "null" is not text'),
    "mapping as key": ("? {a: b}\n: c\n", 1, 3, "a key must be text"),
    "list as key": ("? [a]\n: c\n", 1, 3, "a key must be text"),
    "template braces": ("a: 1\nb: {{ name }}\n", 2, 5, "quote template braces"),
    "custom tag": ("b: 1\na: !foo bar\n", 2, 4, 'custom tags are not supported: "!foo"'),
    "custom tag at the root": ("!foo [a]\n", 1, 1, 'custom tags are not supported: "!foo"'),
    "custom tag on a key": ("!foo k: v\n", 1, 1, 'custom tags are not supported: "!foo"'),
    "tag handle": ("a: !e!x 1\n", 1, 4, "custom tags are not supported"),
    "huge integer": ("b: 1\na: 123456789012345678901234567890\n", 2, 4, "is too large"),
    "huge negative integer": ("a: -9223372036854775809\n", 1, 4, "is too large"),
    "control character": ("é: ééé\x01\n", 1, 7, "U+0001 is not allowed"),
    "lone surrogate": ("a: \ud800\n", 1, 4, "U+D800 is not allowed"),
    "surrogate escape": ('a: "\\ud800"\n', 1, 7, "not a valid character"),
    "NUL": ("a: 1\nb: x\0y\n", 2, 5, "NUL"),
    "NUL as escape": ('b: 1\na: "x\\0"\n', 2, 4, "NUL"),
    "bad UTF-8": (b"a: 1\r\nb: \xff\n", 2, 4, "not valid UTF-8"),
    "UTF-16": ("a: 1\n".encode("utf-16"), 1, 1, "save it as UTF-8"),
    "10,000 levels of flow": ("[" * 10_000, 1, 1, "nested too deeply"),
    "10,000 levels of lists": ("- " * 10_000, 1, None, "nested too deeply"),
    "2,000 levels of mappings": ("".join(" " * i + "a:\n" for i in range(2000)), None, None, "too deeply"),
    "200 levels": ("[" * 200 + "]" * 200, 1, None, "nested too deeply"),
    "ten million brackets": ("{a: " * 2_500_000, 1, 1, "nested too deeply"),
    "alias bomb": (NESTED_ALIASES, 1, 1, "expand to too much"),
    "flat alias bomb": (f"a: &a [{ONES}]\nb: [{','.join(['*a'] * 8000)}]\n", 1, 1, "expand to too much"),
    "alias of long text": (f"a: &a {'x' * 10**5}\nb: [{','.join(['*a'] * 2000)}]\n", 1, 1, "too much"),
    "alias in itself": ("a: &a [*a]\n", 1, 8, "inside its own anchor"),
    "50 MB": (b"x" * 50_000_000, None, None, "too large: 47.7 MiB, at most 10.0 MiB"),
}


@pytest.mark.timeout(60)  # a bomb that goes off takes longer
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_place(name: str) -> None:
    content, line, column, message = MISTAKES[name]
    document = only(content)
    assert document.value is None
    problem = document.problem
    assert problem is not None
    assert message in problem.message
    assert problem.source == "f.yaml"
    assert line is None or problem.line == line
    assert column is None or problem.column == column
    assert not any(jargon in str(problem) for jargon in ("u128", "invalid type", "unhashable", "TypeError"))


OF_ONE_DOCUMENT = {
    name: (content, line, column, message)
    for name, (content, line, column, message) in MISTAKES.items()
    if isinstance(content, str) and "\0" not in content and len(content) < 10**6 and line is not None
}


@pytest.mark.parametrize("name", OF_ONE_DOCUMENT)
def test_a_broken_document_hides_no_sibling_and_keeps_its_line(name: str) -> None:
    content, line, column, message = OF_ONE_DOCUMENT[name]
    documents = read_documents(f"---\nok: 1\n---\n{content}\n---\nok: 2\n", "f.yaml")
    assert [document.value for document in documents] == [{"ok": 1}, None, {"ok": 2}]
    problem = documents[1].problem
    assert problem is not None
    assert message in problem.message
    assert problem.line == line + 3
    assert column is None or problem.column == column


def test_the_path_of_a_key_that_is_no_text_is_known() -> None:
    problem = only("b:\n  - true: a\n").problem
    assert problem is not None
    assert problem.path == ("b", 0)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("yes", "yes"),
        ("010", 10),
        ("-010", -10),
        ("'010'", "010"),
        ("!!str 010", "010"),
        ("[010, '010', {b: 08}]", [10, "010", {"b": 8}]),
        ("0b11", "0b11"),
        ("0x1F", 31),
        ("0o10", 8),
        ("2020-01-01", "2020-01-01"),
        ("1.0", 1),
        ("-0.0", 0),
        ("1e3", 1000),
        ("1.5", 1.5),
        (".nan", None),
        ("-.inf", None),
        ("9007199254740993", 9007199254740992),
        ("12345678901234567890", 12345678901234567000),
        ("-9223372036854775807", -9223372036854775807.0),
        ("18446744073709551615", 18446744073709552000.0),
        ("1e21", 1e21),
        ("!!str 1", "1"),
        ("'!foo'", "!foo"),
        ("{'!foo': 1.0}", {"!foo": 1}),
        ("[1.0, [2.0], {b: 3.0}]", [1, [2], {"b": 3}]),
    ],
)
def test_a_scalar_is_what_javascript_would_make_of_it(written: str, read: object) -> None:
    got: Any = value(f"a: {written}\n")
    assert got == {"a": read}
    assert type(got["a"]) is type(read)
    assert orjson.loads(orjson.dumps(got)) == got


def test_merge_keys_are_plain_keys_and_aliases_are_followed() -> None:
    assert value("x: &x {a: 1}\ny:\n  <<: *x\n") == {"x": {"a": 1}, "y": {"<<": {"a": 1}}}


def test_characters_that_only_yaml_1_1_takes_for_line_breaks_stay_in_their_text() -> None:
    assert value("a: x\u2028y\x85z\u2029!\nb: 1\n") == {"a": "x\u2028y\x85z\u2029!", "b": 1}
    problem = only("a: x\u2028y\nb: @\n").problem
    assert problem is not None
    assert problem.line == 2


def test_markers_comments_and_directives_divide_a_file() -> None:
    content = "%YAML 1.1\n# c\n---\na: 1\n--- {b: 2}\n---\n\n# c\nc: |\n  ---\n  x\n"
    content += "...\n%YAML 1.2\n---\nd: 4\n...\ne: 5"
    documents = read_documents(content, None)
    assert [(document.line, document.value) for document in documents] == [
        (4, {"a": 1}),
        (5, {"b": 2}),
        (9, {"c": "---\nx\n"}),
        (15, {"d": 4}),
        (17, {"e": 5}),
    ]


@pytest.mark.parametrize(
    "content", ["", "\n", "# c", "---\n---\n# c\n--- # d\n", "...\n...", "~\n", "null", b""]
)
def test_a_file_without_content_has_no_documents(content: bytes | str) -> None:
    assert read_documents(content, "f.yaml") == []


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfa: 1\n", "\ufeffa: 1\n", "\ufeff---\na: 1"])
def test_a_byte_order_mark_is_no_content(content: bytes | str) -> None:
    assert value(content) == {"a": 1}


def test_byte_order_marks_of_files_put_together_are_no_content() -> None:
    assert [d.value for d in read_documents("a: 1\n\ufeff---\nb: 2\n", None)] == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_with_every_line_end(end: str) -> None:
    content = end.join(["---", "a: 1", "---", "# c", "b:", "  c: 2", "  c: 3", ""])
    documents = read_documents(content, None)
    assert documents[0].value == {"a": 1}
    assert documents[1].line == 5
    assert documents[1].problem is not None
    assert documents[1].problem.line == 7
    assert locate(content, 5, ("b", "c")) == (6, 3)


def test_a_file_may_be_as_large_as_allowed() -> None:
    assert read_documents("a: 12", None, max_bytes=5)[0].value == {"a": 12}
    assert read_documents("a: 123", None, max_bytes=5)[0].problem is not None


def test_many_aliases_of_small_content_are_fine() -> None:
    assert value(f"a: &a x\nb: [{','.join(['*a'] * 100)}]\n") == {"a": "x", "b": ["x"] * 100}


def test_text_in_braces_is_not_taken_for_nesting() -> None:
    text = "{[" * 900 + "]}" * 900
    assert value(f"a: |\n  {text}\n  {text}\n") == {"a": f"{text}\n{text}\n"}


def test_a_field_is_shown_at_its_key_and_an_absent_one_at_its_nearest_ancestor() -> None:
    content = "---\nx: 1\n---\n# c\nkind: A\nspec:\n  tags:\n    - a\n    - {b: &b {c: 1}}\n  d: *b\n"
    where = {
        (): (5, 1),
        ("kind",): (5, 1),
        ("spec",): (6, 1),
        ("spec", "owner"): (6, 1),
        ("spec", "tags", 1): (9, 7),
        ("spec", "tags", 1, "b"): (9, 8),
        ("spec", "tags", 7): (7, 3),
        ("spec", "tags", "b"): (7, 3),
        ("spec", 0): (6, 1),
        ("spec", "d", "c"): (9, 15),
        ("absent", "x"): (5, 1),
    }
    assert {path: locate(content, 5, path) for path in where} == where
    assert locate(content, 2, ("x",)) == (2, 1)
    assert locate("", 1, ()) is None
    assert locate(b"\xff", 1, ()) is None
    assert locate("a: [1\n", 1, ("a",)) is not None
    assert locate("- " * 10_000, 1, ("a",)) is not None
