"""Whatever is typed, search answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from callboard.search import Document, SearchRequest
from callboard.search.highlight import Segment, highlights
from callboard.search.query import answer, suggestions
from callboard.search.ranking import parse
from callboard.search.schema import filled, new_index
from callboard.search.words import distance, spans, words

DOCUMENT = Document(
    "software-catalog",
    "Payment Gateway",
    "Naïve façade of ﬁnance 支払い",
    "/a",
    "k",
    names=("payment-gateway",),
)
TEXT = st.one_of(st.text(max_size=60), st.text("pay\"'*~^:()[]\\ -_Gg支é\ud800\0ß½İ", max_size=60))


@pytest.fixture(scope="module")
def searcher() -> Iterator[tantivy.Searcher]:
    with tempfile.TemporaryDirectory() as folder:
        index = new_index(folder)
        writer = index.writer(15_000_000, 1)
        writer.add_document(filled(DOCUMENT, 0))
        writer.commit()
        index.reload()
        yield index.searcher()
        writer.wait_merging_threads()


@given(term=TEXT, value=TEXT, key=TEXT)
@settings(max_examples=300, deadline=None)
def test_no_term_and_no_filter_makes_it_raise(
    searcher: tantivy.Searcher, term: str, value: str, key: str
) -> None:
    answer(searcher, SearchRequest(term, facets=("kind",)))
    answer(searcher, SearchRequest(term, [value], {key: [value]}))
    suggestions(searcher, term, 5)


@given(term=TEXT, title=TEXT, text=TEXT)
@settings(max_examples=300, deadline=None)
def test_segments_make_up_the_whole_text(term: str, title: str, text: str) -> None:
    marked = highlights(Document("t", title, text, "/"), parse(term))
    for field, segments in marked.items():
        assert "".join(one.text for one in segments) == {"title": title, "text": text}[field]
        assert any(segment.marked for segment in segments)
        assert all(isinstance(segment, Segment) and segment.text for segment in segments)


@given(text=TEXT)
def test_what_is_indexed_is_what_can_be_marked(text: str) -> None:
    assert words(text) == [span.word for found in spans(text) for span in found]


@given(first=st.text("abc", max_size=7), second=st.text("abc", max_size=7))
def test_distance_is_symmetric_and_bounded(first: str, second: str) -> None:
    full = distance(first, second, 20)
    assert full == distance(second, first, 20)
    assert distance(first, second, 2) == min(full, 3)
    assert (full == 0) == (first == second)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("payment-gateway_v2", ["payment", "gateway", "v2"]),
        ("PaymentGateway", ["paymentgateway", "payment", "gateway"]),
        ("ferry.schedule", ["ferry", "schedule"]),
        ("HTTPServer", ["httpserver", "http", "server"]),
        ("s3bucket", ["s3bucket", "s3", "bucket"]),
        ("Ünïcode", ["unicode"]),
    ],
)
def test_names_are_split_as_people_read_them(name: str, expected: list[str]) -> None:
    assert words(name) == expected
