"""The walk over relations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callboard.portal.graph.card import nearest
from callboard.portal.graph.relations import Pairs, say
from callboard.portal.graph.traverse import Graph, Scope, walk
from tests.portal.graph.catalogs import CABLE, CREW, GONE, HARBOUR, RADAR, SHIP, Index

PAIRS = Pairs.of()


def around(*roots: str, scope: Scope, index: Index = HARBOUR) -> Graph:
    return walk(index, roots, scope, PAIRS)


def refs(graph: Graph) -> dict[str, int]:
    return {node.ref: node.depth for node in graph.nodes}


def told(graph: Graph) -> set[tuple[str, tuple[str, ...], str]]:
    names = [node.ref for node in graph.nodes]
    return {(names[edge.source], edge.types, names[edge.target]) for edge in graph.edges}


def test_the_depth_counts_steps_from_the_nearest_root() -> None:
    assert refs(around(SHIP, scope=Scope(depth=1))) == {SHIP: 0, GONE: 1, CREW: 1, CABLE: 1}
    assert refs(around(SHIP, scope=Scope(depth=None)))[RADAR] == 2
    assert refs(around(SHIP, RADAR, scope=Scope(depth=1)))[RADAR] == 0


def test_a_target_that_does_not_exist_is_a_node_without_a_row() -> None:
    nodes = around(SHIP, scope=Scope(depth=1)).nodes
    assert [node.ref for node in nodes if node.row is None] == [GONE]
    assert refs(around("component:default/nobody", scope=Scope())) == {"component:default/nobody": 0}


def test_a_pair_is_one_edge_with_both_names() -> None:
    edges = told(around(SHIP, scope=Scope(depth=1)))
    assert (SHIP, ("ownedBy", "ownerOf"), CREW) in edges
    assert (SHIP, ("dependsOn",), GONE) in edges
    assert len(edges) == 3


def test_unmerged_pairs_are_two_edges_of_which_one_way_keeps_the_one_seen_from_the_root() -> None:
    both = told(around(CREW, scope=Scope(depth=1, merge=False, one_way=False)))
    assert {(CREW, ("ownerOf",), SHIP), (SHIP, ("ownedBy",), CREW)} <= both
    away = told(around(CREW, scope=Scope(depth=1, merge=False)))
    assert away == {(CREW, ("ownerOf",), SHIP), (CREW, ("ownerOf",), RADAR)}


def test_the_walk_follows_one_direction() -> None:
    assert set(refs(around(CABLE, scope=Scope(depth=None, follow="outgoing")))) == {CABLE}
    assert set(refs(around(CABLE, scope=Scope(depth=None, follow="incoming")))) == {CABLE, SHIP, RADAR}


def test_filters_hide_and_count_what_they_hide() -> None:
    graph = around(SHIP, scope=Scope(depth=None, kinds=frozenset({"api"})))
    assert set(refs(graph)) == {SHIP, CABLE}
    assert graph.kinds == {"component": 2, "resource": 1, "group": 1, "api": 1}
    graph = around(SHIP, scope=Scope(depth=None, relations=frozenset({"ownedBy"})))
    assert told(graph) == {(SHIP, ("ownedBy",), CREW)}
    assert graph.relations["providesApi"] == 1


def test_a_limit_keeps_the_nearest_and_says_how_many_there_are() -> None:
    star = Index({"group:default/all": [("ownerOf", f"component:default/c{at}") for at in range(50)]})
    graph = walk(star, ["group:default/all"], Scope(), PAIRS, max_nodes=10)
    assert (len(graph.nodes), len(graph.edges), graph.total, graph.more) == (10, 9, 51, False)


def test_an_endless_count_ends() -> None:
    wide = Index({"group:default/all": [("ownerOf", f"component:default/c{at}") for at in range(25_000)]})
    graph = walk(wide, ["group:default/all"], Scope(), PAIRS)
    assert graph.more
    assert len(graph.nodes) == 2000


def test_a_card_shows_a_share_of_every_relation() -> None:
    many = [("ownerOf", f"component:default/c{at}") for at in range(50)]
    index = Index({CREW: [*many, ("childOf", "group:default/fleet"), ("hasMember", "user:default/ada")]})
    graph = nearest(index, CREW, PAIRS, most=8)
    assert {"group:default/fleet", "user:default/ada"} <= set(refs(graph))
    assert (len(graph.nodes), graph.total) == (8, 53)


def test_relations_are_said_as_verbs_even_unknown_ones() -> None:
    assert say("apiProvidedBy") == "is provided by"
    assert say("deployedTo") == "deployed to"


REFS = [f"component:default/c{at}" for at in range(8)]
CATALOGS = st.dictionaries(
    st.sampled_from(REFS),
    st.lists(
        st.tuples(st.sampled_from(["dependsOn", "dependencyOf", "ownedBy", "likes"]), st.sampled_from(REFS))
    ),
)


@given(CATALOGS, st.sampled_from(["both", "outgoing", "incoming"]), st.booleans(), st.booleans())
def test_edges_join_shown_nodes_and_each_relation_is_drawn_once(
    catalog: dict[str, list[tuple[str, str]]], follow: str, merge: bool, one_way: bool
) -> None:
    index = Index(catalog)
    scope = Scope(depth=3, follow=follow, merge=merge, one_way=one_way)  # type: ignore[arg-type]  # sampled words
    graph = walk(index, REFS[:1], scope, PAIRS)
    assert len(told(graph)) == len(graph.edges)
    for source, types, target in told(graph):
        for relation, (one, other) in zip(types, ((source, target), (target, source)), strict=False):
            assert (relation, other) in catalog.get(one, ()), (one, relation, other)
