"""Looks at one link, through the portal's reader only: what that may not read is never asked."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from callboard.core.errors import (
    CallboardError,
    NotAllowedError,
    NotSupportedError,
    ServiceUnavailableError,
)
from callboard.core.integrations import Integrations
from callboard.core.reader import UrlReader
from callboard_links_checker.results import State
from callboard_links_checker.settings import Settings

PAUSE = 0.5  # seconds before a host that failed is asked again
MAX_WHY = 500


async def check(
    url: str, reader: UrlReader, integrations: Integrations, settings: Settings
) -> tuple[State, str]:
    """How the link is, and why it is not ok. Never raises for what the link or its host does."""
    if settings.ignores(url):
        return "unchecked", "The settings leave it out."
    if integrations.by_url(url) is not None and _is_folder(url):
        return "unchecked", "A folder of a source host cannot be checked."
    try:
        reader.check(url)
    except CallboardError as error:
        return "unchecked", _said(error)
    for attempt in range(1, settings.attempts + 1):
        try:
            async with asyncio.timeout(settings.timeout_seconds):
                await reader.probe(url)
            return "ok", ""
        except NotSupportedError:
            return "unchecked", "A page of a source host that is no file cannot be checked."
        except NotAllowedError as error:
            return "unchecked", _said(error)
        except (ServiceUnavailableError, TimeoutError) as error:
            if attempt == settings.attempts:
                return "broken", _said(error) or f"no answer within {settings.timeout_seconds:g} seconds"
            await asyncio.sleep(PAUSE * attempt)
        except CallboardError as error:
            return "broken", _said(error)
    raise AssertionError("unreachable")


def _is_folder(url: str) -> bool:
    path = urlsplit(url).path
    return path.endswith("/") or "/tree/" in path


def _said(error: BaseException) -> str:
    return str(error)[:MAX_WHY]
