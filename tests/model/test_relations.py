"""Relations: what each kind gives, in both directions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.model.model import Model, Relation

from .entities import SPECS, entity
from .test_refs import kinds, names, namespaces

INVERSES = {
    "ownedBy": "ownerOf",
    "partOf": "hasPart",
    "providesApi": "apiProvidedBy",
    "consumesApi": "apiConsumedBy",
    "dependsOn": "dependencyOf",
    "childOf": "parentOf",
    "memberOf": "hasMember",
}
INVERSES |= {inverse: relation for relation, inverse in INVERSES.items()}

EXPECTED: dict[str, list[tuple[str, str]]] = {
    "Component": [
        ("consumesApi", "api:default/fog-events"),
        ("consumesApi", "api:north/tides"),
        ("dependencyOf", "component:default/keeper"),
        ("dependsOn", "component:default/rotor"),
        ("dependsOn", "resource:default/tide-db"),
        ("ownedBy", "group:default/harbour"),
        ("partOf", "component:default/tower"),
        ("partOf", "system:default/beacon"),
        ("providesApi", "api:default/lamp-api"),
    ],
    "API": [("ownedBy", "group:default/harbour"), ("partOf", "system:default/beacon")],
    "API mcp-server": [("ownedBy", "group:default/harbour"), ("partOf", "system:default/beacon")],
    "Resource": [
        ("dependencyOf", "component:default/lamp"),
        ("dependsOn", "resource:default/disk"),
        ("ownedBy", "group:default/harbour"),
        ("partOf", "system:default/beacon"),
    ],
    "System": [("ownedBy", "group:default/harbour"), ("partOf", "domain:default/navigation")],
    "Domain": [("ownedBy", "group:default/harbour"), ("partOf", "domain:default/sea")],
    "Group": [
        ("childOf", "group:default/lighthouse"),
        ("hasMember", "user:default/ada"),
        ("parentOf", "group:default/pilots"),
    ],
    "User": [("memberOf", "group:default/harbour")],
    "Location": [],
    "Template": [("ownedBy", "group:default/harbour")],
    "AiResource": [("ownedBy", "group:default/harbour"), ("partOf", "system:default/beacon")],
    "AiResource skill": [
        ("dependsOn", "airesource:default/typing"),
        ("ownedBy", "group:default/harbour"),
        ("partOf", "system:default/beacon"),
    ],
    "AiResource rule": [("ownedBy", "group:default/harbour")],
    "AiResource plugin": [("hasPart", "airesource:default/typing"), ("ownedBy", "group:default/harbour")],
    "AiResource marketplace": [
        ("hasPart", "airesource:default/review"),
        ("ownedBy", "group:default/harbour"),
    ],
}


def assert_paired(relations: list[Relation]) -> None:
    found = set(relations)
    assert len(found) == len(relations)
    assert {Relation(item.target, INVERSES[item.type], item.source) for item in found} == found


@pytest.mark.parametrize("label", SPECS)
def test_each_kind_gives_its_relations_in_both_directions(model: Model, label: str) -> None:
    relations = model.relations(entity(label))
    own = f"{label.split(maxsplit=1)[0].lower()}:default/lamp"
    assert [(item.type, item.target) for item in relations if item.source == own] == EXPECTED[label]
    assert len(relations) == 2 * len(EXPECTED[label])
    assert_paired(relations)


def test_references_live_in_the_namespace_of_the_entity(model: Model) -> None:
    relations = model.relations(entity("System", namespace="north"))
    assert Relation("system:north/lamp", "ownedBy", "group:north/harbour") in relations


def test_a_reference_given_twice_is_one_relation(model: Model) -> None:
    doubled = entity("User")
    doubled["spec"]["memberOf"] = ["harbour", "group:harbour", "GROUP:default/Harbour"]
    assert len(model.relations(doubled)) == 2


def test_one_dependent_may_be_written_without_a_list(model: Model) -> None:
    single = entity("Component")
    single["spec"]["dependencyOf"] = "component:keeper"
    assert model.validate(single) == []
    assert model.relations(single) == model.relations(entity("Component"))
    single["spec"]["dependencyOf"] = None
    assert model.validate(single) == []


def test_an_unknown_kind_has_no_relations(model: Model) -> None:
    assert model.relations({**entity(), "kind": "Spaceship"}) == []


refs = st.builds(
    lambda kind, namespace, name: f"{kind}:{namespace}/{name}", kinds, namespaces, names
) | st.builds(lambda kind, name: f"{kind}:{name}", kinds, names)


@given(name=names, namespace=namespaces, owner=refs, dependencies=st.lists(refs, max_size=5), data=st.data())
def test_every_relation_has_its_inverse_whatever_the_order(
    name: str, namespace: str, owner: str, dependencies: list[str], data: Any
) -> None:
    model = Model.builtin()
    item = entity("Component", name=name, namespace=namespace)
    item["spec"] |= {"owner": owner, "dependsOn": dependencies, "dependencyOf": dependencies}
    relations = model.relations(item)
    assert_paired(relations)
    assert relations == sorted(relations)
    item["spec"]["dependsOn"] = data.draw(st.permutations(dependencies))
    assert model.relations(item) == relations
