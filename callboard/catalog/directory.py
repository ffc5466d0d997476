"""The users and groups of the catalog, as sign-in and ownership ask for them."""

from __future__ import annotations

from typing import Any

import orjson

from callboard.catalog.index import Index
from callboard.catalog.query.compile import match_rows
from callboard.catalog.query.conditions import AllOf, Condition, OneOf
from callboard.core.errors import InputError
from callboard.model.refs import parse_ref

MOST = 20  # of users that one question finds; two are as ambiguous as two hundred


class CatalogDirectory:
    """Answers from the read index of this node, whatever the one who asks may see."""

    def __init__(self, index: Index) -> None:
        self._index = index

    async def user(self, ref: str) -> dict[str, Any] | None:
        """The final entity of a user; None when there is none."""
        try:
            row = self._index.row(str(parse_ref(ref)))
        except InputError:
            return None
        if row is None or not self._index.ref(row).startswith("user:"):
            return None
        body = (await self._index.bodies((row,)))[0]
        return None if body is None else orjson.loads(body)

    async def find(
        self,
        *,
        name: str | None = None,
        email: str | None = None,
        annotation: tuple[str, str] | None = None,
    ) -> list[str]:
        """The refs of the users with this name, email or annotation; all that are given must fit."""
        parts: list[Condition] = [OneOf("kind", ("user",))]
        if name is not None:
            parts.append(OneOf("metadata.name", (name.lower(),)))
        if email is not None:
            parts.append(OneOf("spec.profile.email", (email.lower(),)))
        if annotation is not None:
            key, value = annotation
            parts.append(OneOf(f"metadata.annotations.{key}".lower(), (value.lower(),)))
        rows = match_rows(self._index, AllOf(tuple(parts))) if len(parts) > 1 else ()
        return sorted(self._index.ref(row) for row in rows)[:MOST]

    def ownership(self, ref: str) -> tuple[str, ...]:
        """The user and the groups it is a member of, in lower case; empty for one that is not there."""
        ref = ref.lower()
        row = self._index.row(ref)
        if row is None:
            return ()
        return (ref, *sorted(group.lower() for group in self._index.values_of(row, "relations.memberof")))
