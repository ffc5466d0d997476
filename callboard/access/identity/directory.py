"""What identity needs to know of the catalog's users and groups; the catalog implements it, from above."""

from __future__ import annotations

from typing import Any, Protocol


class Directory(Protocol):
    async def user(self, ref: str) -> dict[str, Any] | None:
        """The User entity under an entity ref (JSON, hence Any); None when there is none."""

    async def find(
        self,
        *,
        name: str | None = None,
        email: str | None = None,
        annotation: tuple[str, str] | None = None,
    ) -> list[str]:
        """The refs of the users with this name, profile e-mail or annotation (key, value), in lower case."""

    def ownership(self, ref: str) -> tuple[str, ...]:
        """The user's own ref and the groups it is a member of, as the catalog has them now.

        Empty when the catalog does not know the user: then what was stored at sign-in stands. It is asked
        for every request, so it must answer from memory.
        """
