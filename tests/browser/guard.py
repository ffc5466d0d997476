"""What must not happen on any page: errors in the console or in scripts, failed requests, foreign hosts."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# What a page itself breaks off: a search while one types on, the event stream when one leaves.
_CANCELLED = "net::ERR_ABORTED"


class Guard:
    """Collects what goes wrong in browser contexts; `check` fails when anything did."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    def allow(self, pattern: str) -> None:
        """Overlooks problems that match, for tests that cause them: `guard.allow("404")`."""
        self._allowed.append(re.compile(pattern))

    def watch(self, context: BrowserContext, base_url: str) -> None:
        """Listens to all pages of a context, which may speak to the origin of `base_url` only."""
        origin = _origin(base_url)

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error":
                csp = "Content Security Policy" in message.text
                place = message.location
                self._note(
                    "content security policy" if csp else "console",
                    f"{message.text} ({place['url']}:{place['lineNumber'] + 1})",
                )

        def on_error(error: WebError) -> None:
            self._note("script", str(error.error))

        def on_request(request: Request) -> None:
            scheme = urlsplit(request.url).scheme
            if scheme in ("http", "https", "ws", "wss") and _origin(request.url) != origin:
                self._note("foreign host", f"{request.method} {request.url}")

        def on_failed(request: Request) -> None:
            if request.failure != _CANCELLED:
                self._note("request", f"{request.method} {request.url}: {request.failure}")

        def on_response(response: Response) -> None:
            if response.status >= 400:
                self._note("request", f"{response.request.method} {response.url}: {response.status}")

        context.on("console", on_console)
        context.on("weberror", on_error)
        context.on("request", on_request)
        context.on("requestfailed", on_failed)
        context.on("response", on_response)

    def check(self) -> None:
        """Fails with every problem that no `allow` covers."""
        left = [one for one in self.problems if not any(allowed.search(one) for allowed in self._allowed)]
        assert not left, "on the pages of this test:\n" + "\n".join(left)

    def _note(self, kind: str, text: str) -> None:
        self.problems.append(f"{kind}: {text}")


def _origin(url: str) -> tuple[str, str]:
    """Scheme and host; a web socket belongs to the origin that serves the page."""
    parts = urlsplit(url)
    return parts.scheme.replace("ws", "http"), parts.netloc
