"""Prepares the rows of a table, so that its template only has to print them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callboard.catalog.index import Index
from callboard.catalog.query.compile import match_rows
from callboard.model.refs import DEFAULT_NAMESPACE, entity_ref
from callboard.portal.catalog.columns import Column, Entity, Shape
from callboard.portal.catalog.filters import ORPHANS
from callboard.web.icons import icon_name
from callboard.web.templating import entity_path, safe_url

MOST_IN_CELL = 3


@dataclass(frozen=True, slots=True)
class Link:
    """A reference as it is shown. `missing`: it leads nowhere."""

    path: str
    text: str
    icon: str
    missing: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What one column shows of one entity; `more` counts what a cell has no room for."""

    title: str
    shape: Shape
    texts: Sequence[str] = ()
    links: Sequence[Link] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """`name` is given where the link does not tell it, and a namespace that is not the default one."""

    ref: str
    link: Link
    name: str
    starred: bool
    failing: bool
    orphan: bool
    cells: list[Cell]


class Links:
    """Makes links, each once: the same few owners and systems stand in every row."""

    def __init__(self, index: Index, title_of: Callable[[str], str]) -> None:
        self._index = index
        self._title_of = title_of
        self._made: dict[str, Link] = {}

    def of(self, ref: str) -> Link:
        link = self._made.get(ref)
        if link is None:
            missing = self._index.row(ref.lower()) is None
            icon = icon_name(ref.partition(":")[0])
            link = self._made[ref] = Link(entity_path(ref), self._title_of(ref), icon, missing)
        return link


def table_rows(
    index: Index,
    entities: Sequence[Entity],
    columns: Sequence[Column],
    starred: Sequence[str],
    title_of: Callable[[str], str],
) -> list[Row]:
    """One row an entity, with a cell for each column but the name."""
    links, stars = Links(index, title_of), set(starred)
    orphans = match_rows(index, ORPHANS)
    shown = [column for column in columns if column.shape != "name"]
    rows = []
    for entity in entities:
        ref = entity_ref(entity)
        link = links.of(ref)
        at = index.row(ref)
        rows.append(
            Row(
                ref=ref,
                link=link,
                name=_name(entity, link.text),
                starred=ref in stars,
                failing=at in index.failing if at is not None else False,
                orphan=at in orphans if at is not None else False,
                cells=[_cell(column, column.values(entity), links) for column in shown],
            )
        )
    return rows


def _name(entity: Entity, title: str) -> str:
    name: str = entity["metadata"]["name"]
    namespace = entity["metadata"].get("namespace") or DEFAULT_NAMESPACE
    told = title.lower().replace(" ", "-") == name.lower()
    if namespace == DEFAULT_NAMESPACE:
        return "" if told else name
    return namespace if told else f"{namespace}/{name}"


def _cell(column: Column, values: Sequence[str], links: Links) -> Cell:
    some, more = values[:MOST_IN_CELL], max(0, len(values) - MOST_IN_CELL)
    if column.shape == "refs":
        return Cell(column.title, column.shape, links=[links.of(ref) for ref in some], more=more)
    if column.shape == "code":
        # A file of the server is no page of ours, so only web addresses are links.
        web = ("http://", "https://")
        made = [Link(safe_url(text) if text.startswith(web) else "", text, "", False) for text in some]
        return Cell(column.title, column.shape, links=made, more=more)
    if column.shape == "prose":
        return Cell(column.title, column.shape, texts=[" ".join(values)[:400]] if values else ())
    if column.shape == "tags":
        return Cell(column.title, column.shape, texts=values)
    return Cell(column.title, column.shape, texts=some, more=more)
