"""The read API of the extension kinds, as Red Hat's extensions plugin serves it, below `/api/extensions`.

It answers from the entities Plugin, Package and PluginCollection as whoever asks may see them. Lists leave
long texts out, and take the filters, orders and pages of `entities/by-query`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pyroaring import BitMap
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.access.principals import principal_of
from callboard.catalog.api.params import Params
from callboard.catalog.index.postings import EMPTY
from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import AllOf, AnyOf, Condition, Exists, Not, OneOf, both
from callboard.catalog.query.cursor import Cursor
from callboard.catalog.query.filters import parse_filter
from callboard.catalog.query.paging import ByQuery
from callboard.catalog.visibility import Visibility
from callboard.core.errors import InputError, NotFoundError
from callboard.core.http import json_bytes
from callboard.marketplace.entities import read_collection
from callboard.marketplace.installed import Installed, package_status, plugin_status
from callboard.marketplace.intake.book import Book
from callboard.marketplace.intake.extensions import GROUPS, named_packages, named_plugins

BASE = "/api/extensions"
DEFAULT_LIMIT, MAX_LIMIT = 20, 1000
VERBOSE = (
    "description",
    "installation",
    "documentation",
    "appConfigExamples",
    "assets",
    "configurationSchema",
)
KINDS = {"plugins": "Plugin", "packages": "Package", "collections": "PluginCollection"}
TAKEN = "spec.takendown.reason"
"""What the desk writes on a plugin whose listing is taken down: it is not shown here either."""
_TEXT = ("metadata.name", "metadata.title", "metadata.description")

Json = dict[str, Any]
"""An entity as the catalog serves it, hence Any."""


def extension_routes(visibility: Visibility, installed: Installed) -> list[Route]:
    """All routes, with their whole paths."""
    api = _Api(visibility, installed)
    routes = []
    for plural, kind in KINDS.items():
        one = plural.removesuffix("s")
        routes += [
            Route(f"{BASE}/{plural}", api.listed(kind), methods=["GET"]),
            Route(f"{BASE}/{plural}/facets", api.facets(kind), methods=["GET"]),
            Route(f"{BASE}/{one}/{{namespace}}/{{name}}", api.single(kind), methods=["GET"]),
        ]
    return [
        *routes,
        Route(f"{BASE}/plugin/{{namespace}}/{{name}}/packages", api.packages, methods=["GET"]),
        Route(f"{BASE}/collection/{{namespace}}/{{name}}/plugins", api.plugins, methods=["GET"]),
    ]


class _Api:
    def __init__(self, visibility: Visibility, installed: Installed) -> None:
        self._visibility = visibility
        self._installed = installed

    async def _queries(self, request: Request) -> Queries:
        return await self._visibility.queries_for(principal_of(request.scope))

    def listed(self, kind: str) -> Any:  # Any: an endpoint, as Starlette types it
        async def endpoint(request: Request) -> Response:
            queries = await self._queries(request)
            asked, limit, offset = _question(Params(request.scope["query_string"]), kind)
            page = queries.page(asked)
            items = [self._terse(await self._told(queries, one)) for one in await _bodies(queries, page.rows)]
            return _answer(items, page.total, limit, offset)

        return endpoint

    def facets(self, kind: str) -> Any:
        async def endpoint(request: Request) -> Response:
            queries = await self._queries(request)
            params = Params(request.scope["query_string"])
            keys = params.all("facet")
            if not keys:
                raise InputError("request/query must have required property 'facet'")
            where, _ = parse_filter(params.all("filter"))
            return json_bytes(queries.facets(keys, both(_of(kind), where)))

        return endpoint

    def single(self, kind: str) -> Any:
        async def endpoint(request: Request) -> Response:
            queries = await self._queries(request)
            found = await _one(queries, kind, request)
            return json_bytes(orjson.dumps(await self._told(queries, found)))

        return endpoint

    async def packages(self, request: Request) -> Response:
        """The packages of a plugin, in its own order; those that are not there are left out."""
        queries = await self._queries(request)
        plugin = await _one(queries, "Plugin", request)
        found = await self._packages_of(queries, plugin)
        return json_bytes(orjson.dumps([await self._told(queries, one) for one in found]))

    async def plugins(self, request: Request) -> Response:
        """The plugins that a collection names, then those that its filter chooses."""
        queries = await self._queries(request)
        collection = await _one(queries, "PluginCollection", request)
        namespace = collection["metadata"].get("namespace", "default")
        rows = _rows(queries, "plugin", named_plugins(collection), namespace)
        chosen = _filtered(queries, collection)
        more = sorted(chosen - BitMap(rows), key=queries.index.ref)
        found = await _bodies(queries, [*rows, *more])
        return json_bytes(orjson.dumps([self._terse(await self._told(queries, one)) for one in found]))

    async def _told(self, queries: Queries, entity: Json) -> Json:
        """The entity with what is installed of it."""
        if entity["kind"] == "Package":
            status = package_status(entity, await self._installed())
        elif entity["kind"] == "Plugin":
            packages = await self._packages_of(queries, entity)
            status = plugin_status(packages, await self._installed())
        else:
            return entity
        return {**entity, "spec": {**(entity.get("spec") or {}), "installStatus": status}}

    async def _packages_of(self, queries: Queries, plugin: Json) -> list[Json]:
        namespace = plugin["metadata"].get("namespace", "default")
        return await _bodies(queries, _rows(queries, "package", named_packages(plugin), namespace))

    def _terse(self, entity: Json) -> Json:
        spec = {key: value for key, value in (entity.get("spec") or {}).items() if key not in VERBOSE}
        return {**entity, "spec": spec}


def _of(kind: str) -> Condition:
    versions = tuple(f"{group}/v1alpha1" for group in GROUPS)
    return AllOf((OneOf("kind", (kind.lower(),)), OneOf("apiversion", versions), Not(Exists(TAKEN))))


def _question(params: Params, kind: str) -> tuple[ByQuery, int, int]:
    """The by-query question that the parameters ask. `orderFields` are `metadata.title,asc`."""
    where, query = parse_filter(params.all("filter"))
    limit, offset = params.integer("limit"), params.integer("offset") or 0
    limit = DEFAULT_LIMIT if limit is None else min(limit, MAX_LIMIT)
    orders = [*params.all("orderFields"), *params.all("orderField")]
    field, descending = "metadata.name", False
    if orders:
        field, comma, order = (part.strip() for part in orders[0].partition(","))
        if not field or (comma and order not in ("asc", "desc")):
            raise InputError("Invalid order field order, must be asc or desc")
        descending = order == "desc"
    term = params.one("searchTerm") or params.one("fullTextFilterTerm") or ""
    fields = tuple(params.commas("fullTextFilterFields")) or _TEXT
    cursor = Cursor(field, descending, query, term, fields)
    return ByQuery(cursor, both(_of(kind), where), limit, offset, True), limit, offset


def _answer(items: Sequence[Json], total: int, limit: int, offset: int) -> Response:
    body: Mapping[str, Any] = {
        "items": items,
        "totalItems": total,
        "pageInfo": {"limit": limit, "offset": offset},
    }
    return json_bytes(orjson.dumps(body))


async def _one(queries: Queries, kind: str, request: Request) -> Json:
    path = request.path_params
    row = queries.index.row(f"{kind}:{path['namespace']}/{path['name']}".lower())
    found = [] if row is None or queries.index.values_of(row, TAKEN) else await _bodies(queries, [row])
    if not found:
        raise NotFoundError(f"{kind} {path['namespace']}/{path['name']} not found")
    return found[0]


def _rows(queries: Queries, kind: str, names: Sequence[str], namespace: str) -> list[int]:
    refs = (Book(queries).find(kind, one, namespace) for one in names)
    rows = (queries.index.row(ref) for ref in refs if ref is not None)
    shown = (row for row in rows if row is not None and not queries.index.values_of(row, TAKEN))
    return list(dict.fromkeys(shown))


def _filtered(queries: Queries, collection: Json) -> BitMap:
    """The plugins that the filter of a collection chooses; without one, none."""
    wanted = read_collection(collection).filter
    parts: list[Condition] = [_of("Plugin")]
    for key, values in wanted:
        low = tuple(value.lower() for value in values)
        keys = [key.lower()]
        if "author" in key.lower():
            keys += ["spec.author", "spec.author.name", "spec.authors", "spec.authors.name", "spec.publisher"]
        parts.append(AnyOf(tuple(OneOf(one, low) for one in keys)))
    return (queries.rows(AllOf(tuple(parts))) or EMPTY) if wanted else EMPTY


async def _bodies(queries: Queries, rows: Sequence[int]) -> list[Json]:
    return [orjson.loads(body) for body in await queries.index.bodies(rows) if body is not None]
