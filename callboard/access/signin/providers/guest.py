"""The guest, who is anybody: for development."""

from __future__ import annotations

from callboard.access.signin.entry import Entry
from callboard.access.signin.provider import GuestProvider
from callboard.core.errors import InputError
from callboard.model.refs import parse_ref

DEFAULT = "user:development/guest"


def read(entry: Entry) -> GuestProvider:
    """Raises ConfigError outside of development unless the configuration insists."""
    if entry.environment != "development" and not entry.flag("dangerouslyAllowOutsideDevelopment"):
        message = (
            f"the guest signs in without any proof, and auth.environment is {entry.environment}: "
            "remove it, or set dangerouslyAllowOutsideDevelopment to true"
        )
        raise entry.mistake((), message)
    owns = entry.words("ownershipEntityRefs")
    return GuestProvider(
        id=entry.id,
        title=entry.text("title", "Guest"),
        user_ref=_ref(entry, ("userEntityRef",), entry.text("userEntityRef", DEFAULT)),
        owns=tuple(_ref(entry, ("ownershipEntityRefs", place), one) for place, one in enumerate(owns))
        or None,
    )


def _ref(entry: Entry, key: tuple[str | int, ...], text: str) -> str:
    try:
        return str(parse_ref(text, default_kind="user" if key == ("userEntityRef",) else "group"))
    except InputError as error:
        raise entry.mistake(key, str(error)) from None
