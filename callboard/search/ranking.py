"""Turns a question into a tantivy query; every weight of the ranking stands here.

What a person typed is never handed to a query parser: it becomes words and phrases, and queries are built of
those, so no input can be malformed. For each word the best match counts: exact before prefix before typo,
names before titles before tags before the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tantivy import Occur, Query

from callboard.search.schema import (
    ABOUT,
    FILTER,
    NAME,
    SCHEMA,
    TAGS,
    TEXT,
    TITLE,
    TYPE,
    WHOLE,
    WORDS,
    filter_term,
    printable,
)
from callboard.search.seen import Within
from callboard.search.words import LONGEST, asked_words, squash, typos

EXACT = {NAME: 40.0, TITLE: 36.0, TAGS: 16.0, ABOUT: 14.0}
PREFIX = {WHOLE: 24.0, NAME: 20.0, TITLE: 18.0, TAGS: 8.0, ABOUT: 5.0, TEXT: 4.0}
FIRST_LETTER = {WHOLE: 24.0, NAME: 20.0}  # one letter begins a word of nearly every text
TYPO = {NAME: 6.0, TITLE: 5.0, TAGS: 2.5}
TYPO_PREFIX = {NAME: 3.0, TITLE: 2.5}
TEXT_SHARE = 0.5  # of BM25, which stays below 25 for a million documents
WHOLE_EXACT, WHOLE_PREFIX, WHOLE_TYPO, PHRASE = 200.0, 50.0, 8.0, 15.0

LONGEST_TERM = 1000
MOST_WORDS = 16
_QUOTED = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Word:
    """A word asked for; a compound such as `PaymentGateway` also has parts."""

    text: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """`words` and `phrases` must all be found; `whole` is everything as one word."""

    words: tuple[Word, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    whole: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)


def parse(term: str) -> Question:
    """Reads what a person typed: words, and phrases between double quotes."""
    term = term[:LONGEST_TERM]
    phrases = [tuple(word for word, _ in asked_words(quoted)) for quoted in _QUOTED.findall(term)]
    loose = asked_words(_QUOTED.sub(" ", term))
    single = [phrase[0] for phrase in phrases if len(phrase) == 1]
    words = [Word(text, parts) for text, parts in loose] + [Word(text) for text in single]
    several = [phrase[:MOST_WORDS] for phrase in phrases if len(phrase) > 1]
    return Question(tuple(dict.fromkeys(words))[:MOST_WORDS], tuple(several[:4]), squash(term))


def matching(question: Question, *, every: bool = True) -> Query:
    """Documents with every word (or any of them), or whose whole name is close to the question."""
    if not question:
        return Query.all_query()
    occur = Occur.Must if every else Occur.Should
    parts = [(occur, word_query(word)) for word in question.words]
    parts += [(Occur.Must, _phrase(phrase)) for phrase in question.phrases]
    plain = [word.text for word in question.words]
    if len(plain) > 1:
        parts += [(Occur.Should, _worth(_in_order(field, plain), PHRASE)) for field in (NAME, TITLE)]
    found = [Query.boolean_query(parts)]
    if not question.phrases and question.whole:
        found += _whole(question.whole)
    return Query.boolean_query([(Occur.Should, one) for one in found])


def restricted(
    query: Query,
    types: Sequence[str],
    filters: Mapping[str, Iterable[object]],
    within: Within | None = None,
) -> Query:
    """Only documents of these types (all when empty) with one of the values of each filter; unscored."""
    needed = []
    if types:
        needed.append(_any(Query.term_query(SCHEMA, TYPE, printable(type), "basic") for type in types))
    for key, values in filters.items():
        terms = dict.fromkeys(filter_term(key, value) for value in values)
        needed.append(_any(Query.term_query(SCHEMA, FILTER, term, "basic") for term in terms))
    clauses = [(Occur.Must, query), *((Occur.Must, _worth(one, 0.0)) for one in needed)]
    if within is not None:
        clauses.append((within.occur, within.query))
    return Query.boolean_query(clauses) if len(clauses) > 1 else query


def word_query(word: Word) -> Query:
    """The best way in which a document has a word."""
    text = word.text
    ways = [_worth(_exact(field, text), worth) for field, worth in EXACT.items()]
    ways.append(Query.boost_query(_exact(TEXT, text), TEXT_SHARE))
    begun = PREFIX if len(text) > 1 else FIRST_LETTER
    ways += [_worth(prefixed(field, text), worth) for field, worth in begun.items()]
    if allowed := typos(text):
        ways += [_worth(close(field, text, allowed), worth) for field, worth in TYPO.items()]
        ways += [_worth(close(field, text, 1, prefix=True), worth) for field, worth in TYPO_PREFIX.items()]
    if len(word.parts) > 1:
        parts = [(Occur.Must, word_query(Word(part))) for part in word.parts]
        near = [(Occur.Should, _worth(_in_order(field, word.parts), PHRASE)) for field in (NAME, TITLE)]
        ways.append(Query.boolean_query(parts + near))
    return Query.disjunction_max_query(ways)


def known_query(text: str) -> Query:
    """Documents that have a word, or one that begins like it."""
    return _any(prefixed(field, text) for field in (WHOLE, *WORDS))


def close(field: str, text: str, allowed: int, *, prefix: bool = False) -> Query:
    """Documents with a word that differs by at most `allowed` letters."""
    return Query.fuzzy_term_query(SCHEMA, field, text, distance=allowed, prefix=prefix)


def prefixed(field: str, text: str) -> Query:
    """Documents with a word that begins so."""
    return Query.fuzzy_term_query(SCHEMA, field, text, distance=0, prefix=True)


def _whole(whole: str) -> list[Query]:
    ways = [_worth(_exact(WHOLE, whole), WHOLE_EXACT), _worth(prefixed(WHOLE, whole), WHOLE_PREFIX)]
    if (allowed := typos(whole)) and len(whole) <= LONGEST:
        ways.append(_worth(close(WHOLE, whole, allowed), WHOLE_TYPO))
    return ways


def _exact(field: str, text: str) -> Query:
    return Query.term_query(SCHEMA, field, text, "basic")


def _phrase(words: Sequence[str]) -> Query:
    ways = [_worth(_in_order(field, words), worth) for field, worth in EXACT.items() if field != ABOUT]
    return Query.disjunction_max_query([*ways, _worth(_in_order(TEXT, words), 10.0)])


def _in_order(field: str, words: Sequence[str]) -> Query:
    return Query.phrase_query(SCHEMA, field, list(words))


def _any(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, one) for one in queries])


def _worth(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)
