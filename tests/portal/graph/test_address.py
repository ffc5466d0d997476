"""The URL of the graph."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.portal.graph.address import MAX_ROOTS, Address, read_address
from callboard.portal.graph.traverse import Scope


def test_a_link_of_backstage_means_the_same_here() -> None:
    query = (
        "rootEntityRefs%5B%5D=component:default/x&rootEntityRefs[1]=API:y&maxDepth=3&selectedKinds[]=Component"
        "&selectedRelations[]=ownedBy&unidirectional=false&mergeRelations=false&direction=TB&curve=curveStepBefore"
    )
    address = read_address(parse_qsl(query))
    assert address == Address(
        roots=("component:default/x", "api:default/y"),
        scope=Scope(
            depth=3,
            kinds=frozenset({"component"}),
            relations=frozenset({"ownedBy"}),
            merge=False,
            one_way=False,
        ),
        orientation="TB",
        curve="curveStepBefore",
    )


WORDS = st.frozensets(st.sampled_from(["ownedBy", "partOf", "likes"]))
ADDRESSES = st.builds(
    Address,
    roots=st.lists(st.sampled_from(["component:default/x", "group:a/b&c=d", "api:ä/ö"]), unique=True).map(
        tuple
    ),
    scope=st.builds(
        Scope,
        depth=st.none() | st.integers(1, 100),
        follow=st.sampled_from(["both", "outgoing", "incoming"]),
        kinds=st.frozensets(st.sampled_from(["component", "api"])),
        relations=WORDS,
        merge=st.booleans(),
        one_way=st.booleans(),
    ),
    orientation=st.sampled_from(["LR", "RL", "TB", "BT"]),
    curve=st.sampled_from(["curveMonotoneX", "curveStepBefore"]),
)


@given(ADDRESSES)
def test_an_address_survives_its_url(address: Address) -> None:
    assert read_address(parse_qsl(address.query())) == address


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("rootEntityRefs[]=component:", "component:"),
        ("maxDepth=0", "0"),
        ("maxDepth=-1", "-1"),
        ("maxDepth=999999999999", "999999999999"),
        ("maxDepth=²", "²"),
        ("direction=sideways", "sideways"),
        ("mergeRelations=maybe", "maybe"),
        ("selectedKinds[]=<b>", "<b>"),
        ("follow=me", "me"),
    ],
)
def test_what_is_not_understood_is_said_and_the_rest_is_shown(query: str, word: str) -> None:
    address = read_address(parse_qsl(f"{query}&rootEntityRefs[]=api:x"))
    assert address.roots == ("api:default/x",)
    assert len(address.problems) == 1
    assert word in address.problems[0]


def test_a_form_without_ticks_and_roots_is_the_plain_page() -> None:
    sent = "rootEntityRefs[]=&maxDepth=2&follow=both&mergeRelations=false&mergeRelations=true"
    assert read_address(parse_qsl(sent, keep_blank_values=True)) == Address()


def test_too_many_roots_are_cut_with_a_word() -> None:
    address = read_address([("rootEntityRefs[]", f"api:x{at}") for at in range(MAX_ROOTS + 5)])
    assert len(address.roots) == MAX_ROOTS
    assert address.problems
