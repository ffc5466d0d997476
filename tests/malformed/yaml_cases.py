"""Files that are no YAML, are too much of it, or hold something else than entities."""

from __future__ import annotations

from tests.malformed.case import BAD, Case, Mistake, component, one

GOOD = component("NAME-in-it")
SPEC = "type: service\nlifecycle: production\nowner: crew"


def _bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines) + "\n"


def _whole(name: str, text: bytes, message: str, line: int | None = 1) -> Case:
    return Case(name, text, (Mistake(message, "", line),), alone=True)


def _shape(name: str, text: str, message: str, field: str = "") -> Case:
    return one(name, text, message, field, 1)


CASES = [
    one("unclosed-list", "kind: [Component, API\n", "is not closed", "", 1),
    one("unclosed-mapping", "metadata: {name: lamp\n", "is not closed", "", 1),
    one("unclosed-double-quote", 'kind: "Component\n', "never closed", "", 1),
    one("unclosed-single-quote", "kind: 'Component\n", "never closed", "", 1),
    one("tab-indentation", "kind: Component\nmetadata:\n\tname: lamp\n", "tabs cannot indent", "", 3),
    one("bad-indentation", "metadata:\n    name: a\n  title: b\n", "indentation", "", 3),
    one("colon-in-text", "title: this: that\n", "quote text that contains", "", 1),
    one("missing-colon", "kind: a\nmetadata\nspec: b\n", 'expected a ":"', "", 2),
    one("unknown-alias", "kind: *nobody\n", "has no anchor", "", 1),
    one("reserved-sign", "kind: @Component\n", '"@" cannot begin a value', "", 1),
    one("backtick", "kind: `Component`\n", '"`" cannot begin a value', "", 1),
    one("unknown-escape", 'kind: "a\\qb"\n', "unknown escape", "", 1),
    one("custom-tag", "kind: !secret abc\n", "custom tags are not supported", "", 1),
    one(
        "python-tag",
        GOOD.replace("crew", "!!python/object/apply:os.system [ls] #!"),
        "must be a string but is a list",
        "spec.owner",
    ),
    one("template-braces", "metadata:\n  name: {{ values.name }}\n", "quote template braces", "", 2),
    one("duplicate-key", "kind: Component\nmetadata:\n  name: a\n  name: b\n", '"name" occurs twice', "", 4),
    one("duplicate-root-key", GOOD + "kind: API\n", '"kind" occurs twice', "", 9),
    one("number-as-key", "metadata:\n  1: one\n", "is not text; put it in quotes", "metadata", 2),
    one("null-as-key", "metadata:\n  ~: one\n", "is not text; put it in quotes", "metadata", 2),
    one("true-as-key", "metadata:\n  true: one\n", "is not text; put it in quotes", "metadata", 2),
    one("mapping-as-key", "metadata:\n  ? {a: b}\n  : one\n", "a key must be text", "", 2),
    one("list-as-key", "metadata:\n  ? [a, b]\n  : one\n", "a key must be text", "", 2),
    one("nul-escape", 'kind: "a\\0b"\n', "NUL character", "", 1),
    one("control-character", "kind: a\x07b\n", "U+0007 is not allowed", "", 1),
    one("alias-bomb", _bomb(), "expand to too much content", "", 1),
    one("endless-alias", "a: &a [*a]\n", "inside its own anchor", "", 1),
    one("10000-brackets", "a: " + "[" * 10000 + "]" * 10000 + "\n", "nested too deeply", "", 1),
    one("10000-unclosed-brackets", "a: " + "[" * 10000 + "\n", "nested too deeply", "", 1),
    one(
        "1500-indented-levels",
        "\n".join(" " * n + "a:" for n in range(1500)) + "\n",
        "nested too deeply",
        "",
        129,
    ),
    one("10000-lists-in-a-line", "a:\n  " + "- " * 10000 + "x\n", "nested too deeply", "", 2),
    one(
        "huge-integer",
        GOOD.replace("crew", "9" * 40 + " #!"),
        "must be a string but is a number",
        "spec.owner",
    ),
    # More than any number can be: it stays text, and must keep the rules of text.
    one("endless-digits", component("9" * 400 + " #!"), "at most 63 characters", "metadata.name"),
    _whole("bad-utf-8", b"kind: Component\nmetadata:\n  name: \xff\xfe\n", "not valid UTF-8", 3),
    _whole("latin-1", "kind: Gerät\n".encode("latin-1"), "not valid UTF-8"),
    _whole("utf-16", "kind: Component\n".encode("utf-16"), "is UTF-16; save it as UTF-8"),
    _whole("nul", b"kind: Component\nmeta\0data:\n", "NUL character", 2),
    _whole("binary", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not valid UTF-8"),
    Case(
        "50-megabytes",
        b"",
        (Mistake("52,428,800 bytes; at most 10,485,760 are read", "", None),),
        alone=True,
        size=50 * 2**20,
    ),
    Case(
        "bom",
        b"\xef\xbb\xbfkind: API\nmetadata: {name: a}\n",
        (Mistake("must be a non-empty string", "apiVersion", 1),),
        alone=True,
    ),
    Case(
        "bom-and-carriage-returns",
        b"\xef\xbb\xbfapiVersion: a\r\nkind: API\r\nmetadata:\r\n  name: 7\r\n",
        (Mistake("must be a non-empty string", "metadata.name", 4),),
        alone=True,
    ),
    # What YAML can say and an entity cannot be.
    _shape("list-at-the-root", "- kind: Component\n- kind: API\n", "Expected object at root, got array"),
    _shape("text-at-the-root", "just some words\n", "Expected object at root, got string"),
    _shape("number-at-the-root", "42\n", "Expected object at root, got number"),
    _shape("false-at-the-root", "false\n", "Expected object at root, got boolean"),
    _shape(
        "no-metadata", "apiVersion: backstage.io/v1alpha1\nkind: Component\n", "must be an object", "metadata"
    ),
    one("metadata-is-text", "apiVersion: a\nkind: b\nmetadata: lamp #!\n", "must be an object", "metadata"),
    one(
        "metadata-is-a-list",
        "apiVersion: a\nkind: b\nmetadata: #!\n  - name: c\n",
        "must be an object",
        "metadata",
    ),
    one(
        "no-name",
        "apiVersion: a\nkind: b\nmetadata: #!\n  title: c\n",
        "must be a non-empty string",
        "metadata.name",
    ),
    one(
        "name-is-a-number",
        "apiVersion: a\nkind: b\nmetadata:\n  name: 7 #!\n",
        "must be a non-empty string",
        "metadata.name",
    ),
    one(
        "namespace-is-a-list",
        "apiVersion: a\nkind: b\nmetadata:\n  name: c\n  namespace: [d] #!\n",
        "must be a string",
        "metadata.namespace",
    ),
    _shape("no-kind", "apiVersion: a\nmetadata: {name: c}\n", "must be a non-empty string", "kind"),
    one(
        "kind-is-a-mapping",
        "apiVersion: a\nkind: {b: c} #!\nmetadata: {name: d}\n",
        "must be a non-empty string",
        "kind",
    ),
    _shape(
        "no-api-version", "kind: Component\nmetadata: {name: c}\n", "must be a non-empty string", "apiVersion"
    ),
    one(
        "api-version-is-a-number",
        "apiVersion: 1 #!\nkind: Component\nmetadata: {name: c}\n",
        "must be a non-empty string",
        "apiVersion",
    ),
    Case(
        "same-name-twice",
        GOOD + "---\n" + GOOD.replace("NAME-in-it", "NAME-in-it #!"),
        (Mistake("component:default/same-name-twice-in-it is described twice", "metadata.name"),),
        also_served=("component:default/NAME-in-it",),
    ),
    Case(
        "names-that-differ-in-case",
        GOOD + "---\n" + GOOD.replace("NAME-in-it", "NAME-IN-IT #!"),
        (Mistake("is described twice", "metadata.name"),),
        also_served=("component:default/NAME-in-it",),
    ),
    # Either file may come first.
    Case(
        "same-name-in-two-files",
        GOOD,
        (Mistake("claims", "metadata.name", 4, None),),
        alone=True,
        more={"second.yaml": GOOD},
        targets=(BAD, "second.yaml"),
        also_served=("component:default/NAME-in-it",),
    ),
]
