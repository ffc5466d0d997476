from __future__ import annotations

from typing import Any

import pytest

from callboard.catalog.difference import Change, diff
from callboard.portal.entity.differences import shown
from callboard.portal.entity.neighbours import SHOWN
from callboard.portal.entity.present import errors, links, present, warnings
from callboard.portal.entity.relations import grouped, parts, say, targets
from callboard.portal.entity.source import document


def made(relations: dict[str, list[str]] | None = None, **metadata: Any) -> dict[str, Any]:
    """A final entity with these relations."""
    found = [{"type": kind, "targetRef": ref} for kind, refs in (relations or {}).items() for ref in refs]
    return {"kind": "Component", "metadata": {"name": "Shop", **metadata}, "spec": {}, "relations": found}


def test_an_entity_of_nothing_but_a_name_can_be_shown() -> None:
    about = present({"kind": "Thing", "metadata": {"name": "x"}})
    assert (about.ref, about.title, about.type, about.facts, about.lead) == (
        "thing:default/x",
        "x",
        "",
        (),
        "",
    )


@pytest.mark.parametrize("wrong", [None, 7, "text", [], {}, [[]], {"a": []}])
def test_values_of_the_wrong_shape_are_left_out(wrong: Any) -> None:
    entity = {
        "kind": "Thing",
        "metadata": {"name": "x", "title": wrong, "tags": wrong, "links": wrong, "annotations": wrong},
        "spec": wrong,
        "status": {"items": wrong},
        "relations": None,
    }
    about = present(entity)
    assert about.tags == ()
    assert links(entity) == []
    assert errors(entity) == []
    assert warnings(entity, lambda _: True).lost == ()


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x", "//evil.example", "/admin", "#x"],
)
def test_a_link_that_is_not_safe_is_shown_as_text(url: str) -> None:
    entity = made(
        links=[{"url": url, "title": "Press me"}],
        annotations={"backstage.io/view-url": url, "backstage.io/edit-url": url},
    )
    assert [(link.url, link.shown) for link in links(entity)] == [("", url)]
    assert (present(entity).view_url, present(entity).edit_url) == ("", "")


def test_the_source_is_where_it_was_read_when_no_annotation_says_otherwise() -> None:
    managed = {"backstage.io/managed-by-location": "url:https://example.org/x.yaml"}
    assert present(made(annotations=managed)).view_url == "https://example.org/x.yaml"


def test_a_long_description_is_not_the_lead() -> None:
    assert present(made(description="One line.")).lead == "One line."
    assert present(made(description="One\n\nTwo")).lead == ""
    assert present(made(description="x" * 300)).lead == ""


def test_the_facts_are_told_apart_by_the_kind_they_lead_to() -> None:
    entity = made(
        {"ownedBy": ["group:default/a", "user:default/b"], "partOf": ["system:default/s", "domain:x/d"]}
    )
    facts = {fact.name: fact.refs for fact in present(entity).facts}
    assert facts == {
        "Owner": ("group:default/a", "user:default/b"),
        "Domain": ("domain:x/d",),
        "System": ("system:default/s",),
    }


def test_warnings_count_what_leads_nowhere_once() -> None:
    entity = made(
        {"dependsOn": ["a:b/c", "a:b/d"], "ownedBy": ["a:b/c"]}, annotations={"backstage.io/orphan": "true"}
    )
    found = warnings(entity, lambda ref: ref != "a:b/c")
    assert (found.orphan, found.lost, found.lost_total) == (True, ("a:b/c",), 1)


def test_relations_are_said_in_words() -> None:
    assert [say(one) for one in ("dependsOn", "routesTo", "is_run_by", "x")] == [
        "Depends on",
        "Routes to",
        "Is run by",
        "X",
    ]


def test_groups_are_cut_except_the_one_asked_for() -> None:
    entity = made({"zeta": ["a:b/1"], "dependsOn": [f"a:b/{at}" for at in range(60)]})
    groups = grouped(entity, SHOWN)
    assert [(group.type, len(group.refs), group.hidden) for group in groups] == [
        ("dependsOn", 50, 10),
        ("zeta", 1, 0),
    ]
    assert grouped(entity, SHOWN, "dependsOn")[0].hidden == 0


def test_parts_are_grouped_by_kind_and_those_of_the_own_kind_are_below_it() -> None:
    entity = made({"hasPart": ["widget:default/w", "component:default/c", "api:default/a"]})
    names = [(group.title, group.total) for group in parts(entity, 5, lambda _: "Widget")]
    assert names == [("Subcomponents", 1), ("APIs", 1), ("Widget", 1)]


def test_a_target_named_twice_is_one() -> None:
    assert targets(made({"partOf": ["a:b/c", "a:b/c", "d:e/f"]}), "partOf", kind="a") == ["a:b/c"]


def test_a_long_text_shows_only_the_lines_that_differ() -> None:
    before = "".join(f"line {at}\n" for at in range(2000))
    changes = diff(
        {"definition": before}, {"definition": before.replace("line 1000\n", "line one thousand\n")}
    )
    found = shown(changes).texts[0]
    assert found.lines == (("-", "line 1000"), ("+", "line one thousand"))


def test_a_text_that_differs_everywhere_is_cut() -> None:
    found = shown([Change("x", "changed", "a\n" * 3000, "b\n" * 3000)]).texts[0]
    assert (len(found.lines), found.hidden) == (60, 5940)


def test_many_and_long_changes_are_cut() -> None:
    changes = [Change(f"f{at}", "added", after="y" * 1000) for at in range(120)]
    found = shown(changes)
    assert (len(found.values), found.hidden, len(found.values[0].after)) == (100, 20, 302)


TWO = b"""# a comment with a password: s3cret
kind: Component
metadata:
  name: shop
---
kind: Component
metadata:
  name: other
spec:
  type: [1]
"""


def test_only_the_own_document_of_a_file_is_found() -> None:
    found = document(TWO, "/x.yaml", "component:default/other")
    assert found is not None
    assert found.first == 6
    assert found.text.splitlines()[0] == "kind: Component"
    assert "shop" not in found.text
    assert document(TWO, "/x.yaml", "component:default/third") is None
    assert document(b"root:x:0:0:root:/root:/bin/bash\n", "/etc/passwd", "component:default/shop") is None
    assert document(b"\xff\xfe\x00", "/x", "component:default/shop") is None


def test_an_excerpt_stays_inside_its_document() -> None:
    found = document(TWO, "/x.yaml", "component:default/other")
    assert found is not None
    assert [number for number, _, _ in found.excerpt(10)] == [7, 8, 9, 10]
    assert [here for _, _, here in found.excerpt(6)] == [True, False, False, False]
    assert found.excerpt(2) == []
    assert found.excerpt(99) == []
