"""The catalog as one principal may use it: the methods of `Catalog`, each behind its permission.

A refusal is a NotAllowedError, unless it would tell that a hidden entity exists: then the answer is that of
an entity that does not.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from callboard.access.permissions import Permission
from callboard.catalog.permissions import (
    ENTITY_DELETE,
    ENTITY_REFRESH,
    ENTITY_VALIDATE,
    LOCATION_ANALYZE,
    LOCATION_CREATE,
    LOCATION_DELETE,
    LOCATION_READ,
    OPERATIONS_UPDATE,
    UNPROCESSED_DELETE,
)
from callboard.catalog.permitted_questions import PermittedQuestions
from callboard.catalog.query.conditions import EVERYTHING, NOTHING
from callboard.core.errors import InputError, NotAllowedError, NotFoundError
from callboard.model.refs import parse_ref

Row = dict[str, Any]


class Permitted(PermittedQuestions):
    """Made per request, for its principal."""

    # Locations

    async def add_location(self, type: str, target: str, presence: str = "required") -> Row:
        await self._require(LOCATION_CREATE)
        return await self._catalog.add_location(type, target, presence)

    async def dry_run_location(self, type: str, target: str) -> tuple[Row, list[Row], bool]:
        await self._require(LOCATION_CREATE)
        return await self._catalog.dry_run_location(type, target)

    async def refresh_location(self, type: str, target: str) -> Row:
        """For those who may register it: a second registration is all that this is."""
        await self._require(LOCATION_CREATE)
        return await self._catalog.refresh_location(type, target)

    async def update_location(self, id: str, type: str, target: str) -> Row:
        await self._require(LOCATION_CREATE)
        await self.location(id)
        return await self._catalog.update_location(id, type, target)

    async def delete_location(self, id: str) -> None:
        await self._require(LOCATION_DELETE)
        await self._catalog.delete_location(id)

    async def analyze_location(self, type: str, target: str) -> Row:
        await self._require(LOCATION_ANALYZE)
        found = await self._catalog.analyze_location(type, target)
        if not await self.allows(LOCATION_READ):
            for file in found.get("existingEntityFiles", ()):
                file["isRegistered"] = False
        return found

    # Entities

    async def refresh(self, entity_ref: str) -> None:
        """What may not be seen is not found; what may be seen but not refreshed is refused."""
        await self._refuse_denied(ENTITY_REFRESH)
        try:
            ref = str(parse_ref(entity_ref))
        except InputError:
            raise NotFoundError(f"Entity {entity_ref} not found") from None
        if not await self._may_know(ref):
            raise NotFoundError(f"Entity {ref} not found")
        if not await self._allowed([ref], ENTITY_REFRESH):
            raise _refused(ENTITY_REFRESH)
        await self._catalog.refresh(entity_ref)

    async def refresh_many(self, refs: Collection[str]) -> int:
        """What may not be seen or not be refreshed is passed over, as are refs that name nothing."""
        known = [ref.lower() for ref in refs if await self._may_know(ref.lower())]
        allowed = await self._allowed(known, ENTITY_REFRESH)
        return await self._catalog.refresh_many(allowed) if allowed else 0

    async def delete_entity(self, uid: str) -> None:
        """Where conditions decide, what does not exist is refused like what does not meet them."""
        await self._refuse_denied(ENTITY_DELETE)
        queries = await self._visibility.queries_for(self.principal, ENTITY_DELETE)
        if queries.condition != EVERYTHING and queries.index.row_of_id(uid) is None:
            raise _refused(ENTITY_DELETE)
        by = "the API" if self.principal.means == "open" else self.principal.name
        await self._catalog.delete_entity(uid, by)

    async def validate_entity(self, entity: Any, location: str) -> list[Row]:
        await self._require(ENTITY_VALIDATE)
        return await self._catalog.validate_entity(entity, location)

    async def reindex(self) -> None:
        await self._require(OPERATIONS_UPDATE)
        await self._catalog.reindex()

    # What needs attention

    async def delete_unprocessed(self, entity_id: str) -> None:
        """Deletes only what nobody sees yet; of anything else, what the principal may delete."""
        await self._require(UNPROCESSED_DELETE)
        if self._visibility.queries.index.row_of_id(entity_id) is not None:
            queries = await self._visibility.queries_for(self.principal, ENTITY_DELETE)
            if queries.index.row_of_id(entity_id) is None:
                return  # as when there is none
        await self._catalog.delete_unprocessed(entity_id)

    async def confirm_held_back(self, provider: str) -> None:
        await self._require(OPERATIONS_UPDATE)
        await self._catalog.confirm_held_back(provider)

    async def reject_held_back(self, provider: str) -> None:
        await self._require(OPERATIONS_UPDATE)
        await self._catalog.reject_held_back(provider)

    async def _allowed(self, refs: Collection[str], permission: Permission) -> list[str]:
        """Those of some lower-case refs for which the principal has a permission that is given per entity."""
        queries = await self._visibility.queries_for(self.principal, permission)
        if queries.condition == EVERYTHING:
            return list(refs)
        return [ref for ref in refs if queries.index.row(ref) is not None]

    async def _refuse_denied(self, permission: Permission) -> None:
        """Raises NotAllowedError where the permission is given for no entity whatever."""
        if await self._visibility.condition_for(self.principal, permission) == NOTHING:
            raise _refused(permission)


def _refused(permission: Permission) -> NotAllowedError:
    return NotAllowedError(f"You are not allowed to do this: {permission.name}")
