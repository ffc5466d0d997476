"""Rows of tables of other entities, told from the read index without a look at their bodies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callboard.catalog.index import Index
from callboard.model.refs import kind_of

SHOWN = 50
REACHED_THROUGH = 500  # direct neighbours that are asked for theirs; beyond that a list helps nobody


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A row. `known` is False for a ref that leads nowhere; `through` names the refs that lead to it."""

    ref: str
    kind: str
    type: str
    owners: tuple[str, ...]
    lifecycle: str
    known: bool
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Neighbours under a title. `id` names the list in `?all=`; `rows` are those shown of `total`."""

    id: str
    title: str
    rows: tuple[Neighbour, ...]
    total: int
    through: bool = False

    @property
    def hidden(self) -> int:
        return self.total - len(self.rows)


def table(index: Index, id: str, title: str, refs: Sequence[str], *, whole: bool) -> Table:
    """The first `SHOWN` of the refs, or all."""
    shown = refs if whole else refs[:SHOWN]
    return Table(id, title, tuple(neighbour(index, ref) for ref in shown), len(refs))


def indirect(
    index: Index, id: str, title: str, *, relation: str, own: str, direct: Sequence[str], whole: bool
) -> Table:
    """What the direct neighbours reach by the same relation, except themselves and the entity `own`."""
    through: dict[str, list[str]] = {}
    passed = {own, *direct}
    for ref in direct[:REACHED_THROUGH]:
        row = index.row(ref)
        for found, target in index.relations(row) if row is not None else ():
            if found == relation and target not in passed:
                through.setdefault(target, []).append(ref)
    refs = sorted(through)
    shown = refs if whole else refs[:SHOWN]
    rows = tuple(neighbour(index, ref, through[ref]) for ref in shown)
    return Table(id, title, rows, len(refs), through=True)


def neighbour(index: Index, ref: str, through: Iterable[str] = ()) -> Neighbour:
    row = index.row(ref)
    if row is None:
        return Neighbour(ref, kind_of(ref), "", (), "", known=False, through=tuple(through))

    def first(key: str) -> str:
        return next(iter(index.values_of(row, key)), "")

    owners = tuple(index.values_of(row, "relations.ownedby"))
    kind = first("kind") or kind_of(ref)
    return Neighbour(
        ref, kind, first("spec.type"), owners, first("spec.lifecycle"), known=True, through=tuple(through)
    )
