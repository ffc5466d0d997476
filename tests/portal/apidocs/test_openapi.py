"""OpenAPI 3.0 and 3.1 and Swagger 2.0: what the page learns from them, and what it says about mistakes."""

from __future__ import annotations

import json

from callboard.portal.apidocs.openapi import read_openapi
from callboard.portal.apidocs.openapi_model import OpenApi, Operation

BERTHS = """\
openapi: 3.1.0
info:
  title: Berths
  version: 1.2.0
  description: Where *ships* lie.
  contact: {name: Harbour office, email: berths@example.com}
servers:
  - url: https://{region}.example.com/v1
    description: Production
    variables:
      region: {default: north}
security:
  - token: [read]
  - {}
tags:
  - {name: berths, description: Places at the quay}
paths:
  /berths:
    parameters:
      - $ref: '#/components/parameters/Limit'
    get:
      operationId: listBerths
      tags: [berths]
      summary: All berths
      responses:
        '200':
          description: They are.
          headers:
            X-Total: {description: How many there are, schema: {type: integer}}
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Berth'}}
    post:
      tags: [berths]
      security: []
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Berth'}
      responses:
        '201': {description: Made}
        default: {$ref: '#/components/responses/Refused'}
  /berths/{id}:
    delete:
      deprecated: true
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
        - {name: dry, in: query, schema: {type: boolean, default: false}}
      responses: {'204': {description: Gone}}
webhooks:
  arrived:
    post: {summary: A ship came in, responses: {'200': {description: Thanks}}}
components:
  parameters:
    Limit: {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
  responses:
    Refused:
      description: No.
      content: {application/problem+json: {example: {title: Full}}}
  schemas:
    Berth:
      type: object
      required: [id, length]
      properties:
        id: {type: string, readOnly: true}
        length: {type: number, exclusiveMinimum: 0, description: In metres}
        neighbour: {$ref: '#/components/schemas/Berth', description: To the left}
        kind: {enum: [quay, buoy]}
        ship: {oneOf: [{$ref: '#/components/schemas/Ship'}, {type: 'null'}]}
    Ship:
      allOf:
        - {$ref: '#/components/schemas/Named'}
        - {type: object, properties: {flag: {type: [string, 'null']}}}
    Named: {type: object, required: [name], properties: {name: {type: string, example: Candlewick}}}
  securitySchemes:
    token: {type: http, scheme: bearer, bearerFormat: JWT}
"""


def read(source: str) -> OpenApi:
    found = read_openapi(source)
    assert isinstance(found, OpenApi)
    return found


def operation(api: OpenApi, method: str, path: str) -> Operation:
    return next(one for one in api.operations if (one.method, one.path) == (method, path))


def test_a_definition_says_what_it_is_and_where() -> None:
    api = read(BERTHS)
    assert (api.title, api.version, api.specification) == ("Berths", "1.2.0", "OpenAPI 3.1.0")
    assert api.contact == ("Harbour office", "berths@example.com")
    assert [server.url for server in api.servers] == ["https://north.example.com/v1"]
    assert [(one.name, one.type, one.detail) for one in api.security] == [("token", "http", "bearer JWT")]
    assert api.problems == ()


def test_operations_stand_under_their_tags_and_the_rest_comes_last() -> None:
    api = read(BERTHS)
    assert [(group.name, len(group.operations)) for group in api.groups] == [("berths", 2), ("", 2)]
    assert api.groups[0].description == "Places at the quay"
    assert [one.path for one in api.operations if one.is_webhook] == ["arrived"]


def test_parameters_of_the_path_are_inherited_through_references() -> None:
    (limit,) = operation(read(BERTHS), "GET", "/berths").parameters
    assert (limit.name, limit.place, limit.required) == ("limit", "query", False)
    assert limit.schema.limits == ("at least 1", "at most 100")


def test_parameters_are_ordered_by_place_and_have_examples_for_a_form() -> None:
    gone = operation(read(BERTHS), "DELETE", "/berths/{id}")
    assert [(one.name, one.required, one.example) for one in gone.parameters] == [
        ("id", True, "3fa85f64-5717-4562-b3fc-2c963f66afa6"),
        ("dry", False, "false"),
    ]
    assert gone.deprecated


def test_security_is_said_as_alternatives_and_can_be_lifted() -> None:
    api = read(BERTHS)
    assert operation(api, "GET", "/berths").security == ("token (read)", "none")
    assert operation(api, "POST", "/berths").security == ("none",)


def test_a_body_shows_the_schema_it_refers_to_and_an_example_without_what_is_read_only() -> None:
    body = operation(read(BERTHS), "POST", "/berths").body
    assert body is not None
    assert body.required
    schema = body.media[0].schema
    assert schema is not None
    assert (schema.ref, schema.target) == ("Berth", "schema-Berth")
    assert [(field.name, field.required) for field in schema.fields][:2] == [("id", True), ("length", True)]
    example = json.loads(body.media[0].example)
    assert "id" not in example
    assert example["kind"] == "quay"


def test_a_schema_inside_another_is_a_link_and_a_cycle_ends_there() -> None:
    api = read(BERTHS)
    berth = next(one.schema for one in api.schemas if one.name == "Berth")
    fields = {field.name: field for field in berth.fields}
    assert (fields["neighbour"].ref, fields["neighbour"].fields) == ("Berth", ())
    assert fields["neighbour"].description == "To the left"
    assert fields["length"].limits == ("more than 0",)
    assert fields["kind"].values == ("quay", "buoy")
    (branch,) = fields["ship"].branches
    assert (branch.label, [option.target for option in branch.options]) == ("One of", ["schema-Ship", ""])


def test_what_a_schema_extends_is_part_of_it() -> None:
    ship = next(one.schema for one in read(BERTHS).schemas if one.name == "Ship")
    assert [(field.name, field.type, field.required) for field in ship.fields] == [
        ("name", "string", True),
        ("flag", "string or null", False),
    ]


def test_responses_have_headers_and_examples_also_through_references() -> None:
    api = read(BERTHS)
    (listed,) = operation(api, "GET", "/berths").responses
    assert [header.name for header in listed.headers] == ["X-Total"]
    schema = listed.media[0].schema
    assert schema is not None
    assert (schema.type, schema.target) == ("array of Berth", "schema-Berth")
    refused = operation(api, "POST", "/berths").responses[1]
    assert (refused.status, refused.description) == ("default", "No.")
    assert json.loads(refused.media[0].example) == {"title": "Full"}


def test_json_with_tabs_is_read_as_well() -> None:
    assert read('{\n\t"openapi": "3.0.0",\n\t"info": {"title": "T"},\n\t"paths": {}\n}').title == "T"


SWAGGER = """\
swagger: '2.0'
info: {title: Old berths, version: '1'}
host: berths.example.com
basePath: /v0
schemes: [https, http]
consumes: [application/json]
produces: [application/json]
parameters:
  Ship: {name: ship, in: body, required: true, schema: {$ref: '#/definitions/Ship'}}
paths:
  /ships:
    post:
      parameters: [{$ref: '#/parameters/Ship'}, {name: X-Trace, in: header, type: string, maxLength: 8}]
      responses:
        200: {description: ok, schema: {$ref: '#/definitions/Ship'}, examples: {application/json: {name: A}}}
  /photos:
    post:
      consumes: []
      parameters:
        - {name: file, in: formData, type: file, required: true}
        - {name: note, in: formData, type: string}
      responses: {}
definitions:
  Ship: {type: object, properties: {name: {type: string}, sister: {$ref: '#/definitions/Ship'}}}
securityDefinitions:
  basic: {type: basic}
  oauth: {type: oauth2, flow: accessCode, scopes: {read: Read}}
"""


def test_swagger_is_shown_like_openapi() -> None:
    api = read(SWAGGER)
    assert api.specification == "Swagger 2.0"
    assert [server.url for server in api.servers] == [
        "https://berths.example.com/v0",
        "http://berths.example.com/v0",
    ]
    ships = operation(api, "POST", "/ships")
    assert [(one.name, one.place, one.schema.limits) for one in ships.parameters] == [
        ("X-Trace", "header", ("at most 8 characters",))
    ]
    assert ships.body is not None
    assert ships.body.media[0].schema is not None
    assert ships.body.media[0].schema.target == "schema-Ship"
    assert json.loads(ships.responses[0].media[0].example) == {"name": "A"}
    assert [(one.name, one.type) for one in api.security] == [("basic", "http"), ("oauth", "oauth2")]
    assert api.security[1].detail == "authorizationCode: read"
    assert api.problems == ()


def test_form_parameters_of_swagger_make_one_body() -> None:
    body = operation(read(SWAGGER), "POST", "/photos").body
    assert body is not None
    assert body.media[0].type == "application/json"
    schema = body.media[0].schema
    assert schema is not None
    assert [(field.name, field.type, field.required) for field in schema.fields] == [
        ("file", "file", True),
        ("note", "string", False),
    ]


def test_broken_yaml_names_line_and_column() -> None:
    document = read_openapi("openapi: 3.0.0\ninfo:\n  title: [\n")
    assert not isinstance(document, OpenApi)
    (problem,) = document.problems
    assert (problem.line, problem.column) == (3, 10)


def test_mistakes_are_placed_and_hide_nothing_else() -> None:
    api = read(
        "openapi: 3.0.0\ninfo: {title: T}\npaths:\n  /a: nonsense\n  /b:\n    get:\n      parameters:\n"
        "        - $ref: '#/nowhere'\n        - {name: x, in: nowhere}\n      responses: {}\n    put: 3\n"
    )
    assert [one.path for one in api.operations] == ["/b"]
    assert [(problem.field, problem.line) for problem in api.problems] == [
        ("paths./a", 4),
        ("paths./b.put", 11),
        ("paths./b.get.parameters[0]", 8),
        ("paths./b.get.parameters[1]", 9),
    ]


def test_references_elsewhere_are_named_and_not_followed() -> None:
    api = read(
        "openapi: 3.0.0\npaths: {/a: {get: {responses: {'200': {description: x, content: {application/json: "
        "{schema: {$ref: 'https://example.com/ship.json#/Ship'}}}}}}}}\n"
    )
    schema = api.operations[0].responses[0].media[0].schema
    assert schema is not None
    assert (schema.ref, schema.cut) == ("Ship", "it is defined elsewhere")


def test_large_definitions_link_to_schemas_instead_of_repeating_them() -> None:
    paths = {
        f"/ships/{n}": {
            "get": {
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ship"}}},
                    }
                }
            }
        }
        for n in range(400)
    }
    schemas = {"Ship": {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(100)}}}
    api = read(json.dumps({"openapi": "3.0.0", "paths": paths, "components": {"schemas": schemas}}))
    assert len(api.operations) == 400
    shown = api.operations[399].responses[0].media[0].schema
    assert shown is not None
    assert (shown.target, shown.fields) == ("schema-Ship", ())
    assert len(api.schemas[0].schema.fields) == 100
