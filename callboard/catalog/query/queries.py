"""The read side of the catalog: every question of the HTTP API, answered as JSON bytes from the index.

Each method first decides rows and counts without awaiting, so one answer always shows one state of the
catalog; only then it waits for bodies that had left memory. `Queries.seen` gives the same for one who may see
a part of the catalog: nothing that it computes looks beyond that part.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Sequence
from copy import copy

import orjson
from pyroaring import BitMap

from callboard.catalog.index import Index
from callboard.catalog.index.postings import EMPTY
from callboard.catalog.index.views import BY_ID, BY_REF
from callboard.catalog.query.compile import Matcher
from callboard.catalog.query.conditions import EVERYTHING, Condition, both
from callboard.catalog.query.facets import Facets
from callboard.catalog.query.fields import Projection
from callboard.catalog.query.paging import ByQuery, Page, query_page, query_rows
from callboard.catalog.query.seen import Seen, SeenIndex
from callboard.core.errors import NotFoundError

OrderBy = tuple[str, bool]
"""A field and whether it is descending."""

BOUND_KEPT = 1000
"""Conditions of which the rows are remembered: as many users with different rights can be served at once."""


class Queries:
    """Answers questions about the entities of one index. `index` shows what the answers are made of."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._index = index
        self._seen: Seen | None = None
        self._matcher = Matcher(index)
        self._facets = Facets(index)
        self._bound: OrderedDict[Condition, Queries] = OrderedDict()

    def seen(self, condition: Condition) -> Queries:
        """The same questions for one who may see only what meets a condition.

        It shares what is remembered here, and is the same object for the same condition.
        """
        wanted = condition if self._seen is None else both(self._seen.condition, condition)
        if wanted == EVERYTHING:
            return self
        bound = self._bound.get(wanted)
        if bound is None:
            seen = Seen(self._index, self._matcher, wanted)
            bound = copy(self)
            bound.index, bound._seen = SeenIndex(self._index, seen), seen
            self._bound[wanted] = bound
            if len(self._bound) > BOUND_KEPT:
                self._bound.popitem(last=False)
        else:
            self._bound.move_to_end(wanted)
        return bound

    @property
    def tag(self) -> str:
        """Tells apart what different visitors see: empty for those who see everything."""
        return "" if self._seen is None else self._seen.tag

    @property
    def condition(self) -> Condition:
        """What an entity must meet to be shown here."""
        return EVERYTHING if self._seen is None else self._seen.condition

    def rows(self, where: Condition, within: BitMap | None = None) -> BitMap | None:
        """The rows that match, among those `within` if given; None for all there are.

        Not to be changed or kept.
        """
        found: BitMap | None
        if self._seen is not None:
            shown = self._seen.rows
            found = shown if where == EVERYTHING else self._matcher.rows_among(where, shown, self._seen.tag)
        else:
            found = None if where == EVERYTHING else self._matcher.rows(where)
        if within is None:
            return found
        return within if found is None else found & within

    # ---- lists

    def entity_rows(
        self,
        where: Condition = EVERYTHING,
        *,
        order: OrderBy | None = None,
        limit: int | None = None,
        offset: int = 0,
        paged: bool = False,
        within: BitMap | None = None,
    ) -> list[int]:
        """The rows of GET /entities: by the order field, else by reference when paged, else by id."""
        key = order[0].lower() if order else BY_REF if paged else BY_ID
        places = self._index.order(key)
        if places is None:
            return []
        among = _members(self.rows(where, within), places.members)
        page = places.page(among, descending=bool(order and order[1]), offset=offset, limit=limit)
        return [places.rows[place] for place in page]

    async def entities(self, rows: Sequence[int], fields: Projection | None = None) -> bytes:
        """Entities as one JSON array."""
        return b"[" + b",".join(_project(await self._bodies(rows), fields)) + b"]"

    def stream(self, rows: Sequence[int], fields: Projection | None = None) -> AsyncIterator[bytes]:
        """Entities, as they are now, as one JSON array in pieces, for lists as long as the catalog."""
        return _joined(self.index.stream(rows), fields)

    async def by_query(self, request: ByQuery, *, fields: Projection | None = None) -> bytes:
        """One page of a filtered, sorted list with its cursors and its total."""
        page = self.page(request)
        items = b",".join(_project(await self._bodies(page.rows), fields))
        return b'{"items":[%b],"totalItems":%d,"pageInfo":%b}' % (items, page.total, page.info())

    def page(self, request: ByQuery) -> Page:
        """The rows, total and cursors of a by-query request."""
        return query_page(self._index, request, self._among(request), recount=self._seen is not None)

    def all_rows(self, request: ByQuery) -> list[int]:
        """Every row that the pages of a by-query request show, in their order; its limit is left aside."""
        return query_rows(self._index, request, self._among(request))

    def count(self, where: Condition = EVERYTHING, within: BitMap | None = None) -> int:
        """How many entities match."""
        rows = self.rows(where, within)
        return len(self._index) if rows is None else len(rows)

    def _among(self, request: ByQuery) -> BitMap | None:
        among = self.rows(request.where)
        if not request.term:
            return among
        found = self._full_text(request.term, request.text_fields)
        return found if among is None else among & found

    def _full_text(self, term: str, fields: Iterable[str]) -> BitMap:
        haystacks = (self._index.haystack(field.lower()) for field in fields)
        found = [haystack.contains(term) for haystack in haystacks if haystack is not None]
        return found[0] if len(found) == 1 else BitMap.union(*found) if found else EMPTY

    # ---- facets

    def facets(self, keys: Iterable[str], where: Condition = EVERYTHING) -> bytes:
        """How many of the matching entities have each value of each key."""
        facets = (
            b"%b:[%b]" % (orjson.dumps(key), self._facet(key.lower(), where)) for key in dict.fromkeys(keys)
        )
        return b'{"facets":{%b}}' % b",".join(facets)

    def facet_counts(
        self, key: str, where: Condition = EVERYTHING, within: BitMap | None = None
    ) -> list[tuple[str, int]]:
        """One facet as values and counts, in display order."""
        if within is not None:
            return self._facets.pairs(key.lower(), self.rows(where, within), self._seen)
        found = orjson.loads(b"[%b]" % self._facet(key.lower(), where))
        return [(one["value"], one["count"]) for one in found]

    def _facet(self, key: str, where: Condition) -> bytes:
        known = self._facets.known(key, where, self._seen)
        return self._facets.keep(key, where, self.rows, self._seen) if known is None else known

    # ---- single entities

    async def by_refs(
        self,
        refs: Sequence[str],
        where: Condition = EVERYTHING,
        *,
        fields: Projection | None = None,
    ) -> bytes:
        """Entities in the order of their references, null where there is none. References match exactly."""
        among = self.rows(where)
        rows = [self._index.row(ref) for ref in refs]
        if among is not None:
            rows = [row if row is not None and row in among else None for row in rows]
        known = [row for row in rows if row is not None]
        bodies = await self.index.bodies(known)
        if fields is not None:
            bodies = [body if body is None else fields.apply(body) for body in bodies]
        if len(known) < len(rows):
            found = iter(bodies)
            bodies = [None if row is None else next(found) for row in rows]
        return b'{"items":[%b]}' % b",".join([body or b"null" for body in bodies])

    async def by_name(self, kind: str, namespace: str, name: str) -> bytes:
        """One entity by its name, in any case. Raises NotFoundError."""
        body = await self._one(self.index.row(f"{kind}:{namespace}/{name}".lower()))
        if body is None:
            raise NotFoundError(
                f"No entity named '{name}' found, with kind '{kind}' in namespace '{namespace}'"
            )
        return body

    async def by_uid(self, uid: str) -> bytes:
        """One entity by its id. Raises NotFoundError."""
        body = await self._one(self.index.row_of_id(uid))
        if body is None:
            raise NotFoundError(f"No entity with uid {uid}")
        return body

    async def ancestry(self, entity_ref: str) -> bytes:
        """An entity and all it descends from, parents depth-first; each once. Raises NotFoundError.

        An ancestor that may not be seen hides its own ancestors, and is named by none of its children.
        """
        index = self.index
        root = index.row(entity_ref)
        if root is None:
            raise NotFoundError(f"No such entity {entity_ref}")
        rows: list[int] = []
        parents: list[list[str]] = []
        seen, todo = {root}, [root]
        while todo:
            row = todo.pop()
            rows.append(row)
            refs = []
            for ref in self._index.parents(row):
                parent = index.row(ref)
                if parent is None:
                    continue
                refs.append(ref)
                if parent not in seen:
                    seen.add(parent)
                    todo.append(parent)
            parents.append(refs)
        items = [
            b'{"entity":%b,"parentEntityRefs":%b}' % (body, orjson.dumps(refs))
            for body, refs in zip(await index.bodies(rows), parents, strict=True)
            if body is not None
        ]
        return b'{"rootEntityRef":%b,"items":[%b]}' % (orjson.dumps(entity_ref), b",".join(items))

    async def _one(self, row: int | None) -> bytes | None:
        if row is None:
            return None
        return (await self.index.bodies((row,)))[0]

    async def _bodies(self, rows: Sequence[int]) -> list[bytes]:
        return [body for body in await self.index.bodies(rows) if body is not None]


def _members(among: BitMap | None, members: BitMap) -> BitMap | None:
    return among if among is None else among & members


async def _joined(chunks: AsyncIterator[list[bytes]], fields: Projection | None) -> AsyncIterator[bytes]:
    divider = b"["
    async for bodies in chunks:
        if bodies:
            yield divider + b",".join(_project(bodies, fields))
            divider = b","
    yield b"[]" if divider == b"[" else b"]"


def _project(bodies: list[bytes], fields: Projection | None) -> list[bytes]:
    return bodies if fields is None else [fields.apply(body) for body in bodies]
