"""The profile of a user or group: who it is and how to reach it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from callboard.portal.organisation.people import initials, mail_link
from callboard.web.contributions import Entity
from callboard.web.shapes import mapping, text

_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif|svg\+xml)[;,]")
_LARGEST = 256 * 1024  # characters of a picture; what is larger makes the page slow


@dataclass(frozen=True, slots=True)
class Profile:
    """`picture` is a data: URL or nothing: pictures of other hosts would tell them who reads."""

    name: str
    initials: str
    role: str
    email: str
    mail: str
    picture: str
    about: str


def profile(entity: Entity) -> Profile:
    """What a descriptor tells; what has the wrong shape is left out."""
    spec, metadata = mapping(entity.get("spec")), mapping(entity.get("metadata"))
    given = mapping(spec.get("profile"))
    name = _trimmed(given.get("displayName")) or _trimmed(metadata.get("title")) or str(metadata["name"])
    email, picture = _trimmed(given.get("email")), _trimmed(given.get("picture"))
    shown = len(picture) <= _LARGEST and _PICTURE.match(picture) is not None
    return Profile(
        name,
        initials(name),
        _trimmed(given.get("title")) or _trimmed(given.get("role")),
        email,
        mail_link(email),
        picture if shown else "",
        _trimmed(metadata.get("description")),
    )


def _trimmed(value: Any) -> str:
    return text(value).strip()
