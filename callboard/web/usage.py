"""Who is told of what visitors do, where a portal captures its usage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from callboard.access.principals import Principal


class Usage(Protocol):
    """Must return at once: a visitor waits meanwhile."""

    def note(  # noqa: PLR0917 - one parameter a fact
        self,
        principal: Principal,
        browser: str | None,
        agrees: bool,
        action: str,
        subject: str,
        plugin: str,
        page: str,
        value: float | None,
    ) -> None:
        """`browser` is the id of a browser of which no user is known; `agrees` is the visitor's will."""


def agrees(headers: Mapping[str, str], preference: object) -> bool:
    """Whether a visitor may be counted: not when the browser or the visitor said no."""
    return headers.get("dnt") != "1" and headers.get("sec-gpc") != "1" and preference != "no"
