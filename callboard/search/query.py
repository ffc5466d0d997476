"""Answers a search request from a searcher: what was found, how much, what it counts, what may be meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tantivy import Order, Query, Searcher

from callboard.search.documents import Document, from_stored
from callboard.search.highlight import Segment, highlights
from callboard.search.meant import did_you_mean
from callboard.search.ranking import Question, matching, parse, restricted
from callboard.search.schema import ALPHABET, FACETS, WEIGHT, stored_in
from callboard.search.seen import Within

_MOST_VALUES = 1000  # of a facet


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """`types` empty means all; a filter's values are alternatives, several filters must all hold.

    `facets` names what to count: any of `types`, `kind`, `type`, `lifecycle`, `owner`, `namespace`.
    """

    term: str = ""
    types: Sequence[str] = ()
    filters: Mapping[str, Sequence[object]] = field(default_factory=dict)
    offset: int = 0
    limit: int = 25
    facets: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """`rank` counts from 1; `highlights` holds the segments of `title` and `text` where something matched."""

    document: Document
    rank: int
    highlights: Mapping[str, tuple[Segment, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """`total` counts all pages. `facets` are values with their counts, commonest first."""

    total: int
    hits: Sequence[Hit]
    facets: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    did_you_mean: str | None = None


def answer(searcher: Searcher, request: SearchRequest, within: Within | None = None) -> SearchAnswer:
    """The page that is asked for. An empty term finds everything, by title. Nothing looks beyond `within`."""
    question = parse(request.term)
    if not question and request.term.strip():
        return SearchAnswer(0, ())  # only punctuation: a term, but nothing to look for
    match = matching(question)
    total, found = _page(searcher, match, request, question, within)
    if not total and len(question.words) > 1:
        match = matching(question, every=False)
        total, found = _page(searcher, match, request, question, within)
    hits = tuple(
        Hit(document, rank, highlights(document, question))
        for rank, document in enumerate(found, request.offset + 1)
    )
    facets = count_values(searcher, match, request, within)
    meant = did_you_mean(searcher, request.term, question, within, found) if request.offset == 0 else None
    return SearchAnswer(total, hits, facets, meant)


def suggestions(
    searcher: Searcher, term: str, limit: int, types: Sequence[str] = (), within: Within | None = None
) -> list[Hit]:
    """The best hits only, for an answer while a person types."""
    question = parse(term)
    if not question:
        return []
    for every in (True, False):
        query = restricted(matching(question, every=every), types, {}, within)
        hits = searcher.search(query, limit, count=False, weight_by_field=WEIGHT).hits
        if hits or len(question.words) < 2:
            break
    documents = [from_stored(stored_in(searcher.doc(address))) for _, address in hits]
    return [Hit(one, rank, highlights(one, question)) for rank, one in enumerate(documents, 1)]


def count_values(
    searcher: Searcher, match: Query, request: SearchRequest, within: Within | None = None
) -> dict[str, list[tuple[str, int]]]:
    """What choosing each value would find: a field's own filter does not restrict its counts."""
    # Fields that are not filtered share one pass over what was found.
    unfiltered = [
        one for one in request.facets if not (request.types if one == "types" else request.filters.get(one))
    ]
    groups = [([name], _without(request, name)) for name in request.facets if name not in unfiltered]
    if unfiltered:
        groups.append((unfiltered, request))
    found = {}
    for names, narrowed in groups:
        wanted = {name: {"terms": {"field": FACETS[name], "size": _MOST_VALUES}} for name in names}
        among = restricted(match, narrowed.types, narrowed.filters, within)
        counted = searcher.aggregate(among, wanted)
        for name in names:
            values = [(str(one["key"]), int(one["doc_count"])) for one in counted[name]["buckets"]]
            found[name] = sorted(values, key=lambda one: (-one[1], one[0]))
    return {name: found[name] for name in request.facets}


def _without(request: SearchRequest, name: str) -> SearchRequest:
    if name == "types":
        return replace(request, types=())
    return replace(request, filters={key: one for key, one in request.filters.items() if key != name})


def _page(
    searcher: Searcher, match: Query, request: SearchRequest, question: Question, within: Within | None
) -> tuple[int, list[Document]]:
    """How many match, and the documents of the page."""
    query = restricted(match, request.types, request.filters, within)
    # Tantivy makes room for offset + limit hits beforehand, so neither may be larger than what there is.
    offset = min(request.offset, searcher.num_docs)
    limit = max(1, min(request.limit, searcher.num_docs - offset))
    if question:
        result = searcher.search(query, limit, offset=offset, weight_by_field=WEIGHT)
    else:
        result = searcher.search(query, limit, offset=offset, order_by_field=ALPHABET, order=Order.Asc)
    addresses = [address for _, address in result.hits][: request.limit]
    total: int = result.count  # type: ignore[attr-defined] # missing in its types
    return total, [from_stored(stored_in(searcher.doc(address))) for address in addresses]
