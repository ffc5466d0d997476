"""Sources: who write raw records, each incremental, resumable and polite.

`sources.collect` lets them work; it is not named here, because it loads all of them with Arrow and DuckDB.
"""

from callboard.pipelines.sources.contract import Outcome, Package, Problem, Shelf, Source, SourceError, Work

__all__ = [
    "Outcome",
    "Package",
    "Problem",
    "Shelf",
    "Source",
    "SourceError",
    "Work",
]
