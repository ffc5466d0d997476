"""The data of the tabs Members and Ownership and of the cards of groups and users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from callboard.core.errors import NotFoundError
from callboard.model.refs import entity_ref
from callboard.portal.organisation.organisation import having, organisation, targets
from callboard.portal.organisation.ownership import by_kind, united
from callboard.portal.organisation.people import asked_offset, by_name, by_ref, person
from callboard.portal.organisation.profile import profile
from callboard.web.contributions import Entity
from callboard.web.templating import query_string
from callboard.web.view import View

WIDE = "all"
MAX_OWNERS = 50  # that the catalog page takes in one address
SHOWN_GROUPS = 20


@dataclass(frozen=True, slots=True)
class Team:
    """A group in a card: `way` are the groups above it, the topmost first."""

    ref: str
    people: int
    way: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owned:
    """An entity of a list."""

    ref: str
    kind: str
    type: str
    lifecycle: str
    owners: tuple[str, ...]


def of_kind(*kinds: str) -> Callable[[Entity], bool]:
    """Whether an entity is of one of these kinds, given in lower case."""

    def applies(entity: Entity) -> bool:
        return str(entity["kind"]).lower() in kinds

    return applies


def has_groups(entity: Entity) -> bool:
    return of_kind("user")(entity) and _has(entity, "memberOf")


def has_child_groups(entity: Entity) -> bool:
    return of_kind("group")(entity) and _has(entity, "parentOf")


def _row(view: View, entity: Entity) -> int:
    row = view.index.row(entity_ref(entity))
    if row is None:
        raise NotFoundError(f"{entity_ref(entity)} has just left the catalog.")
    return row


def _has(entity: Entity, relation: str) -> bool:
    return any(one["type"] == relation for one in entity.get("relations") or ())


async def members_tab(view: View, entity: Entity) -> Mapping[str, Any]:
    """The users of a group. `?with=all` adds those of all groups below it; `?offset=` pages."""
    whole, row = organisation(view.index), _row(view, entity)
    wide = view.query.get("with") == WIDE
    direct, everybody = whole.members[row], whole.all_members[row]
    listed = by_name(view.queries, everybody if wide else direct, asked_offset(view.query.get("offset")))
    below = {view.index.ref(one) for one in whole.tree.below(row)}
    found = [person(view.index, one, view.title_of(view.index.ref(one))) for one in listed.rows]
    return {
        "wide": wide,
        "direct": len(direct),
        "everybody": len(everybody),
        "listed": listed,
        "people": [(one, [group for group in one.groups if group in below]) for one in found],
        "paged": _paged(view, wide=wide),
    }


def _paged(view: View, *, wide: bool) -> Callable[[int], str]:
    kept = [("with", WIDE)] if wide else []

    def url(offset: int) -> str:
        return view.request.url.path + query_string([*kept, ("offset", str(offset))] if offset else kept)

    return url


async def ownership_tab(view: View, entity: Entity) -> Mapping[str, Any]:
    """What a group or user owns. `?with=all` adds that of all groups below, or of the groups a user is in."""
    whole, ref, index, row = organisation(view.index), entity_ref(entity), view.index, _row(view, entity)
    own, group = having(index, "relations.ownedby", ref), row in whole.members
    if group:
        owners, everything = whole.tree.below(row), whole.all_owned[row]
    else:
        owners = {one for one in targets(index, row, "memberof") if one in whole.members}
        everything = united((own, *(whole.owned[one] for one in owners)))
    wide = view.query.get("with") == WIDE
    rows = everything if wide else own
    listed = by_ref(view.queries, rows)
    refs = sorted({ref, *(index.ref(one) for one in owners)}) if wide else [ref]
    return {
        "group": group,
        "wide": wide,
        "own": len(own),
        "everything": len(everything),
        "kinds": by_kind(rows, whole.kinds),
        "listed": listed,
        "rows": [_owned(view, one) for one in listed.rows],
        "catalog": _catalog_of(refs),
    }


def _catalog_of(owners: Iterable[str]) -> Callable[[str], str]:
    """The address of the catalog with one kind of what these own; nothing where they are too many for one."""
    owners = list(owners)

    def address(kind: str) -> str:
        if len(owners) > MAX_OWNERS:
            return ""
        chosen = [("filters[kind]", kind), *(("filters[owners]", one) for one in owners)]
        return "/catalog" + query_string(chosen)

    return address


def _owned(view: View, row: int) -> Owned:
    index = view.index

    def first(key: str) -> str:
        return next(iter(index.values_of(row, key)), "")

    owners = tuple(ref.lower() for ref in index.values_of(row, "relations.ownedby"))
    return Owned(index.ref(row), first("kind"), first("spec.type"), first("spec.lifecycle"), owners)


async def profile_card(view: View, entity: Entity) -> Mapping[str, Any]:
    return {"profile": profile(entity)}


async def teams_card(view: View, entity: Entity) -> Mapping[str, Any]:
    """The groups that a user is in, each with the way down to it."""
    refs = dict.fromkeys(one["targetRef"].lower() for one in entity["relations"] if one["type"] == "memberOf")
    return {"teams": _teams(view, refs, ways=True), "hidden": max(len(refs) - SHOWN_GROUPS, 0)}


async def child_teams_card(view: View, entity: Entity) -> Mapping[str, Any]:
    """The groups directly below a group."""
    refs = {one["targetRef"].lower() for one in entity["relations"] if one["type"] == "parentOf"}
    ordered = sorted(refs, key=lambda ref: (view.title_of(ref).lower(), ref))
    return {"teams": _teams(view, ordered, ways=False), "hidden": max(len(refs) - SHOWN_GROUPS, 0)}


def _teams(view: View, refs: Iterable[str], *, ways: bool) -> list[Team]:
    whole, found = organisation(view.index), []
    for ref in list(refs)[:SHOWN_GROUPS]:
        row = view.index.row(ref)
        if row is None or row not in whole.members:
            found.append(Team(ref, 0))
            continue
        way = tuple(view.index.ref(one) for one in whole.tree.way_up(row)) if ways else ()
        found.append(Team(ref, len(whole.all_members[row]), way))
    return found
