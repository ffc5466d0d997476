"""How an owner of a CODEOWNERS file is called in the catalog."""

from __future__ import annotations

from collections.abc import Mapping

from callboard.core.errors import InputError
from callboard.model.refs import parse_ref


def owner_of(owners: tuple[str, ...], mapping: Mapping[str, str]) -> str | None:
    """The value of `spec.owner`: the first of the owners counts, as in Backstage.

    A team is called by its lower-case name, a user `User:<name>`, an e-mail address by what is before the @.
    `mapping` (keys in lower case) goes before. None when there is nobody, or no reference can be made of it.
    """
    if not owners:
        return None
    given = owners[0]
    name = mapping.get(given.lower()) or _by_itself(given)
    try:
        parse_ref(name, default_kind="group")
    except InputError:
        return None
    return name


def _by_itself(given: str) -> str:
    if given.startswith("@"):
        organisation, _, team = given[1:].rpartition("/")
        return team.lower() if organisation else f"User:{team}"
    return given.partition("@")[0]
