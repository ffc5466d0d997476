"""What is written on the nodes of a picture: a name, the kind and type, and where the node leads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import east_asian_width

from callboard.model.refs import kind_of
from callboard.portal.graph.traverse import Node
from callboard.web.icons import icon_name
from callboard.web.templating import entity_path, short_ref
from callboard.web.titles import Terms, title_at


@dataclass(frozen=True, slots=True)
class Label:
    """`sort` is the kind with the type, `short` the reference without what goes without saying."""

    ref: str
    title: str
    sort: str
    icon: str
    path: str
    short: str
    missing: bool


def label_of(index: Terms, node: Node) -> Label:
    """The label of one node; of an entity that does not exist the reference is all there is."""
    kind = kind_of(node.ref)
    title, sort = node.ref.rpartition("/")[2], f"{kind} · missing"
    if node.row is not None:
        title = title_at(index, node.row) or title
        words = [*index.values_of(node.row, "kind")[:1], *index.values_of(node.row, "spec.type")[:1]]
        sort = " · ".join(words) or kind
    title, sort = _visible(title), _visible(sort)
    return Label(
        node.ref, title, sort, icon_name(kind), entity_path(node.ref), short_ref(node.ref), node.row is None
    )


def _visible(text: str) -> str:
    """Without control characters: they break an SVG document, or turn the direction of what follows."""
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)


def labels_of(index: Terms, nodes: Iterable[Node]) -> list[Label]:
    return [label_of(index, node) for node in nodes]


def fit(text: str, columns: int) -> str:
    """The text cut to a width, counting wide characters (Chinese, emoji) twice."""
    if text.isascii():
        return text if len(text) <= columns else text[: columns - 1].rstrip() + "…"
    used = 0
    for at, char in enumerate(text):
        used += 2 if east_asian_width(char) in "WF" else 1
        if used > columns:
            return text[: max(at - 1, 1)].rstrip() + "…"
    return text
