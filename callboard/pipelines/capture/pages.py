"""What the pages tell becomes events."""

from __future__ import annotations

from callboard.access.principals import Principal
from callboard.pipelines.capture.capture import Capture, Visitor


class PageUsage:
    """The `Usage` of the pages."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture

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
        visitor = visitor_of(principal, browser, agrees=agrees)
        self._capture.note(visitor, action, subject, plugin=plugin, page=page, value=value)


def visitor_of(principal: Principal, browser: str | None = None, *, agrees: bool = True) -> Visitor:
    """Somebody who is signed in is known by that, anybody else by the browser if it is known."""
    teams = tuple(one for one in principal.owns if one.startswith("group:"))
    return Visitor(principal.user or browser, teams, agrees)
