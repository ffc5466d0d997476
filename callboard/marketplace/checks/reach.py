"""Whether the links of a listing lead somewhere, asked through the safe reader: the one check with I/O."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from callboard.core.errors import CallboardError, NotAllowedError, NotFoundError, NotSupportedError
from callboard.core.reader import UrlReader
from callboard.marketplace.checks.findings import Finding, error, info, warning
from callboard.marketplace.checks.links import wrong_url

MOST = 12
SECONDS = 20.0


async def check_reach(reader: UrlReader, urls: Sequence[tuple[str, str]]) -> list[Finding]:
    """`urls` are pairs of field and address. Those that may not be linked at all are not asked for."""
    asked = [(field, url) for field, url in urls if wrong_url(url) is None][:MOST]
    return [one for one in await asyncio.gather(*(_one(reader, *each) for each in asked)) if one is not None]


async def _one(reader: UrlReader, field: str, url: str) -> Finding | None:
    try:
        reader.check(url)
    except CallboardError:
        return info(
            "link-unchecked", f"{url[:200]} is not asked: its host is not in backend.reading.allow", field
        )
    try:
        async with asyncio.timeout(SECONDS):
            await reader.probe(url)
    except NotAllowedError:
        return error(
            "link-redirects", f"{url[:200]} leads on to another host than the ones that may be read", field
        )
    except NotFoundError:
        return error("link-dead", f"{url[:200]} leads nowhere", field)
    except NotSupportedError:
        return None  # a page of a source host, which is there for people
    except (CallboardError, TimeoutError) as problem:
        return warning("link-unclear", f"{url[:200]} could not be asked: {str(problem)[:200]}", field)
    return None
