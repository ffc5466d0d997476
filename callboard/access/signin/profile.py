"""What an identity provider says about a person, and why a sign-in may be refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callboard.core.errors import AuthenticationError


@dataclass(frozen=True, slots=True)
class Profile:
    """`subject` is the provider's own, stable id of the person; `username` the name to log in with.

    `email` is set only where the provider does not deny that it is verified.
    """

    subject: str
    username: str | None = None
    email: str | None = None
    name: str | None = None
    picture: str | None = None

    @property
    def shown(self) -> dict[str, str]:
        """As Backstage's answers carry it; what is unknown is absent."""
        found = {"email": self.email, "displayName": self.name, "picture": self.picture}
        return {key: value for key, value in found.items() if value}


class SignInError(AuthenticationError):
    """A sign-in that ends here. `code` is one of `REASONS`; `detail` is for the log and never for the person.

    The message is the same for everyone whom no user matches, so that it tells nothing about the catalog.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(REASONS[code])
        self.status = _STATUS.get(code, 401)
        self.code = code
        self.detail = detail


REASONS: Mapping[str, str] = {
    "refused": "You could not be signed in with this account. Ask those who run this portal for access.",
    "denied": "The identity provider did not sign you in.",
    "expired": "This sign-in is no longer valid. Begin again.",
    "provider": "The identity provider could not be reached or did not answer as it should. Try again later.",
    "limit": "There were too many attempts to sign in from your address. Wait a minute, then try again.",
}
_STATUS = {"expired": 400, "provider": 502, "limit": 429}


def text(value: Any) -> str | None:
    """A claim as text (JSON, hence Any); None for anything else, for nothing, and for what is too long."""
    return value.strip() or None if isinstance(value, str) and len(value) <= 1000 else None


def web_address(value: Any) -> str | None:
    """A claim as the https address of a picture; None for anything else."""
    found = text(value)
    return found if found is not None and found.startswith("https://") else None


def profile_of_claims(claims: Mapping[str, Any]) -> Profile:
    """A profile of OpenID Connect's standard claims. Raises SignInError without a subject."""
    subject = text(claims.get("sub"))
    if subject is None:
        raise SignInError("provider", "the answer of the provider has no subject")
    # Some providers write the boolean as text.
    denied = claims.get("email_verified") in (False, "false")
    return Profile(
        subject=subject,
        username=text(claims.get("preferred_username")),
        email=None if denied else text(claims.get("email")),
        name=text(claims.get("name")),
        picture=web_address(claims.get("picture")),
    )
