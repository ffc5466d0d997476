"""Finds what was meant by words that nothing has: the closest words that names, titles and tags do have."""

from __future__ import annotations

import re
from collections import Counter

from tantivy import Occur, Query, Searcher

from callboard.search.documents import Document, from_stored
from callboard.search.ranking import Question, close, known_query
from callboard.search.schema import NAME, TAGS, TITLE, stored_in
from callboard.search.words import distance, words

_SHORTEST = 3
_SAMPLE = 50
_FIELDS = (NAME, TITLE, TAGS)


def did_you_mean(searcher: Searcher, term: str, question: Question) -> str | None:
    """The term with its unknown words replaced; None when all are known or nothing is close."""
    corrected = term
    for word in question.words:
        if len(word.text) < _SHORTEST or searcher.search(known_query(word.text), 1, count=False).hits:
            continue
        better = _closest(searcher, word.text)
        if better is None:
            return None
        corrected = _replaced(corrected, word.text, better)
    return corrected if corrected != term else None


def _closest(searcher: Searcher, word: str) -> str | None:
    """The nearest word, of equally near ones the commonest. Documents that have one are looked at, since the
    index can find words that are close but not list them."""
    for allowed in (1, 2) if len(word) > _SHORTEST else (1,):
        query = Query.boolean_query([(Occur.Should, close(field, word, allowed)) for field in _FIELDS])
        sample = searcher.search(query, _SAMPLE, count=False).hits
        near: Counter[str] = Counter()
        for _, address in sample:
            document = from_stored(stored_in(searcher.doc(address)))
            near.update(one for one in _vocabulary(document) if distance(word, one, allowed) <= allowed)
        if near:
            return min(near, key=lambda one: (-_count(searcher, one), one))
    return None


def _vocabulary(document: Document) -> set[str]:
    return {
        one
        for text in (*document.names, document.title, *document.titles, *document.tags)
        for one in words(text)
    }


def _count(searcher: Searcher, word: str) -> int:
    return sum(searcher.doc_freq(field, word) for field in _FIELDS)


def _replaced(term: str, word: str, better: str) -> str:
    """The term with a word replaced, whatever its case; folded as a whole when the word had accents."""
    replaced, count = re.subn(rf"(?<!\w){re.escape(word)}(?!\w)", better, term, flags=re.IGNORECASE)
    return replaced if count else " ".join(better if one == word else one for one in words(term))
