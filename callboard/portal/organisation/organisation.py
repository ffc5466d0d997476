"""Reads the organisation out of the index: groups as a tree, their members, and what they own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from pyroaring import BitMap

from callboard.catalog.index import Index
from callboard.catalog.index.postings import EMPTY, as_bitmap
from callboard.portal.organisation.ownership import gathered, united
from callboard.portal.organisation.tree import Tree, grow

_KEPT: WeakKeyDictionary[Index, tuple[int, Organisation]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Organisation:
    """Everything by row of the index. True for one version of it only: not to be kept across an `await`.

    `members` and `owned` are what a group has by itself, `all_members` and `all_owned` with the groups below
    it. `loose` are users in no group. `missing` are parents that groups name and the catalog does not have.
    """

    tree: Tree
    users: BitMap
    members: Mapping[int, BitMap]
    all_members: Mapping[int, BitMap]
    owned: Mapping[int, BitMap]
    all_owned: Mapping[int, BitMap]
    loose: BitMap
    missing: Mapping[int, Sequence[str]]
    kinds: Sequence[tuple[str, BitMap]]

    @property
    def alone(self) -> list[int]:
        """The groups without a parent that exists."""
        return [group for group, parents in self.tree.parents.items() if not parents]


def organisation(index: Index) -> Organisation:
    """The organisation as it is now; asking again costs nothing until the catalog changes."""
    known = _KEPT.get(index)
    if known is not None and known[0] == index.version:
        return known[1]
    found = _read(index)
    _KEPT[index] = index.version, found
    return found


def having(index: Index, key: str, value: str) -> BitMap:
    """The rows with this value (in lower case) of a field. Not to be changed."""
    field = index.fields.get(key)
    return EMPTY if field is None else as_bitmap(field.like(value))


def targets(index: Index, row: int, relation: str) -> list[int]:
    """The rows that relations of one type (in lower case) lead to, without what is missing."""
    refs = dict.fromkeys(ref.lower() for ref in index.values_of(row, f"relations.{relation}"))
    return [found for ref in refs if (found := index.row(ref)) is not None]


def _read(index: Index) -> Organisation:
    groups, users = having(index, "kind", "group"), having(index, "kind", "user")
    missing: dict[int, list[str]] = {}
    pairs: list[tuple[int, int]] = []
    for ref, rows in _targets(index, "relations.childof"):
        parent = index.row(ref)
        if parent is not None and parent in groups:
            pairs += ((parent, child) for child in rows)
        else:
            for child in rows & groups:
                missing.setdefault(child, []).append(ref)
    for ref, rows in _targets(index, "relations.parentof"):
        below = index.row(ref)
        if below is not None:
            pairs += ((parent, below) for parent in rows)
    tree = grow(groups, pairs)
    refs = {group: index.ref(group) for group in groups}
    members = {group: having(index, "relations.memberof", ref) & users for group, ref in refs.items()}
    owned = {group: having(index, "relations.ownedby", ref) for group, ref in refs.items()}
    kind = index.fields.get("kind")
    kinds = [] if kind is None else [(name, as_bitmap(rows)) for name, rows in kind.items()]
    return Organisation(
        tree,
        users,
        members,
        gathered(tree, members),
        owned,
        gathered(tree, owned),
        users - united(members.values()),
        missing,
        kinds,
    )


def _targets(index: Index, key: str) -> Iterator[tuple[str, BitMap]]:
    field = index.fields.get(key)
    for ref, rows in field.items() if field is not None else ():
        yield ref.lower(), as_bitmap(rows)
