"""Kinds of one's own: declared as data, without code."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import pytest
from pydantic import BaseModel, Field

from callboard.core.errors import ConfigError
from callboard.model.declaration import Reference
from callboard.model.model import Model, Relation, load_kind

DATASET: dict[str, Any] = {
    "kind": "Dataset",
    "plural": "datasets",
    "apiVersions": ["example.org/v1"],
    "schema": {
        "type": "object",
        "required": ["owner"],
        "properties": {
            "owner": {"type": "string", "minLength": 1},
            "inputs": {
                "type": "array",
                "items": {"type": "object", "properties": {"from": {"type": "string"}}},
            },
            "steward": {"type": "string"},
        },
    },
    "relations": [
        {"path": "spec.owner", "relation": "ownedBy", "inverse": "ownerOf", "defaultKind": "Group"},
        {"path": "spec.inputs.from", "relation": "readsFrom", "inverse": "readBy", "defaultKind": "Dataset"},
        {
            "path": "spec.steward",
            "relation": "stewardedBy",
            "inverse": "stewardOf",
            "defaultKind": "User",
            "defaultNamespace": "default",
            "allowedKinds": ["User"],
        },
    ],
}


def dataset(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "example.org/v1",
        "kind": "Dataset",
        "metadata": {"name": "tides", "namespace": "north"},
        "spec": {"owner": "harbour", **spec},
    }


def problems_of(declaration: Any) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        load_kind(declaration)
    return [(problem.field, problem.message) for problem in caught.value.problems]


def test_a_declared_kind_is_validated_and_related() -> None:
    model = Model.builtin().extended([load_kind(DATASET)])
    item = dataset(inputs=[{"from": "waves"}, {"from": "default/winds"}], steward="ada")
    assert model.validate(item) == []
    own = [relation for relation in model.relations(item) if relation.source == "dataset:north/tides"]
    assert own == [
        Relation("dataset:north/tides", "ownedBy", "group:north/harbour"),
        Relation("dataset:north/tides", "readsFrom", "dataset:default/winds"),
        Relation("dataset:north/tides", "readsFrom", "dataset:north/waves"),
        Relation("dataset:north/tides", "stewardedBy", "user:default/ada"),
    ]
    assert len(model.relations(item)) == 8


def test_a_mistake_deep_in_a_declared_field_is_placed() -> None:
    model = Model.builtin().extended([load_kind(DATASET)])
    (problem,) = model.validate(dataset(inputs=[{"from": "waves"}, {"from": "dataset:"}]))
    assert problem.field == "spec.inputs[1].from"


def test_a_reference_of_a_kind_that_is_not_allowed_is_refused() -> None:
    model = Model.builtin().extended([load_kind(DATASET)])
    (problem,) = model.validate(dataset(steward="group:harbour"))
    assert problem.field == "spec.steward"
    assert "kind user" in problem.message


def test_the_builtin_model_is_left_as_it_was() -> None:
    Model.builtin().extended([load_kind(DATASET)])
    assert Model.builtin().kind_of(dataset()) is None
    assert Model.builtin() is Model.builtin()


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"kind": None}, "kind", "string"),
        ({"kind": "data-set"}, "kind", "must be a string of"),
        ({"plural": 5}, "plural", "string"),
        ({"apiVersions": []}, "apiVersions", "at least 1"),
        ({"apiVersions": ["a/b/c"]}, "apiVersions[0]", "must be a version"),
        ({"schema": {"type": "objekt"}}, "schema", "is not a JSON Schema"),
        ({"schema": {"required": 5}}, "schema", "is not a JSON Schema"),
        ({"schema": {"properties": {"owner": {"$ref": "#/$defs/no"}}}}, "schema", "is not a JSON Schema"),
        ({"colour": "red"}, "colour", "is not a field of a kind"),
        ({"relations": [{"path": "spec.owner"}]}, "relations[0].relation", "is required"),
        (
            {"relations": [{"path": "owner", "relation": "a", "inverse": "b"}]},
            "relations[0].path",
            "should match pattern",
        ),
        (
            {"relations": [{"path": "spec.ovner", "relation": "a", "inverse": "b"}]},
            "relations[0].path",
            "does not describe",
        ),
    ],
)
def test_a_mistake_in_a_declaration_is_named(change: dict[str, Any], field: str, words: str) -> None:
    found = dict(problems_of({**DATASET, "relations": [], **change}))
    assert field in found
    assert words in found[field]


def test_a_missing_name_is_named() -> None:
    assert ("kind", "is required") in problems_of({})


def test_a_kind_declared_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="declared twice"):
        Model.builtin().extended([load_kind(DATASET), load_kind(DATASET)])


def test_relations_that_contradict_each_other_are_refused() -> None:
    odd = {**DATASET, "relations": [{"path": "spec.owner", "relation": "ownedBy", "inverse": "owns"}]}
    with pytest.raises(ConfigError, match="pairs the relation ownedBy with owns"):
        Model.builtin().extended([load_kind(odd)])


class Bucket(BaseModel):
    """A place for files."""

    declares: ClassVar[dict[str, Any]] = {
        "kind": "Bucket",
        "plural": "buckets",
        "apiVersions": ["example.org/v1"],
    }

    owner: Annotated[str, Reference("ownedBy", "ownerOf", default_kind="Group"), Field(min_length=1)]
    size: int | None = None
    mirror_of: Annotated[str, Reference("mirrors", "mirroredBy", default_kind="Bucket")] = Field(
        "main", alias="mirrorOf"
    )


def test_a_pydantic_model_declares_a_kind() -> None:
    kind = load_kind(Bucket)
    model = Model.builtin().extended([kind])
    item = {
        "apiVersion": "example.org/v1",
        "kind": "Bucket",
        "metadata": {"name": "logs"},
        "spec": {"owner": "harbour", "mirrorOf": "old", "size": 5},
    }
    assert kind.description == "A place for files."
    assert model.validate(item) == []
    assert [
        relation.target for relation in model.relations(item) if relation.source == "bucket:default/logs"
    ] == [
        "bucket:default/old",
        "group:default/harbour",
    ]
    item["spec"] = {"size": "big"}
    assert [(problem.field, problem.message) for problem in model.validate(item)] == [
        ("spec.owner", "is required"),
        ("spec.size", 'must be a whole number or null but is a string ("big")'),
    ]


def test_a_pydantic_model_must_name_its_kind() -> None:
    class Nameless(BaseModel):
        owner: str

    assert "needs a class variable `declares`" in problems_of(Nameless)[0][1]


def test_a_kind_may_do_without_spec() -> None:
    kind = load_kind(
        {"kind": "Mark", "plural": "marks", "apiVersions": ["example.org/v1"], "specRequired": False}
    )
    model = Model.builtin().extended([kind])
    mark = {"apiVersion": "example.org/v1", "kind": "Mark", "metadata": {"name": "a"}}
    assert model.validate(mark) == []
    assert model.relations(mark) == []
