from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson
from hypothesis import given
from hypothesis import strategies as st

from callboard.catalog.index import Index
from callboard.catalog.index.entry import Entry
from callboard.portal.organisation.branches import DEPTH, SHOWN, Branch, Growth, seek
from callboard.portal.organisation.organisation import organisation
from tests.portal.organisation.models import Model, models

Relations = Iterable[tuple[str, str]]
MANY = st.sets(st.integers(0, 11), max_size=4)  # groups, of which some do not exist


def entry(ref: str, relations: Relations = ()) -> Entry:
    kind, _, rest = ref.partition(":")
    body = {
        "kind": kind.capitalize(),
        "metadata": {"name": rest.partition("/")[2]},
        "spec": {"type": "team"},
        "relations": [{"type": one, "targetRef": target} for one, target in relations],
    }
    return Entry(entity_id=ref, entity_ref=ref, body=orjson.dumps(body))


def group(number: int) -> str:
    return f"group:default/g{number}"


def index_of(model: Model, users: list[set[int]], things: list[set[int]]) -> Index:
    """Each pair is told by the child only, by the parent only, or by both, as catalogs do."""
    index = Index()
    for one in model.groups:
        up = [("childOf", group(parent)) for parent, child in model.pairs if child == one and parent % 3]
        down = [("parentOf", group(child)) for parent, child in model.pairs if parent == one and child % 2]
        both = [("parentOf", group(c)) for p, c in model.pairs if p == one and not p % 3]
        index.put(entry(group(one), [*up, *down, *both]))
    for number, groups in enumerate(users):
        index.put(entry(f"user:default/u{number}", [("memberOf", group(one)) for one in groups]))
    for number, groups in enumerate(things):
        index.put(entry(f"component:default/c{number}", [("ownedBy", group(one)) for one in groups]))
    return index


def names(index: Index, rows: Iterable[int]) -> set[str]:
    return {index.ref(row).rpartition("/")[2] for row in rows}


@given(models(), st.lists(MANY, max_size=5), st.lists(MANY, max_size=5))
def test_members_and_owned_entities_are_what_walking_finds(
    model: Model, users: list[set[int]], things: list[set[int]]
) -> None:
    index = index_of(model, users, things)
    whole = organisation(index)
    assert names(index, whole.members) == {f"g{one}" for one in model.groups}
    for one in model.groups:
        row = index.row(group(one))
        assert row is not None
        below = model.below(one)
        assert names(index, whole.members[row]) == {f"u{n}" for n, into in enumerate(users) if one in into}
        assert names(index, whole.all_members[row]) == {
            f"u{n}" for n, into in enumerate(users) if into & below
        }
        assert names(index, whole.all_owned[row]) == {f"c{n}" for n, by in enumerate(things) if by & below}
    loose = {f"u{n}" for n, into in enumerate(users) if not into & model.groups}
    assert names(index, whole.loose) == loose


def shown(branches: Iterable[Branch], depth: int = 0) -> Iterator[tuple[Branch, int]]:
    for branch in branches:
        yield branch, depth
        yield from shown(branch.children, depth + 1)


@given(models())
def test_a_page_shows_what_fits_and_ends_where_a_circle_closes(model: Model) -> None:
    index = index_of(model, [], [])
    whole = organisation(index)
    growth = Growth(index, whole, index.ref)
    found = list(shown(growth.branches(growth.ordered(whole.tree.tops))))
    assert len(found) <= SHOWN + len(whole.tree.tops)
    assert all(depth <= DEPTH for _, depth in found)
    assert all(not branch.children for branch, _ in found if branch.leads_back)
    if len(found) < SHOWN and all(depth < DEPTH for _, depth in found):
        assert {branch.ref for branch, _ in found} == {group(one) for one in model.groups}


@given(models(), st.sampled_from(["g1", "G", "%", "_", "\\", "team", ""]))
def test_the_filter_finds_names_and_types_and_keeps_what_stands_above(model: Model, text: str) -> None:
    index = index_of(model, [], [])
    sought = seek(index, organisation(index), text)
    low = text.lower()
    found = {f"g{one}" for one in model.groups if low in f"g{one}" or low in "team"}
    assert names(index, sought.found) == found
    kept = {f"g{one}" for one in model.groups if any(f"g{other}" in found for other in model.below(one))}
    assert names(index, sought.kept) == kept


def test_a_changed_catalog_is_read_again_and_an_unchanged_one_is_not() -> None:
    index = index_of(Model(frozenset([0, 1]), ((0, 1),)), [], [])
    before = organisation(index)
    assert organisation(index) is before
    index.remove(group(1))
    assert len(organisation(index).members) == 1
