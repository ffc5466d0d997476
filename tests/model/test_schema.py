"""The exported JSON Schemas: right by themselves, and agreeing with the catalog's own validation."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from callboard.model.model import Model, load_kind
from callboard.model.schema import DRAFT, catalog_schema, kind_schema

from .entities import SPECS, entity
from .test_declaration import Bucket

NAMES = [kind.name for kind in Model.builtin().kinds]


def test_all_kinds_are_there() -> None:
    assert sorted(NAMES) == sorted({label.split()[0] for label in SPECS})


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_a_valid_schema(model: Model, name: str) -> None:
    schema = model.json_schema(name)
    assert schema["$schema"] == DRAFT
    jsonschema_rs.meta.validate(schema)


@pytest.mark.parametrize("label", SPECS)
def test_a_right_entity_satisfies_its_schema(model: Model, label: str) -> None:
    kind = model.json_schema(label.split(maxsplit=1)[0])
    whole = catalog_schema(model)
    for schema in (kind, whole):
        validator = jsonschema_rs.validator_for(schema)
        assert [str(error) for error in validator.iter_errors(entity(label, tags=["a"]))] == []


@pytest.mark.parametrize("label", SPECS)
def test_a_missing_field_breaks_the_schema_too(model: Model, label: str) -> None:
    for schema in (model.json_schema(label.split(maxsplit=1)[0]), catalog_schema(model)):
        validator = jsonschema_rs.validator_for(schema)
        for name in entity(label)["spec"]:
            broken = entity(label)
            del broken["spec"][name]
            assert validator.is_valid(broken) == (model.validate(broken) == [])


def test_a_wrong_version_breaks_the_schema(model: Model) -> None:
    broken = {**entity("Template"), "apiVersion": "backstage.io/v1alpha1"}
    assert not jsonschema_rs.is_valid(catalog_schema(model), broken)
    assert not jsonschema_rs.is_valid(catalog_schema(model), {**entity(), "kind": "Spaceship"})


@pytest.mark.parametrize(
    "metadata", [{"name": "bad name!"}, {"tags": ["UP"]}, {"labels": {"a b": "c"}}, {"uid": "x"}]
)
def test_a_broken_format_breaks_the_schema(model: Model, metadata: dict[str, Any]) -> None:
    assert not jsonschema_rs.is_valid(model.json_schema("Component"), entity(**metadata))


def test_a_definition_may_be_read_from_a_file(model: Model) -> None:
    api = entity("API")
    api["spec"]["definition"] = {"$text": "./openapi.yaml"}
    assert jsonschema_rs.is_valid(model.json_schema("API"), api)
    api["spec"]["definition"] = {"text": "./openapi.yaml"}
    assert not jsonschema_rs.is_valid(model.json_schema("API"), api)


def test_every_described_field_has_words(model: Model) -> None:
    for kind in model.kinds:
        schema = kind_schema(kind)
        assert schema["description"]
        for name, field in schema["properties"]["spec"]["properties"].items():
            assert field.get("description"), f"{kind.name} {name}"


def test_kinds_that_share_a_name_are_told_apart_by_version(model: Model) -> None:
    second = load_kind({"kind": "Component", "plural": "components", "apiVersions": ["example.org/v2"]})
    schema = catalog_schema(model.extended([second]))
    assert jsonschema_rs.is_valid(schema, {**entity(), "apiVersion": "example.org/v2", "spec": {}})
    assert not jsonschema_rs.is_valid(schema, {**entity(), "spec": {}})


def test_a_kind_of_ones_own_is_exported_too(model: Model) -> None:
    schema = catalog_schema(model.extended([load_kind(Bucket)]))
    jsonschema_rs.meta.validate(schema)
    assert "Bucket" in schema["$defs"]


def test_an_unknown_kind_has_no_schema(model: Model) -> None:
    with pytest.raises(KeyError):
        model.json_schema("Spaceship")
