"""GraphQL: the entry points, the types behind them, and schemas that come as introspection."""

from __future__ import annotations

import json

from graphql import build_schema, introspection_from_schema

from callboard.portal.apidocs.graphql_api import read_graphql
from tests.portal.apidocs.rendering import EXAMPLE

SDL = '''
"""Ships and berths."""
schema { query: Start, mutation: Change }
"Marks what may be kept."
directive @cached(seconds: Int = 60) on FIELD_DEFINITION
type Start {
  "One ship."
  ship(id: ID!, "Also those that were scrapped." scrapped: Boolean = false): Ship @cached(seconds: 5)
  old: String @deprecated(reason: "Ask ship.")
}
type Change { rename(input: Rename!): Ship! }
interface Named { name: String! }
type Ship implements Named @key(fields: "id") { name: String!, berths(first: Int = 10): [Berth!]! }
extend type Ship { flag: Flag }
enum Flag { RED, GREEN @deprecated }
input Rename { id: ID!, name: String! = "Nameless" }
union Place = Berth | Elsewhere
type Berth { id: ID! }
scalar Metres @specifiedBy(url: "https://example.com/metres")
'''


def test_entry_points_are_those_that_the_schema_names() -> None:
    api = read_graphql(SDL)
    assert api.description == "Ships and berths."
    assert [field.name for field in api.queries] == ["ship", "old"]
    assert [field.name for field in api.mutations] == ["rename"]
    assert api.subscriptions == ()
    assert "Start" not in [one.name for one in api.types]


def test_fields_have_arguments_defaults_descriptions_and_deprecations() -> None:
    ship, old = read_graphql(SDL).queries
    assert (ship.description, ship.type, ship.target) == ("One ship.", "Ship", "type-Ship")
    assert [(one.name, one.type, one.default) for one in ship.arguments] == [
        ("id", "ID!", ""),
        ("scrapped", "Boolean", "false"),
    ]
    assert ship.arguments[1].description == "Also those that were scrapped."
    assert old.deprecated == "Ask ship."


def test_types_of_every_kind_are_listed_with_links() -> None:
    types = {one.name: one for one in read_graphql(SDL).types}
    assert {name: one.kind for name, one in types.items()} == {
        "Ship": "type",
        "Berth": "type",
        "Named": "interface",
        "Rename": "input",
        "Flag": "enum",
        "Place": "union",
        "Metres": "scalar",
    }
    assert [field.name for field in types["Ship"].fields] == ["name", "berths", "flag"]
    assert types["Ship"].fields[1].type == "[Berth!]!"
    assert types["Ship"].directives == ('@key(fields: "id")',)
    assert [(value.name, value.deprecated) for value in types["Flag"].values] == [
        ("RED", ""),
        ("GREEN", "No longer supported"),
    ]
    assert [(link.name, link.target) for link in types["Place"].links] == [
        ("Berth", "type-Berth"),
        ("Elsewhere", ""),
    ]
    assert types["Rename"].inputs[1].default == '"Nameless"'


def test_usual_names_are_the_entry_points_of_a_schema_without_a_schema_block() -> None:
    api = read_graphql("type Query { a: Int } type Subscription { b: Int } type Mutation { c: Int }")
    assert [field.name for field in (*api.queries, *api.mutations, *api.subscriptions)] == ["a", "c", "b"]


def test_the_example_is_read_whole() -> None:
    api = read_graphql((EXAMPLE / "passenger-information" / "schema.graphql").read_text())
    assert len(api.queries) == 5
    assert [field.name for field in api.subscriptions] == ["sailingChanged"]
    assert api.problems == ()


def test_the_answer_to_an_introspection_query_is_a_schema_too() -> None:
    answer = introspection_from_schema(
        build_schema("type Query { ship(id: ID!): Ship } type Ship { n: Int }")
    )
    for source in (json.dumps({"data": answer}), json.dumps(answer)):
        api = read_graphql(source)
        assert [field.name for field in api.queries] == ["ship"]
        assert [one.name for one in api.types] == ["Ship"]


def test_other_json_is_refused_with_words() -> None:
    assert "introspection" in read_graphql('{"data": {}}').problems[0].message


def test_a_syntax_error_names_its_place() -> None:
    (problem,) = read_graphql("type Query {\n  a: \n}\n").problems
    assert (problem.line, problem.column) == (3, 1)


def test_a_query_is_no_part_of_a_schema() -> None:
    api = read_graphql("type Query { a: Int }\nquery { a }")
    assert [field.name for field in api.queries] == ["a"]
    assert api.problems[0].line == 2
