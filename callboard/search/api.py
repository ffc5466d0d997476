"""`GET /api/search/query`, as Backstage's clients ask it (contract note C9 and its OpenAPI document)."""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.access.principals import Principal, principal_of
from callboard.core.errors import AuthenticationError, InputError, ServiceUnavailableError
from callboard.core.http import json_answer
from callboard.search.highlight import tagged
from callboard.search.query import Hit, SearchRequest
from callboard.search.seen import Visible
from callboard.search.service import Search

DEFAULT_LIMIT = 25
_START_SECONDS = 5.0  # how long a search waits for the index before it is refused
_LIST_KEY = re.compile(r"types(?:\[[0-9]*\])?")
_FILTER_KEY = re.compile(r"filters\[([^\[\]]+)\](?:\[[0-9]*\])?")
_INTEGER = re.compile(r"-?[0-9]{1,9}")


Sees = Callable[[Principal], Awaitable[Visible | None]]
"""Gives what a principal may see of the catalog; None for everything."""


async def sees_everything(principal: Principal) -> None:
    """For a portal without permissions."""


def search_routes(
    search: Search,
    prefix: str = "/api/search",
    *,
    sees: Sees = sees_everything,
    max_page_limit: int = 100,
    max_term_length: int = 100,
) -> list[Route]:
    """The routes; the limits are `search.maxPageLimit` and `search.maxTermLength` of the configuration."""

    async def query(request: Request) -> Response:
        wanted = read_request(request.scope["query_string"], search.types, max_page_limit, max_term_length)
        await _wait_ready(search)
        principal = principal_of(request)
        if principal.type == "none":
            raise AuthenticationError("Missing credentials")
        answer = await search.query(wanted, await sees(principal))
        page = wanted.offset // wanted.limit
        body: dict[str, Any] = {
            "results": [_result(hit) for hit in answer.hits],
            "numberOfResults": answer.total,
        }
        if answer.total > wanted.offset + wanted.limit:
            body["nextPageCursor"] = _cursor(page + 1)
        if page:
            body["previousPageCursor"] = _cursor(page - 1)
        return json_answer(body)

    return [Route(f"{prefix}/query", query, methods=["GET"])]


def read_request(
    query_string: bytes, types: tuple[str, ...], max_page_limit: int, max_term_length: int
) -> SearchRequest:
    """The request in a query string; InputError for what Backstage refuses. Unknown parameters are ignored.

    Lists may be written `types=a`, `types[]=a` or `types[0]=a`, each repeated.
    """
    single: dict[str, str] = {}
    wanted: list[str] = []
    filters: dict[str, list[object]] = {}
    for name, value in parse_qsl(query_string.decode("utf-8", "replace"), keep_blank_values=True):
        if name in ("term", "pageCursor", "pageLimit"):
            if name in single:
                raise InputError(f"Invalid query string: {name} must be a string")
            single[name] = value
        elif _LIST_KEY.fullmatch(name):
            wanted.append(value)
        elif match := _FILTER_KEY.fullmatch(name):
            filters.setdefault(match[1], []).append(value)
        elif name == "filters" or name.startswith("filters["):
            raise InputError(f"Invalid query string: {name} must be written filters[field]=value")
        elif name.startswith("types["):
            raise InputError("Invalid query string: types must be a list of strings")
    if unknown := sorted(set(wanted) - set(types)):
        raise InputError(f'Invalid query string: there are no documents of the type "{unknown[0]}"')
    term = single.get("term", "")
    if len(term) > max_term_length:
        raise InputError(
            f'Invalid query string: The term length "{len(term)}" is greater than "{max_term_length}"'
        )
    limit = _limit(single.get("pageLimit"), max_page_limit)
    return SearchRequest(term, wanted, filters, _page(single.get("pageCursor")) * limit, limit)


def _limit(value: str | None, most: int) -> int:
    if value is None:
        return min(DEFAULT_LIMIT, most)
    if not _INTEGER.fullmatch(value):
        raise InputError("request/query/pageLimit must be integer")
    limit = int(value)
    if limit > most:
        raise InputError(f'Invalid query string: The page limit "{limit}" is greater than "{most}"')
    if limit < 1:
        raise InputError("request/query/pageLimit must be >= 1")
    return limit


def _page(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        number = base64.b64decode(cursor + "=" * (-len(cursor) % 4), validate=True).decode("ascii")
    except ValueError:
        number = ""
    if not re.fullmatch(r"[0-9]{1,9}", number):
        raise InputError("Invalid query string: pageCursor is not one that a search gave")
    return int(number)


def _cursor(page: int) -> str:
    return base64.b64encode(str(page).encode()).decode()


def _result(hit: Hit) -> dict[str, Any]:
    result: dict[str, Any] = {"type": hit.document.type, "document": hit.document.shown(), "rank": hit.rank}
    if hit.highlights:
        # No text can hold a tag that is made up now, so clients may split at it.
        name = secrets.token_hex(8)
        before, after = f"<{name}>", f"</{name}>"
        fields = {field: tagged(segments, before, after) for field, segments in hit.highlights.items()}
        result["highlight"] = {"preTag": before, "postTag": after, "fields": fields}
    return result


async def _wait_ready(search: Search) -> None:
    """Holds a search back until everything can be found: half an answer is a wrong one."""
    for _ in range(int(_START_SECONDS / 0.05)):
        if search.ready:
            return
        await asyncio.sleep(0.05)
    if not search.ready:
        raise ServiceUnavailableError("The search index is still being built")
