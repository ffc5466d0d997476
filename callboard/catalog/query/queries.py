"""The read side of the catalog: every question of the HTTP API, answered as JSON bytes from the index.

Each method first decides rows and counts without awaiting, so one answer always shows one state of the
catalog; only then it waits for bodies that had left memory. `visible`, where given, are the rows the caller
may see, and nothing that is computed looks beyond them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence

import orjson
from pyroaring import BitMap

from callboard.catalog.index import Index
from callboard.catalog.index.index import BY_ID, BY_REF
from callboard.catalog.index.postings import EMPTY
from callboard.catalog.query.compile import Matcher
from callboard.catalog.query.conditions import EVERYTHING, Condition
from callboard.catalog.query.fields import Projection
from callboard.catalog.query.paging import ByQuery, Page, query_page, query_rows
from callboard.core.errors import NotFoundError

OrderBy = tuple[str, bool]
"""A field and whether it is descending."""

FACETS_KEPT = 512


class Queries:
    """Answers questions about the entities of one index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._matcher = Matcher(index)
        self._facets: dict[tuple[str, Condition], bytes] = {}
        self._facets_version = -1

    def rows(self, where: Condition, visible: BitMap | None = None) -> BitMap | None:
        """The rows that match and may be seen; None for all there are. Not to be changed or kept."""
        if where == EVERYTHING:
            return visible
        found = self._matcher.rows(where)
        return found if visible is None else found & visible

    # ---- lists

    def entity_rows(
        self,
        where: Condition = EVERYTHING,
        *,
        order: OrderBy | None = None,
        limit: int | None = None,
        offset: int = 0,
        paged: bool = False,
        visible: BitMap | None = None,
    ) -> list[int]:
        """The rows of GET /entities: by the order field, else by reference when paged, else by id."""
        key = order[0].lower() if order else BY_REF if paged else BY_ID
        places = self.index.order(key)
        if places is None:
            return []
        among = _members(self.rows(where, visible), places.members)
        page = places.page(among, descending=bool(order and order[1]), offset=offset, limit=limit)
        return [places.rows[place] for place in page]

    async def entities(self, rows: Sequence[int], fields: Projection | None = None) -> bytes:
        """Entities as one JSON array."""
        return b"[" + b",".join(_project(await self._bodies(rows), fields)) + b"]"

    async def stream(self, rows: Sequence[int], fields: Projection | None = None) -> AsyncIterator[bytes]:
        """Entities as one JSON array in pieces, for lists as long as the catalog."""
        divider = b"["
        async for bodies in self.index.stream(rows):
            if bodies:
                yield divider + b",".join(_project(bodies, fields))
                divider = b","
        yield b"[]" if divider == b"[" else b"]"

    async def by_query(
        self, request: ByQuery, *, fields: Projection | None = None, visible: BitMap | None = None
    ) -> bytes:
        """One page of a filtered, sorted list with its cursors and its total."""
        page = self.page(request, visible)
        items = b",".join(_project(await self._bodies(page.rows), fields))
        return b'{"items":[%b],"totalItems":%d,"pageInfo":%b}' % (items, page.total, page.info())

    def page(self, request: ByQuery, visible: BitMap | None = None) -> Page:
        """The rows, total and cursors of a by-query request."""
        return query_page(self.index, request, self._among(request, visible))

    def all_rows(self, request: ByQuery, visible: BitMap | None = None) -> list[int]:
        """Every row that the pages of a by-query request show, in their order; its limit is left aside."""
        return query_rows(self.index, request, self._among(request, visible))

    def count(self, where: Condition = EVERYTHING, within: BitMap | None = None) -> int:
        """How many entities match."""
        rows = self.rows(where, within)
        return len(self.index) if rows is None else len(rows)

    def _among(self, request: ByQuery, visible: BitMap | None) -> BitMap | None:
        among = self.rows(request.where, visible)
        if not request.term:
            return among
        found = self._full_text(request.term, request.text_fields)
        return found if among is None else among & found

    def _full_text(self, term: str, fields: Iterable[str]) -> BitMap:
        haystacks = (self.index.haystack(field.lower()) for field in fields)
        found = [haystack.contains(term) for haystack in haystacks if haystack is not None]
        return found[0] if len(found) == 1 else BitMap.union(*found) if found else EMPTY

    # ---- facets

    def facets(
        self, keys: Iterable[str], where: Condition = EVERYTHING, *, visible: BitMap | None = None
    ) -> bytes:
        """How many of the matching entities have each value of each key."""
        facets = (
            b"%b:[%b]" % (orjson.dumps(key), self._known_facet(key.lower(), where, visible))
            for key in dict.fromkeys(keys)
        )
        return b'{"facets":{%b}}' % b",".join(facets)

    def facet_counts(
        self, key: str, where: Condition = EVERYTHING, within: BitMap | None = None
    ) -> list[tuple[str, int]]:
        """One facet as values and counts, in display order."""
        found = orjson.loads(b"[%b]" % self._known_facet(key.lower(), where, within))
        return [(one["value"], one["count"]) for one in found]

    def _known_facet(self, key: str, where: Condition, visible: BitMap | None) -> bytes:
        """A page asks for the same facets again at every keystroke; what all may see is remembered."""
        if visible is not None:
            return b",".join(self._facet(key, self.rows(where, visible)))
        if self._facets_version != self.index.version:
            self._facets.clear()
            self._facets_version = self.index.version
        counts = self._facets.get((key, where))
        if counts is None:
            if len(self._facets) >= FACETS_KEPT:
                del self._facets[next(iter(self._facets))]
            counts = self._facets[key, where] = b",".join(self._facet(key, self.rows(where)))
        return counts

    def _facet(self, key: str, among: BitMap | None) -> Iterable[bytes]:
        field = self.index.fields.get(key)
        if field is None:
            return []
        if among is not None and len(among) * 4 < len(field):
            return self._small_facet(key, among)
        counts = []
        exact = field.exact
        for value, label in self.index.labels(key):
            rows = exact(value)
            if isinstance(rows, int):
                count = int(among is None or rows in among)
            elif rows is None:
                count = 0
            else:
                count = len(rows) if among is None else rows.intersection_cardinality(among)
            if count:
                counts.append(b"%b%d}" % (label, count))
        return counts

    def _small_facet(self, key: str, among: BitMap) -> Iterable[bytes]:
        """Counts by looking at the entities: better when there are fewer of them than values."""
        counter = Counter(value for row in among for value in self.index.values_of(row, key))
        ordered = sorted(counter.items(), key=lambda item: (item[0].lower(), item[0]))
        return [b'{"value":%b,"count":%d}' % (orjson.dumps(value), count) for value, count in ordered]

    # ---- single entities

    async def by_refs(
        self,
        refs: Sequence[str],
        where: Condition = EVERYTHING,
        *,
        fields: Projection | None = None,
        visible: BitMap | None = None,
    ) -> bytes:
        """Entities in the order of their references, null where there is none. References match exactly."""
        among = self.rows(where, visible)
        rows = [self.index.row(ref) for ref in refs]
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

    async def by_name(self, kind: str, namespace: str, name: str, *, visible: BitMap | None = None) -> bytes:
        """One entity by its name, in any case. Raises NotFoundError."""
        body = await self._one(self.index.row(f"{kind}:{namespace}/{name}".lower()), visible)
        if body is None:
            raise NotFoundError(
                f"No entity named '{name}' found, with kind '{kind}' in namespace '{namespace}'"
            )
        return body

    async def by_uid(self, uid: str, *, visible: BitMap | None = None) -> bytes:
        """One entity by its id. Raises NotFoundError."""
        body = await self._one(self.index.row_of_id(uid), visible)
        if body is None:
            raise NotFoundError(f"No entity with uid {uid}")
        return body

    async def ancestry(self, entity_ref: str, *, visible: BitMap | None = None) -> bytes:
        """An entity and all it descends from, parents depth-first; each once. Raises NotFoundError.

        An ancestor that may not be seen hides its own ancestors, and is named by none of its children.
        """
        index = self.index
        root = index.row(entity_ref)
        if root is None or (visible is not None and root not in visible):
            raise NotFoundError(f"No such entity {entity_ref}")
        rows: list[int] = []
        parents: list[list[str]] = []
        seen, todo = {root}, [root]
        while todo:
            row = todo.pop()
            rows.append(row)
            refs = []
            for ref in index.parents(row):
                parent = index.row(ref)
                if parent is None or (visible is not None and parent not in visible):
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

    async def _one(self, row: int | None, visible: BitMap | None) -> bytes | None:
        if row is None or (visible is not None and row not in visible):
            return None
        return (await self.index.bodies((row,)))[0]

    async def _bodies(self, rows: Sequence[int]) -> list[bytes]:
        return [body for body in await self.index.bodies(rows) if body is not None]


def _members(among: BitMap | None, members: BitMap) -> BitMap | None:
    return among if among is None else among & members


def _project(bodies: list[bytes], fields: Projection | None) -> list[bytes]:
    return bodies if fields is None else [fields.apply(body) for body in bodies]
