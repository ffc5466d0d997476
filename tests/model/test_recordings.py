"""The recordings: what a real Backstage 1.55 served, refused and related, our model must too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callboard.core.yaml import read_documents
from callboard.model.model import Model
from callboard.model.refs import entity_ref

CONFORMANCE = Path(__file__).parents[1] / "conformance"
CASES = {path.stem[4:]: json.loads(path.read_bytes()) for path in sorted(CONFORMANCE.glob("cases/*.json"))}


def documents(pattern: str) -> list[Any]:
    paths = sorted((CONFORMANCE / "catalog").glob(pattern))
    return [
        item.value for path in paths for item in read_documents(path.read_bytes(), str(path)) if item.value
    ]


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("validate-")])
def test_what_was_refused_is_refused_and_what_was_accepted_is_accepted(model: Model, name: str) -> None:
    case = CASES[name]
    problems = model.validate(case["request"]["body"]["entity"])
    refused_for_its_location = name == "validate-file"
    assert (problems == []) == (case["response"]["status"] == 200 or refused_for_its_location)


@pytest.mark.parametrize("item", documents("invalid/*.yaml"), ids=lambda item: str(item["metadata"]["name"]))
def test_every_entity_recorded_as_invalid_has_one_problem(model: Model, item: dict[str, Any]) -> None:
    assert len(model.validate(item)) == 1


def test_the_same_entities_are_served(model: Model) -> None:
    files = [*documents("*s.yaml"), *documents("edge.yaml"), *documents("org.yaml"), *documents("inner.yaml")]
    files += [*documents("root.yaml"), *documents("subst-unknown.yaml")]
    healthy = {entity_ref(item) for item in files if model.validate(item) == []}
    served = {entity_ref(item) for item in CASES["entities-all"]["response"]["body"]}
    assert healthy == {ref for ref in served if not ref.startswith("location:default/generated-")}


def test_the_same_relations_are_served(model: Model) -> None:
    related: dict[str, set[tuple[str, str]]] = {}
    files = [*documents("*s.yaml"), *documents("edge.yaml"), *documents("org.yaml"), *documents("inner.yaml")]
    for item in files:
        if model.validate(item) == []:
            for relation in model.relations(item):
                related.setdefault(relation.source, set()).add((relation.type, relation.target))
    full = [case["response"]["body"] for name, case in CASES.items() if name.startswith("entity-full-")]
    checked = 0
    for body in full:
        if body["metadata"]["name"] != "subst-unknown":
            recorded = {(relation["type"], relation["targetRef"]) for relation in body["relations"]}
            assert related[entity_ref(body)] == recorded
            checked += 1
    assert checked >= 6
