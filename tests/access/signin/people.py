"""The users that the tests sign in, as a directory of a few entities."""

from __future__ import annotations

from typing import Any

JANE, SAM, TEAM = "user:default/jane", "user:default/sam", "group:default/harbour"


def user(name: str, email: str | None = None, **annotations: str) -> dict[str, Any]:
    return {
        "kind": "User",
        "metadata": {"name": name, "namespace": "default", "annotations": annotations},
        "spec": {"profile": {"email": email} if email else {}, "memberOf": ["harbour"]},
    }


class People:
    """A `Directory` over User entities."""

    def __init__(self, *entities: dict[str, Any]) -> None:
        self._users = {f"user:default/{one['metadata']['name']}": one for one in entities}

    async def user(self, ref: str) -> dict[str, Any] | None:
        return self._users.get(ref)

    async def find(
        self,
        *,
        name: str | None = None,
        email: str | None = None,
        annotation: tuple[str, str] | None = None,
    ) -> list[str]:
        return [
            ref
            for ref, one in self._users.items()
            if (name is not None and one["metadata"]["name"] == name)
            or (email is not None and one["spec"]["profile"].get("email", "").lower() == email.lower())
            or (annotation and one["metadata"]["annotations"].get(annotation[0]) == annotation[1])
        ]

    def ownership(self, ref: str) -> tuple[str, ...]:
        return (ref, TEAM) if ref in self._users else ()


PEOPLE = People(
    user(
        "jane",
        "jane@harbour.example",
        **{"github.com/user-id": "101", "okta.com/email": "jane@harbour.example"},
    ),
    user("sam", "sam@harbour.example", **{"github.com/user-id": "102"}),
    user("twin-a", "twins@harbour.example"),
    user("twin-b", "twins@harbour.example"),
)
