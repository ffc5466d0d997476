"""Search: documents of every entity and of whatever plugins collate, kept in tantivy on every node."""

from callboard.search.bound import SeenSearch
from callboard.search.decorating import Decorator
from callboard.search.documents import ENTITIES, Document
from callboard.search.query import Hit, SearchAnswer, SearchRequest
from callboard.search.seen import Visible
from callboard.search.service import Collator, Search

__all__ = [
    "ENTITIES",
    "Collator",
    "Decorator",
    "Document",
    "Hit",
    "Search",
    "SearchAnswer",
    "SearchRequest",
    "SeenSearch",
    "Visible",
]
