"""Finds what was meant by words that nothing has: the closest words that names, titles and tags do have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tantivy import Occur, Query, Searcher

from callboard.search.documents import Document, from_stored
from callboard.search.ranking import Question, close, known_query, restricted
from callboard.search.schema import NAME, SCHEMA, TAGS, TITLE, stored_in
from callboard.search.seen import Within
from callboard.search.words import distance, words

_SHORTEST = 3
_SAMPLE = 50
_FIELDS = (NAME, TITLE, TAGS)


def did_you_mean(
    searcher: Searcher,
    term: str,
    question: Question,
    within: Within | None = None,
    found: Sequence[Document] = (),
) -> str | None:
    """The term with its unknown words replaced; None when all are known or nothing is close.

    Known are only the words of documents `within`. `found` are some of those, which spare looking for more.
    """
    corrected = term
    vocabulary = {one for document in found for one in _vocabulary(document)}
    for word in question.words:
        if len(word.text) < _SHORTEST or any(one.startswith(word.text) for one in vocabulary):
            continue
        if _count(searcher, known_query(word.text), within, 1):
            continue
        better = _closest(searcher, word.text, within)
        if better is None:
            return None
        corrected = _replaced(corrected, word.text, better)
    return corrected if corrected != term else None


def _closest(searcher: Searcher, word: str, within: Within | None) -> str | None:
    """The nearest word, of equally near ones the commonest. Documents that have one are looked at, since the
    index can find words that are close but not list them."""
    for allowed in (1, 2) if len(word) > _SHORTEST else (1,):
        query = Query.boolean_query([(Occur.Should, close(field, word, allowed)) for field in _FIELDS])
        sample = searcher.search(restricted(query, (), {}, within), _SAMPLE, count=False).hits
        near: Counter[str] = Counter()
        for _, address in sample:
            document = from_stored(stored_in(searcher.doc(address)))
            near.update(one for one in _vocabulary(document) if distance(word, one, allowed) <= allowed)
        if near:
            count = {one: _common(searcher, one, within) for one in near}
            return min(near, key=lambda one: (-count[one], one))
    return None


def _vocabulary(document: Document) -> set[str]:
    return {
        one
        for text in (*document.names, document.title, *document.titles, *document.tags)
        for one in words(text)
    }


def _common(searcher: Searcher, word: str, within: Within | None) -> int:
    """In how many names, titles and tags a word stands."""
    if within is None:
        return sum(searcher.doc_freq(field, word) for field in _FIELDS)
    having = (Query.term_query(SCHEMA, field, word, "basic") for field in _FIELDS)
    return sum(_count(searcher, query, within) for query in having)


def _count(searcher: Searcher, query: Query, within: Within | None, most: int | None = None) -> int:
    """How many documents there are; with `most` counting ends there."""
    narrowed = restricted(query, (), {}, within)
    if most is not None:
        return len(searcher.search(narrowed, most, count=False).hits)
    count: int = searcher.search(narrowed, 1).count  # type: ignore[attr-defined] # missing in its types
    return count


def _replaced(term: str, word: str, better: str) -> str:
    """The term with a word replaced, whatever its case; folded as a whole when the word had accents."""
    replaced, count = re.subn(rf"(?<!\w){re.escape(word)}(?!\w)", better, term, flags=re.IGNORECASE)
    return replaced if count else " ".join(better if one == word else one for one in words(term))
