"""Whatever a definition holds, the tab is made, in bounded time and size, and nothing in it becomes HTML."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callboard.portal.apidocs.definition import read_definition
from tests.portal.apidocs.rendering import Outline, api, render

TYPES = ["openapi", "asyncapi", "graphql", "grpc", "mcp-server", "trpc"]
# ruff: noqa: E501 - the cases are a table
EVIL = "<img src=x onerror=alert(1)>\"'`{{7*7}}</script><script>alert(1)</script>"
SECONDS = 8.0


def checked(entity: dict[str, Any]) -> Outline:
    started = time.monotonic()
    html = render(entity, "*.example.com")
    assert time.monotonic() - started < SECONDS
    assert len(html) < 40_000_000
    seen = Outline(html)
    assert "img" not in seen.tags
    assert seen.handlers == []
    assert not any(link.lower().startswith(("javascript:", "data:", "vbscript:")) for link in seen.links)
    assert len(seen.ids) == len(set(seen.ids))
    assert seen.labels <= set(seen.ids)
    return seen


def openapi(**more: Any) -> str:
    return json.dumps({"openapi": "3.1.0", "info": {"title": "T"}, "paths": {}, **more})


def evil_openapi() -> str:
    schema = {"type": EVIL, "description": EVIL, "enum": [EVIL], "default": EVIL, "pattern": EVIL,
              "properties": {EVIL: {"example": EVIL, "title": EVIL}}, "required": [EVIL]}  # fmt: skip
    link = "[x](javascript:alert(1)) <javascript:alert(1)>"
    operation = {
        "summary": EVIL, "description": EVIL + link, "operationId": EVIL, "tags": [EVIL],
        "parameters": [{"name": EVIL, "in": "query", "schema": schema, "example": EVIL}],
        "requestBody": {"content": {EVIL: {"schema": schema, "example": EVIL}}},
        "responses": {EVIL: {"description": EVIL, "headers": {EVIL: {"schema": schema}}}},
        "security": [{EVIL: [EVIL]}], "servers": [{"url": "javascript:alert(1)", "description": EVIL}],
    }  # fmt: skip
    return openapi(
        info={
            "title": EVIL,
            "version": EVIL,
            "termsOfService": "javascript:alert(1)//://",
            "contact": {"url": EVIL},
        },
        externalDocs={"url": "javascript:alert(1)"},
        servers=[{"url": "https://a.example.com/" + EVIL}, {"url": "https://a.example.com"}],
        paths={f"/{EVIL}": {"get": operation, "post": operation}, "/__proto__": {"get": operation}},
        components={
            "schemas": {EVIL: schema, "__proto__": schema, "constructor": schema, EVIL + "2": schema},
            "securitySchemes": {EVIL: {"type": EVIL}},
        },
    )


def chain(length: int) -> dict[str, Any]:
    """Schemas of which each holds the next twice: a tree would have 2**length nodes."""
    return {
        f"S{n}": {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}] * 2,
                  "properties": {side: {"$ref": f"#/components/schemas/S{n + 1}/properties"} for side in "ab"}}
        for n in range(length)
    }  # fmt: skip


def paths_into(length: int) -> dict[str, Any]:
    """The same by references to places without a name, which cannot become links."""
    return {
        f"x{n}": {"properties": {side: {"$ref": f"#/x{n + 1}"} for side in "abcd"}} for n in range(length)
    }


BOMB = "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)
ENDLESS = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
GET_X0 = {
    "/a": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/x0"}}}}}}}
}

CASES = {
    "nothing": ("openapi", ""),
    "only space": ("graphql", " \n\t"),
    "a list": ("openapi", "[1, 2]"),
    "a number": ("asyncapi", "7"),
    "NUL": ("openapi", "openapi: '3.0.0'\0"),
    "html in openapi": ("openapi", evil_openapi()),
    "html in yaml keys": ("openapi", f"openapi: 3.0.0\npaths: {{'/a': {{'{'<b>'}': 1, get: {{tags: ['<b>']}}}}}}"),
    "bomb": ("openapi", "openapi: 3.0.0\n" + BOMB),
    "deep flow": ("openapi", "openapi: " + "[" * 100_000),
    "deep json": ("openapi", '{"a":' * 5_000 + "1" + "}" * 5_000),
    "deep block": ("asyncapi", "".join(" " * n + "a:\n" for n in range(1_000))),
    "endless references": ("openapi", openapi(components={"schemas": ENDLESS})),
    "reference to itself": ("openapi", openapi(paths={"/a": {"$ref": "#/paths/~1a"}})),
    "reference to everything": (
        "openapi",
        openapi(components={"schemas": {"A": {"$ref": "#"}, "B": {"properties": {"x": {"$ref": "#/components"}}}}}),
    ),
    "doubling": ("openapi", openapi(components={"schemas": chain(60)})),
    "doubling without names": ("openapi", openapi(paths=GET_X0, **paths_into(60))),
    "many operations": ("openapi", openapi(paths={f"/{n}": {"get": {}, "put": {}} for n in range(2_500)})),
    "many fields": (
        "openapi",
        openapi(components={"schemas": {"A": {"properties": {f"f{n}": {} for n in range(50_000)}}}}),
    ),
    "same anchors": (
        "openapi",
        openapi(components={"schemas": {name: {} for name in ("a b", "a-b", "a/b", "a-b-2", "", " ", "é", "ü")}}),
    ),
    "everything of a wrong type": (
        "openapi",
        openapi(info=[], servers={"url": 1}, tags="x", components=3, security={"a": 1}, externalDocs=[]),
    ),
    "wrong types within": (
        "openapi",
        openapi(paths={"/a": {"parameters": 1, "get": {"parameters": {}, "requestBody": 1, "responses": [],
                                                        "tags": [{}], "security": [1], "deprecated": "no"}}}),
    ),
    "swagger of wrong types": ("openapi", '{"swagger": "2.0", "paths": {"/a": {"get": {"parameters": [1, '
                               '{"in": "body"}, {"in": "formData"}], "responses": {"200": 1}}}}, "schemes": [{}],'
                               '"definitions": [], "parameters": {"x": 1}, "host": {}}'),
    "asyncapi of wrong types": ("asyncapi", '{"asyncapi": "3.0.0", "channels": {"a": {"messages": [], "servers": '
                                '[{}], "parameters": {"x": 1}}, "b": 1}, "operations": {"o": {"channel": {"$ref": '
                                '"#/channels/a"}, "messages": {}, "reply": 1, "action": "<b>"}}, "servers": {"s": 1}}'),
    "html in asyncapi": ("asyncapi", json.dumps({"asyncapi": "2.6.0", "info": {"title": EVIL}, "channels": {EVIL: {
        "description": EVIL, "publish": {"operationId": EVIL, "message": {"name": EVIL, "payload": {
            "properties": {EVIL: {}}}, "examples": [{"name": EVIL, "payload": EVIL}]}}}}})),
    "html in graphql": ("graphql", f'"""{EVIL}""" type Query {{ "{EVIL[:20]}" a(b: String = "<b>"): Int }}'),
    "deep graphql": ("graphql", "type Query { a: " + "[" * 50_000),
    "much graphql": ("graphql", "type A { a: Int }\n" * 60_000),
    "many types of one name": ("graphql", "type A { a: Int } type A { a: Int } type a_A { x: Int }\n" * 50),
    "introspection of nothing": ("graphql", '{"data": {"__schema": {"types": [{}]}}}'),
    "html in protobuf": ("grpc", f"// {EVIL}\nmessage A {{ string a = 1 [(x) = '<b>']; /* {EVIL} */ int32 b = 2; }}"),
    "deep protobuf": ("grpc", "message A { " * 20_000),
    "much protobuf": ("grpc", "message A { string a = 1; }\n" * 60_000),
    "unclosed comments": ("grpc", "/* " * 100_000),
    "quotes": ("grpc", '"' + "\\" * 100_001),
    "wrong everywhere": ("grpc", "} ; { = message message message {{{ }}} rpc oneof = 1; service { rpc }" * 50),
    "options without end": ("grpc", "option a = " + "{ [ ( <" * 10_000),
    "html in plain text": ("trpc", EVIL),
    "long lines": ("trpc", "x" * 2_000_000),
    "many lines": ("wsdl", "\n" * 2_000_000),
    "larger than we read": ("openapi", "openapi: 3.0.0\n# " + "x" * 9_000_000),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_definition_is_shown_as_far_as_it_can_be(case: str) -> None:
    kind, definition = CASES[case]
    checked(api(kind, definition))


@pytest.mark.parametrize("definition", [None, {"a": 1}, ["x"], 7, True])
@pytest.mark.parametrize("kind", TYPES)
def test_a_definition_that_is_no_text_is_shown_too(kind: str, definition: object) -> None:
    checked(api(kind, definition))


@pytest.mark.parametrize("spec", [None, [], "x", {"type": {}}, {"type": "openapi"}])
def test_an_entity_without_a_sensible_spec_is_no_failure(spec: object) -> None:
    assert read_definition({"kind": "API", "metadata": {"name": "x"}, "spec": spec}).view == "source"


def test_what_looks_like_html_stays_text() -> None:
    seen = checked(api("openapi", evil_openapi()))
    assert "<img src=x onerror=alert(1)>" in seen.text
    assert "{{7*7}}" in seen.text


def words(text: str) -> list[str]:
    return text.split()


FIELDS = words(
    "type properties items allOf oneOf $ref required enum description get post parameters name in schema content "
    "application/json requestBody responses 200 messages message payload channel publish action examples example "
    "default format headers tags security servers url variables"
)
REFERENCES = words("# #/ #/components/schemas/A #/paths/~1a #/channels/a array object")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.just(EVIL),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS) | st.text(max_size=5), inner | st.sampled_from(REFERENCES), max_size=5
        )
    ),
    max_leaves=25,
)
KEYS = st.sampled_from(
    ["info", "paths", "channels", "operations", "components", "servers", "tags", "webhooks"]
)


@given(st.sampled_from(["openapi", "swagger", "asyncapi"]), st.dictionaries(KEYS, JSON), JSON, JSON)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_can_be_shown(field: str, root: dict[str, Any], item: Any, schema: Any) -> None:
    version = {"openapi": "3.1.0", "swagger": "2.0", "asyncapi": "3.0.0"}[field]
    document = {
        **root, field: version, "paths": {"/a": item}, "channels": {"a": item}, "operations": {"o": item},
        "components": {"schemas": {"A": schema, "B": item}}, "definitions": {"A": schema},
    }  # fmt: skip
    checked(api("asyncapi" if field == "asyncapi" else "openapi", json.dumps(document)))


TOKENS = words(
    "message enum service rpc returns oneof map option reserved extend group stream string int32 repeated import "
    'syntax package A b.c .d = 1 -1 ; , { } ( ) [ ] < > "x" // /* */ type Query interface implements union input '
    "scalar directive on schema @x : ! | & <b> \\"
)
WORDS = st.lists(st.sampled_from([*TOKENS, "\n", '"""']), max_size=60)


@given(st.sampled_from(["grpc", "graphql", "openapi", "trpc"]), WORDS.map(" ".join) | st.text(max_size=200))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_can_be_shown(kind: str, text: str) -> None:
    checked(api(kind, text))
