"""The kinds: every field of every spec with every wrong type, generated from the schemas themselves."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from callboard.core.errors import Path, field_name
from callboard.model.kind import Shape
from callboard.model.model import Model

from .entities import SPECS, entity

SAMPLES: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "number": 5,
    "string": "text",
    "array": [],
    "object": {},
}


def shape_of(label: str) -> Shape:
    kind, _, of_type = label.partition(" ")
    (found,) = (item for item in Model.builtin().kinds if item.name == kind)
    return found.shapes.get(of_type, found.shape)


def resolve(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    target = schema.get("$ref")
    return root["$defs"][target.rpartition("/")[2]] if target else schema


def described_fields(
    schema: dict[str, Any], root: dict[str, Any], path: Path
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every field that a schema describes, with its path in the sample entity."""
    schema = resolve(schema, root)
    if path:
        yield path, schema
    for name, field in schema.get("properties", {}).items():
        yield from described_fields(field, root, (*path, name))
    if isinstance(schema.get("items"), dict):
        yield from described_fields(schema["items"], root, (*path, 0))
    for branch in schema.get("oneOf", []):
        if resolve(branch, root).get("type") == "array":
            yield from described_fields(resolve(branch, root)["items"], root, (*path, 0))


def allowed_types(schema: dict[str, Any], root: dict[str, Any]) -> set[str]:
    if "oneOf" in schema:
        return {name for branch in schema["oneOf"] for name in allowed_types(resolve(branch, root), root)}
    of_type = schema.get("type", [])
    return {of_type} if isinstance(of_type, str) else set(of_type)


def put(target: Any, path: Path, value: Any) -> None:
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = value


def wrong_types() -> Iterator[Any]:
    for label in SPECS:
        root = shape_of(label).schema
        for path, schema in described_fields(root, root, ()):
            for name in sorted(SAMPLES.keys() - allowed_types(schema, root)):
                yield pytest.param(label, path, SAMPLES[name], id=f"{label} {field_name(path)} {name}")


def empty_texts() -> Iterator[Any]:
    for label in SPECS:
        root = shape_of(label).schema
        for path, schema in described_fields(root, root, ()):
            if schema.get("minLength") == 1:
                yield pytest.param(label, path, id=f"{label} {field_name(path)}")


def missing_fields() -> Iterator[Any]:
    for label in SPECS:
        for name in shape_of(label).schema["required"]:
            yield pytest.param(label, name, id=f"{label} {name}")


@pytest.mark.parametrize("label", SPECS)
def test_a_right_entity_of_each_kind_has_no_problem(model: Model, label: str) -> None:
    assert model.validate(entity(label)) == []


@pytest.mark.parametrize("label", SPECS)
def test_the_right_entity_uses_every_described_field(label: str) -> None:
    root = shape_of(label).schema
    unused = set(root["properties"]) - set(SPECS[label])
    assert unused - {"system"} == set()


@pytest.mark.parametrize(("label", "path", "value"), list(wrong_types()))
def test_a_wrong_type_is_named_at_its_field(model: Model, label: str, path: Path, value: Any) -> None:
    broken = entity(label)
    put(broken["spec"], path, value)
    problems = model.validate(broken)
    assert ("spec", *path) in [problem.path for problem in problems]
    (problem,) = (item for item in problems if item.path == ("spec", *path))
    assert problem.message.startswith("must be ")
    assert " but is " in problem.message


@pytest.mark.parametrize(("label", "path"), list(empty_texts()))
def test_an_empty_text_is_named_at_its_field(model: Model, label: str, path: Path) -> None:
    broken = entity(label)
    put(broken["spec"], path, "")
    found = [(item.path, item.message) for item in model.validate(broken)]
    assert (("spec", *path), "must not be empty") in found
    assert len(found) == 1 or path == ("type",)  # an empty type may also ask for other fields


@pytest.mark.parametrize(("label", "name"), list(missing_fields()))
def test_a_missing_field_is_named(model: Model, label: str, name: str) -> None:
    broken = entity(label)
    del broken["spec"][name]
    problems = model.validate(broken)
    assert (("spec", name), "is required") in [(item.path, item.message) for item in problems]


@pytest.mark.parametrize("label", SPECS)
@pytest.mark.parametrize("value", [None, 5, "text", True, []])
def test_a_spec_that_is_no_mapping_is_refused(model: Model, label: str, value: Any) -> None:
    (problem,) = model.validate({**entity(label), "spec": value})
    assert problem.path == ("spec",)
    assert problem.message.startswith("must be a mapping but is ")


@pytest.mark.parametrize("label", SPECS)
def test_an_entity_without_spec_is_refused(model: Model, label: str) -> None:
    broken = entity(label)
    del broken["spec"]
    assert [(item.path, item.message) for item in model.validate(broken)] == [(("spec",), "is required")]


@pytest.mark.parametrize("label", SPECS)
def test_unknown_fields_of_spec_are_allowed(model: Model, label: str) -> None:
    extended = entity(label)
    extended["spec"]["custom"] = {"nested": [1, None, {"deep": True}], "$whatever": "./x"}
    assert model.validate(extended) == []


@pytest.mark.parametrize("label", SPECS)
def test_every_reference_field_must_hold_references(model: Model, label: str) -> None:
    for item in shape_of(label).fields:
        broken = entity(label)
        name = item.keys[0]
        is_list = isinstance(broken["spec"].get(name), list)
        broken["spec"][name] = ["group:"] if is_list else "group:"
        (problem,) = model.validate(broken)
        assert problem.path == (("spec", name, 0) if is_list else ("spec", name))
        assert "empty part" in problem.message


@pytest.mark.parametrize("field", ["dependsOn", "dependencyOf"])
@pytest.mark.parametrize("label", ["Component", "Resource"])
def test_a_dependency_must_name_its_kind(model: Model, label: str, field: str) -> None:
    broken = entity(label)
    broken["spec"][field] = ["component:a", "lamp"]
    (problem,) = model.validate(broken)
    assert problem.path == ("spec", field, 1)
    assert "needs a kind" in problem.message


@pytest.mark.parametrize(
    ("version", "kind", "field"),
    [
        ("example.org/v1", "Component", "apiVersion"),
        ("backstage.io/v1beta1", "AiResource", "apiVersion"),
        ("backstage.io/v1alpha1", "Template", "apiVersion"),
        ("scaffolder.backstage.io/v1beta2", "Template", "apiVersion"),
        ("backstage.io/v1alpha1", "component", "kind"),
        ("backstage.io/v1alpha1", "Spaceship", "kind"),
    ],
)
def test_an_unknown_kind_is_refused(model: Model, version: str, kind: str, field: str) -> None:
    (problem,) = model.validate({**entity(), "apiVersion": version, "kind": kind})
    assert problem.field == field
    assert f"no kind {kind} with apiVersion {version} is known" in problem.message


@pytest.mark.parametrize(
    "label", [label for label in SPECS if label.split()[0] not in ("Template", "AiResource")]
)
def test_the_beta_version_means_the_same(model: Model, label: str) -> None:
    assert model.validate({**entity(label), "apiVersion": "backstage.io/v1beta1"}) == []


def test_an_mcp_server_needs_remotes_and_no_definition(model: Model) -> None:
    server = entity("API mcp-server")
    assert "definition" not in server["spec"]
    server["spec"]["remotes"] = []
    (problem,) = model.validate(server)
    assert (problem.field, problem.message) == ("spec.remotes", "must not be empty")
    server["spec"]["remotes"] = [{"type": "sse"}]
    (problem,) = model.validate(server)
    assert (problem.field, problem.message) == ("spec.remotes[0].url", "is required")


def test_presence_is_one_of_two_words(model: Model) -> None:
    broken = entity("Location")
    broken["spec"]["presence"] = "maybe"
    (problem,) = model.validate(broken)
    assert problem.message == 'must be "required" or "optional" but is a string ("maybe")'


def test_a_long_compatibility_note_is_refused(model: Model) -> None:
    broken = entity("AiResource skill")
    broken["spec"]["compatibility"] = "x" * 501
    (problem,) = model.validate(broken)
    assert problem.message == "must have at most 500 characters but has 501"


def test_all_mistakes_come_sorted_by_their_path(model: Model) -> None:
    broken: dict[str, Any] = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": "", "tags": ["ok"] * 10 + ["UP"] + ["ok", "UP"]},
        "spec": {"type": 5, "owner": "group:", "dependsOn": ["x", 7]},
        "extra": 1,
    }
    assert [problem.field for problem in model.validate(broken)] == [
        "extra",
        "metadata.name",
        "metadata.tags[10]",
        "metadata.tags[12]",
        "spec.dependsOn[0]",
        "spec.dependsOn[1]",
        "spec.lifecycle",
        "spec.owner",
        "spec.type",
    ]


def test_a_key_that_is_no_text_is_a_problem_and_no_crash(model: Model) -> None:
    broken = entity()
    broken["spec"][1] = "x"
    (problem,) = model.validate(broken)
    assert problem.field == "spec"


def test_validating_changes_nothing(model: Model) -> None:
    for label in SPECS:
        before = entity(label)
        after = deepcopy(before)
        model.validate(after)
        model.relations(after)
        assert after == before
