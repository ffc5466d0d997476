from __future__ import annotations

import pytest

from callboard.core.yaml import read_documents
from callboard.model import Model
from callboard.portal.importing.starter import EXAMPLES, draft, example


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_example_is_valid_as_it_stands(kind: str) -> None:
    (document,) = read_documents(example(kind, None), None)
    assert document.value["kind"].lower() == kind  # type: ignore[index]  # a value of any shape
    assert Model.builtin().validate(document.value) == []


def test_an_example_names_the_group_of_who_asks() -> None:
    assert "owner: group:default/harbour\n" in example("component", "group:default/harbour")


def test_a_kind_without_an_example_has_none() -> None:
    assert example("spaceship", None) == ""


def test_a_draft_is_completed_with_an_owner() -> None:
    entity = {"kind": "Component", "metadata": {"name": "x"}, "spec": {"type": "other"}}
    (document,) = read_documents(draft(entity, "group:default/harbour"), None)
    assert document.value == {**entity, "spec": {"type": "other", "owner": "group:default/harbour"}}
