"""What an answer's status means to the reader's callers."""

from __future__ import annotations

import httpx

from callboard.core.errors import (
    CallboardError,
    InputError,
    NotAllowedError,
    NotFoundError,
    NotModifiedError,
    ServiceUnavailableError,
)
from callboard.core.integrations import Integration


def refusal(response: httpx.Response, url: str, integration: Integration | None) -> CallboardError | None:
    """The error for an answer that is no success, or None. `url` is the one that was asked for."""
    status = response.status_code
    # Azure answers a missing token with 203 and its sign-in page.
    signed_out = status == 203 and integration is not None and integration.type == "azure"
    if 200 <= status < 300 and not signed_out:
        return None
    message = f"could not read {url}, {status} {response.reason_phrase}".rstrip()
    if status == 304:
        return NotModifiedError(f"{url} is not modified")
    if status in (404, 410):
        return NotFoundError(message)
    if status == 429 or status >= 500 or _is_rate_limit(response):
        after = response.headers.get("retry-after", "")[:40]
        return ServiceUnavailableError(f"{message}, retry after {after}" if after else message, after)
    if status in (401, 403) or signed_out:
        return NotAllowedError(f"{message}. {_hint(url, integration)}")
    return InputError(message)


def _is_rate_limit(response: httpx.Response) -> bool:
    return response.status_code == 403 and (
        response.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in response.headers
    )


def _hint(url: str, integration: Integration | None) -> str:
    if integration is None:
        return "The host asks for credentials; configure an integration for it, with a token"
    place = f"'integrations.{integration.type}' for {integration.host}"
    return f"Check that the token configured at {place} is present, valid and may read this repository"
