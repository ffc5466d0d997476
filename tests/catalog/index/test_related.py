"""Relations and failing entities are told from the index alone."""

from __future__ import annotations

from typing import Any

import orjson

from callboard.catalog.index import Entry, Index


def entry(name: str, *relations: tuple[str, str], status: Any = None) -> Entry:
    body: dict[str, Any] = {
        "kind": "Component",
        "metadata": {"name": name, "uid": name, "tags": ["a", "b"], "annotations": {"x/y": name}},
        "spec": {"type": "service", "lifecycle": "production", "owner": "team", "dependsOn": ["a", "b"]},
        "relations": [{"type": kind, "targetRef": target} for kind, target in relations],
    }
    if status is not None:
        body["status"] = status
    return Entry(f"component:default/{name}", name, orjson.dumps(body))


def relations(index: Index, name: str) -> list[tuple[str, str]]:
    row = index.row(f"component:default/{name}")
    assert row is not None
    return index.relations(row)


def test_relations_keep_the_case_of_their_type() -> None:
    index, given = Index(), [("ownedBy", "group:default/team"), ("dependsOn", "resource:default/db")]
    index.put(entry("a", *given))
    assert relations(index, "a") == given
    index.put(entry("a", *given[:1]))
    assert relations(index, "a") == given[:1]
    index.put(entry("a"))
    assert relations(index, "a") == []


def test_long_targets_and_types_that_differ_in_case_only_are_told_whole() -> None:
    index = Index()
    long = [("ownedBy", f"group:default/{'x' * 300}"), ("ownedBy", "group:default/team")]
    index.put(entry("a", *long))
    index.put(entry("b", ("OwnedBy", "group:default/team")))
    assert relations(index, "a") == long
    assert relations(index, "b") == [("OwnedBy", "group:default/team")]
    index.remove("component:default/a")
    index.put(entry("c", ("ownedBy", "group:default/team")))  # takes the row of the one that went
    assert relations(index, "c") == [("ownedBy", "group:default/team")]


def test_failing_rows_follow_the_status() -> None:
    index = Index()
    wrong = {"items": [{"level": "error"}]}
    index.put_many([entry("a", status=wrong), entry("b", status={"items": []}), entry("c")])
    assert [index.ref(row) for row in index.failing] == ["component:default/a"]
    index.put(entry("a"))
    index.put(entry("b", status=wrong))
    assert [index.ref(row) for row in index.failing] == ["component:default/b"]
    index.remove("component:default/b")
    assert not index.failing
