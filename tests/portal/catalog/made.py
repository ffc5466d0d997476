"""Small catalogs for the tests of the list: as an index alone, and as entities that a provider gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from hypothesis import strategies as st

from callboard.catalog.index import Entry, Index
from callboard.catalog.query import Queries
from callboard.model.refs import entity_ref
from callboard.portal.catalog.facets import FACETS
from callboard.portal.catalog.state import LIMITS, State, read_columns

Entity = dict[str, Any]

KINDS = ("component", "api", "all", "nothing")
VALUES: dict[str, tuple[str, ...]] = {
    "type": ("service", "website", "none such"),
    "owners": ("group:default/crew", "group:default/deck", "user:default/bo"),
    "lifecycles": ("production", "experimental"),
    "tags": ("java", "go", "c++"),
    "namespace": ("default", "sea"),
}
TEXTS = ("", "a", "lam", "100%", "x_y", "LAMP", "a lamp", "java")


@st.composite
def entities(draw: st.DrawFn) -> list[Entity]:
    names = draw(st.lists(st.sampled_from(("lamp", "Lamp", "a-lamp", "100%", "x_y", "xzy", "b")), max_size=7))
    return [draw(_entity(number, name)) for number, name in enumerate(names)]


@st.composite
def _entity(draw: st.DrawFn, number: int, name: str) -> Entity:
    entity: Entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": draw(st.sampled_from(("Component", "API"))),
        "metadata": {
            "name": f"{name}{number}",
            "namespace": draw(st.sampled_from(("default", "sea"))),
            "uid": f"uid-{number * 5 % 7}",
            "title": draw(st.sampled_from((None, "A title", "zebra"))),
            "tags": draw(st.lists(st.sampled_from(("java", "go", "Go")), unique_by=str.lower)),
            "annotations": {"backstage.io/orphan": "true"} if draw(st.booleans()) else {},
        },
        "spec": {"type": draw(st.sampled_from(("service", "Service", "website")))},
        "relations": [
            {"type": "ownedBy", "targetRef": ref}
            for ref in draw(st.lists(st.sampled_from(VALUES["owners"]), max_size=2, unique=True))
        ],
    }
    if draw(st.booleans()):
        entity["spec"]["lifecycle"] = draw(st.sampled_from(("production", "experimental")))
    if draw(st.booleans()):
        entity["status"] = {"items": [{"level": "error", "message": "no"}]}
    return entity


@st.composite
def states(draw: st.DrawFn) -> State:
    chosen = {
        facet.name: tuple(values)
        for facet in FACETS
        if (values := draw(st.lists(st.sampled_from(VALUES[facet.name]), max_size=2, unique=True)))
    }
    sort = draw(st.sampled_from(("name", "owner", "type", "lifecycle", "namespace", "kind", "system")))
    columns = draw(st.one_of(st.none(), st.lists(st.sampled_from(("owner", "tags", "kind")))))
    return State(
        kind=draw(st.sampled_from(KINDS)),
        whose=draw(st.sampled_from(("all", "all", "owned", "starred"))),
        chosen=chosen if draw(st.booleans()) else {},
        orphan=draw(st.booleans()) and draw(st.booleans()),
        failing=draw(st.booleans()) and draw(st.booleans()),
        text=draw(st.sampled_from(TEXTS)),
        sort=sort,
        descending=draw(st.booleans()),
        columns=None if columns is None else read_columns(columns),
        limit=draw(st.sampled_from(LIMITS)),
        offset=draw(st.sampled_from((0, 1, 40))),
        unfolded=tuple(facet.name for facet in FACETS if draw(st.integers(0, 5)) == 0),
    )


def queries_of(found: Iterable[Entity]) -> Queries:
    index = Index()
    index.put_many([entry_of(one) for one in found])
    return Queries(index)


def entry_of(entity: Entity) -> Entry:
    return Entry(entity_ref(entity), entity["metadata"].get("uid", "uid-other"), orjson.dumps(entity))


def thing(name: str, kind: str = "Component", **more: Any) -> Entity:
    """An entity as a provider gives it. Title, tags, namespace and description go into its metadata."""
    metadata: Entity = {
        key: more.pop(key) for key in ("title", "tags", "namespace", "description") if key in more
    }
    spec = {"type": "service", "lifecycle": "production", "owner": "crew", **more}
    return _given(kind, {"name": name, **metadata}, spec)


def group(name: str, title: str = "") -> Entity:
    return _given("Group", {"name": name, "title": title or name}, {"type": "team", "children": []})


def _given(kind: str, metadata: Entity, spec: Entity) -> Entity:
    place = dict.fromkeys(
        ("backstage.io/managed-by-location", "backstage.io/managed-by-origin-location"), "test:fleet"
    )
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {"annotations": place, **metadata},
        "spec": spec,
    }
