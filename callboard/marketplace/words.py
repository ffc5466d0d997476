"""Full text over the shelf: every word must be found somewhere, and where it is found decides the rank."""

from __future__ import annotations

import numpy as np
from pyroaring import BitMap

from callboard.catalog.index import Index
from callboard.catalog.index.postings import EMPTY
from callboard.marketplace.model import PUBLISHER_TITLE
from callboard.marketplace.tables import Places, Tables

MAX_WORDS = 8
MAX_LENGTH = 80
PUBLISHER = f"metadata.annotations.{PUBLISHER_TITLE}"
WEIGHTS = {
    "metadata.title": 60,
    "metadata.name": 50,
    "spec.packages.name": 25,
    "metadata.tags": 20,
    "spec.categories": 20,
    PUBLISHER: 15,
    "spec.authors.name": 10,
    "metadata.description": 6,
    "spec.highlights": 5,
}
"""How much it counts where a word is found; names and titles come before everything that is said of them."""
BEGINS = 40
WHOLE = 400


def find(index: Index, tables: Tables, text: str) -> tuple[BitMap, Places]:
    """The listings that hold every word, and the score of each by its row."""
    text = " ".join(text.lower().split())[:MAX_LENGTH]
    scores = np.zeros(tables.width, dtype=np.int64)
    found = tables.shown
    for word in text.split()[:MAX_WORDS]:
        found = found & _word(index, tables, found, word, scores)
        if not found:
            return EMPTY, scores
    for key in ("metadata.title", "metadata.name"):
        haystack = index.haystack(key)
        if haystack is not None:
            scores[(haystack.contains(_literal(text)) & found).to_array()] += BEGINS
            scores[tables.having(key, (text,)).to_array()] += WHOLE
    return found, scores


def _word(index: Index, tables: Tables, among: BitMap, word: str, scores: Places) -> BitMap:
    hits = []
    for key, weight in WEIGHTS.items():
        haystack = index.haystack(key)
        if haystack is None:
            continue
        rows = haystack.contains(_literal(word)) & among
        if not rows:
            continue
        hits.append(rows)
        scores[rows.to_array()] += weight
        if key in ("metadata.title", "metadata.name"):
            scores[(haystack.begins(word) & among).to_array()] += BEGINS
    published = tables.published_by(word, lambda word: _named(index, word)) & among
    if published:
        told = index.haystack(PUBLISHER)
        new = published if told is None else published - told.contains(_literal(word))
        scores[new.to_array()] += WEIGHTS[PUBLISHER]
        hits.append(published)
    return BitMap.union(*hits) if hits else EMPTY


def _named(index: Index, word: str) -> BitMap:
    """What has the word in its title or name, whatever its kind."""
    found = [index.haystack(key) for key in ("metadata.title", "metadata.name")]
    return BitMap.union(EMPTY, *(one.contains(_literal(word)) for one in found if one is not None))


def _literal(text: str) -> str:
    """A LIKE pattern that finds just this text."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
