"""Sources: who write raw records, each incremental, resumable and polite."""

from callboard.pipelines.sources.collect import collect, sources_of
from callboard.pipelines.sources.contract import Outcome, Package, Problem, Shelf, Source, SourceError, Work

__all__ = [
    "Outcome",
    "Package",
    "Problem",
    "Shelf",
    "Source",
    "SourceError",
    "Work",
    "collect",
    "sources_of",
]
