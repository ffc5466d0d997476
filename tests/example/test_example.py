"""The example organisation is a catalog we would accept from anybody: valid, whole and real."""

from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from callboard.marketplace.kinds import declarations
from callboard.model.model import Model, load_kind

ROOT = Path(str(resources.files("callboard"))) / "example"

MODEL = Model.builtin().extended([load_kind(dict(one)) for one in declarations()])
MARKETPLACE = ROOT / "marketplace"
"""Real files of others, which are as they are."""


def documents(file: Path) -> list[dict[str, Any]]:
    return [
        document
        for document in yaml.load_all(file.read_text("utf-8"), yaml.CSafeLoader)
        if document is not None
    ]


def reached(file: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every entity with its file, following Locations the way the catalog does."""
    for entity in documents(file):
        yield file, entity
        if entity["kind"] == "Location":
            for target in entity["spec"]["targets"]:
                found = sorted(file.parent.glob(target))
                assert found, f"{file}: nothing at {target}"
                for child in found:
                    yield from reached(child)


def resolved(file: Path, entity: dict[str, Any]) -> dict[str, Any]:
    """The entity with its `$text` definition read in."""
    definition = entity.get("spec", {}).get("definition")
    if isinstance(definition, dict):
        text = (file.parent / definition["$text"]).read_text("utf-8")
        return {**entity, "spec": {**entity["spec"], "definition": text}}
    return entity


EVERYTHING = list(reached(ROOT / "catalog-info.yaml"))
ENTITIES = [resolved(file, entity) for file, entity in EVERYTHING if MARKETPLACE not in file.parents]
PLUGINS = [entity for file, entity in EVERYTHING if MARKETPLACE in file.parents]


def ref(entity: dict[str, Any]) -> str:
    metadata = entity["metadata"]
    return f"{entity['kind']}:{metadata.get('namespace', 'default')}/{metadata['name']}".lower()


def definitions(kind: str) -> dict[str, str]:
    return {
        entity["metadata"]["name"]: entity["spec"]["definition"]
        for entity in ENTITIES
        if entity["kind"] == "API" and entity["spec"]["type"] == kind
    }


def test_the_marketplace_has_real_plugins() -> None:
    counted = Counter(entity["kind"] for entity in PLUGINS)
    assert counted == {"Location": 1, "Plugin": 59, "Package": 187, "PluginCollection": 6}


@pytest.mark.parametrize("entity", [*ENTITIES, *PLUGINS], ids=ref)
def test_every_entity_is_valid(entity: dict[str, Any]) -> None:
    assert MODEL.validate(entity) == []


def test_every_reference_resolves() -> None:
    known = {ref(entity) for entity in ENTITIES}
    relations = [relation for entity in ENTITIES for relation in MODEL.relations(entity)]
    assert len(relations) > 300
    dangling = [relation for relation in relations if not {relation.source, relation.target} <= known]
    assert dangling == []


def test_no_entity_is_described_twice() -> None:
    assert [name for name, count in Counter(map(ref, ENTITIES)).items() if count > 1] == []


def test_the_organisation_has_every_kind() -> None:
    assert Counter(entity["kind"] for entity in ENTITIES) == {
        "AiResource": 2,
        "API": 8,
        "Component": 19,
        "Domain": 4,
        "Group": 8,
        "Location": 2,
        "Resource": 8,
        "System": 7,
        "Template": 1,
        "User": 12,
    }
    namespaces = {entity["metadata"].get("namespace", "default") for entity in ENTITIES}
    assert namespaces == {"default", "engine-room"}


def test_every_descriptor_file_is_reached() -> None:
    files = {file for file, _ in EVERYTHING}
    described = {
        file
        for file in ROOT.rglob("*.yaml")
        if any(isinstance(document, dict) and "apiVersion" in document for document in documents(file))
    }
    assert described - files == set()


def test_openapi_definitions_have_paths_and_sound_references() -> None:
    found = definitions("openapi")
    assert len(found) == 3
    for name, text in found.items():
        document = yaml.safe_load(text)
        assert document["openapi"] == "3.1.0", name
        paths = document["paths"].values()
        operations = [method for path in paths for method in path if method != "parameters"]
        assert len(operations) >= 2, name
        assert document["components"]["schemas"], name
        check_pointers(document)


def test_asyncapi_definitions_have_channels_and_sound_references() -> None:
    found = definitions("asyncapi")
    assert len(found) == 2
    for name, text in found.items():
        document = yaml.safe_load(text)
        assert document["asyncapi"] == "3.0.0", name
        assert document["channels"], name
        assert document["operations"], name
        check_pointers(document)


def test_graphql_and_grpc_definitions_are_real() -> None:
    (schema,) = definitions("graphql").values()
    assert "type Query {" in schema
    assert schema.count("{") == schema.count("}")
    (proto,) = definitions("grpc").values()
    assert proto.startswith('syntax = "proto3";')
    assert "service Fares {" in proto
    assert proto.count("{") == proto.count("}")


def test_the_mcp_server_names_its_remotes() -> None:
    (server,) = [entity for entity in ENTITIES if entity["spec"].get("type") == "mcp-server"]
    assert [remote["type"] for remote in server["spec"]["remotes"]] == ["streamable-http"] * 2


def test_only_reserved_hosts_are_named() -> None:
    for file in ROOT.rglob("*"):
        if file.is_file() and file.suffix != ".gz" and MARKETPLACE not in file.parents:
            for rest in file.read_text("utf-8").split("://")[1:]:
                host = rest.split("/")[0].split()[0].rstrip("'\"")
                assert host.endswith(("example.com", "example.org")), f"{file}: {host}"


def check_pointers(document: Any) -> None:
    """Every local `$ref` leads somewhere."""

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                target = document
                for step in node["$ref"].removeprefix("#/").split("/"):
                    assert step in target, node["$ref"]
                    target = target[step]
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(document)
