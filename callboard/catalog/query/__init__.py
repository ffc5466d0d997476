"""What clients may ask of the catalog: filters, predicates, cursors, projections, and the answers."""

from callboard.catalog.query.queries import Queries
from callboard.catalog.query.seen import SeenIndex

__all__ = ["Queries", "SeenIndex"]
