"""Reads which part of the catalog a URL shows, and writes such URLs; its filters are those of Backstage.

Whatever a URL holds, it means something: what cannot be understood is left out. Values are kept in lower
case, because filters compare without case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast, get_args
from urllib.parse import urlencode

from callboard.core.errors import InputError
from callboard.model.refs import parse_ref
from callboard.portal.catalog.columns import COLUMNS
from callboard.portal.catalog.facets import BY_NAME, FACETS
from callboard.web.shapes import whole_number

PATH = "/catalog"
FIRST_KIND = "component"
EVERY_KIND = "all"
LIMITS = (20, 50, 100)
MAX_VALUES = 50  # of one facet; more would make a URL that browsers refuse
MAX_LENGTH = 300
MAX_OFFSET = 10_000_000

Whose = Literal["all", "owned", "starred"]
_FILTER = re.compile(r"filters\[(\w{1,30})\](?:\[\d{0,4}\])?")  # lists are also written name[] and name[0]
_OTHER_NAMES = {"types": "type", "owner": "owners", "lifecycle": "lifecycles", "namespaces": "namespace"}
_NAME = "name"


@dataclass(frozen=True, slots=True)
class State:
    """One view of the catalog. `chosen` has the wanted values of each facet by its name, none empty.

    `columns` is None where the visitor's own choice counts; `unfolded` names the facets of which all values
    are to be listed.
    """

    kind: str = FIRST_KIND
    whose: Whose = "all"
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    orphan: bool = False
    failing: bool = False
    text: str = ""
    sort: str = _NAME
    descending: bool = False
    columns: tuple[str, ...] | None = None
    limit: int = LIMITS[0]
    offset: int = 0
    unfolded: tuple[str, ...] = ()

    def pairs(self) -> list[tuple[str, str]]:
        """The query parameters: only what differs from what `/catalog` alone means."""
        pairs: list[tuple[str, str]] = []
        if self.kind != FIRST_KIND:
            pairs.append(("filters[kind]", self.kind))
        if self.whose != "all":
            pairs.append(("filters[user]", self.whose))
        for facet in FACETS:
            pairs += [(f"filters[{facet.name}]", value) for value in self.chosen.get(facet.name, ())]
        if self.orphan:
            pairs.append(("filters[orphan]", "true"))
        if self.failing:
            pairs.append(("filters[error]", "true"))
        if self.text:
            pairs.append(("filters[text]", self.text))
        if self.sort != _NAME or self.descending:
            pairs.append(("sort", f"-{self.sort}" if self.descending else self.sort))
        if self.columns is not None:
            pairs.append(("columns", ",".join(self.columns)))
        if self.unfolded:
            pairs.append(("all", ",".join(self.unfolded)))
        if self.limit != LIMITS[0]:
            pairs.append(("limit", str(self.limit)))
        if self.offset:
            pairs.append(("offset", str(self.offset)))
        return pairs

    def query(self) -> str:
        """The same as text, readable as far as URLs allow."""
        return urlencode(self.pairs(), safe="[]:/,")

    def url(self, path: str = PATH) -> str:
        """The shareable address of this view."""
        query = self.query()
        return f"{path}?{query}" if query else path

    def but(self, **changes: Any) -> State:
        """The first page of the same view with fields replaced; their types are those of the fields."""
        return replace(self, **{"offset": 0, **changes})

    def without(self, name: str, value: str | None = None) -> State:
        """The same without one chosen value of a facet, or without all of them."""
        left = tuple(one for one in self.chosen.get(name, ()) if value is not None and one != value)
        others = {known: values for known, values in self.chosen.items() if known != name}
        return self.but(chosen={**others, name: left} if left else others)

    def of_kind(self, kind: str) -> State:
        """The same list of another kind, without what is peculiar to this one: its types and its columns."""
        if kind == self.kind:
            return self.but()
        return self.without("type").but(kind=kind, columns=None)

    def folding(self, name: str) -> State:
        """The same page with all values of a facet listed, or again only the first."""
        known = self.unfolded
        changed = tuple(one for one in known if one != name) if name in known else (*known, name)
        return replace(self, unfolded=tuple(one for one in BY_NAME if one in changed))

    def cleared(self) -> State:
        """The same kind with no filter at all."""
        return self.but(whose="all", chosen={}, orphan=False, failing=False, text="")

    @property
    def narrowed(self) -> int:
        """How many filters there are, the kind not counted."""
        values = sum(len(values) for values in self.chosen.values())
        return values + sum((self.whose != "all", self.orphan, self.failing, bool(self.text)))


def read_state(parameters: Iterable[tuple[str, str]]) -> State:
    """The view that query parameters mean. What cannot be understood is left out."""
    filters: dict[str, list[str]] = {}
    others: dict[str, str] = {}
    for name, value in parameters:
        if found := _FILTER.fullmatch(name):
            filters.setdefault(_OTHER_NAMES.get(found[1], found[1]), []).append(value)
        else:
            others[name] = value
    chosen = {name: values for name in BY_NAME if (values := _values(name, filters.get(name, ())))}
    whose = filters.get("user", ["all"])[-1].strip().lower()
    sort = others.get("sort", "").strip()
    known = COLUMNS.get(sort.removeprefix("-"))
    sortable = known is not None and known.sort is not None
    return State(
        kind=_clean(filters.get("kind", [""])[-1]) or FIRST_KIND,
        whose=cast(Whose, whose) if whose in get_args(Whose) else "all",
        chosen=chosen,
        orphan=_on(filters.get("orphan")),
        failing=_on(filters.get("error")),
        text=" ".join(filters.get("text", [""])[-1][:MAX_LENGTH].split()),
        sort=sort.removeprefix("-") if sortable else _NAME,
        descending=sortable and sort.startswith("-"),
        columns=read_columns(others["columns"].split(",")) if others.get("columns") else None,
        limit=_number(others.get("limit"), LIMITS[-1], LIMITS[0], LIMITS),
        offset=_number(others.get("offset"), MAX_OFFSET, 0),
        unfolded=tuple(name for name in BY_NAME if name in others.get("all", "").split(",")),
    )


def read_columns(names: Iterable[str]) -> tuple[str, ...]:
    """The known columns among these, in the order that tables show them. The name is always one."""
    wanted = {name.strip() for name in names} | {_NAME}
    return tuple(name for name in COLUMNS if name in wanted)


def _values(name: str, texts: Iterable[str]) -> tuple[str, ...]:
    values = (_owner(text) if BY_NAME[name].ref else _clean(text) for text in texts)
    return tuple(dict.fromkeys(filter(None, values)))[:MAX_VALUES]


def _clean(text: str) -> str:
    return text.strip().lower()[:MAX_LENGTH].strip()


def _owner(text: str) -> str:
    """A full reference, also from the short form in which links to a group are often written."""
    clean = _clean(text)
    try:
        return str(parse_ref(clean, default_kind="group"))[:MAX_LENGTH].strip()
    except InputError:
        return clean


def _on(texts: list[str] | None) -> bool:
    return texts is not None and texts[-1].strip().lower() in ("true", "1", "on", "yes")


def _number(text: str | None, largest: int, otherwise: int, allowed: tuple[int, ...] = ()) -> int:
    if (given := whole_number(text)) is None:
        return otherwise
    number = min(given, largest)
    return number if not allowed or number in allowed else otherwise
