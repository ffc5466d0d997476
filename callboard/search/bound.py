"""The search as one visitor uses it: finds, counts and suggests only what the visitor may see."""

from __future__ import annotations

from collections.abc import Sequence

from callboard.search.query import Hit, SearchAnswer, SearchRequest
from callboard.search.seen import Visible
from callboard.search.service import Search


class SeenSearch:
    """`visible` as in `Search.query`: None shows everything."""

    def __init__(self, search: Search, visible: Visible | None) -> None:
        self._search = search
        self._visible = visible

    @property
    def types(self) -> tuple[str, ...]:
        return self._search.types

    @property
    def ready(self) -> bool:
        return self._search.ready

    @property
    def documents(self) -> int:
        """How many there are to be found; for one who sees a part of the catalog, as many as entities."""
        return self._search.documents if self._visible is None else len(self._visible.rows)

    async def query(self, request: SearchRequest) -> SearchAnswer:
        """A page of a search; ServiceUnavailableError while there is no index."""
        return await self._search.query(request, self._visible)

    async def suggest(self, term: str, limit: int = 10, types: Sequence[str] = ()) -> list[Hit]:
        """The best hits for what the visitor is typing; nothing for an empty term."""
        return await self._search.suggest(term, limit, types, self._visible)
