"""The read index: all entities in memory as terms, orders and bytes."""

from callboard.catalog.index.bodies import Loader
from callboard.catalog.index.entry import Entry
from callboard.catalog.index.index import Index

__all__ = ["Entry", "Index", "Loader"]
