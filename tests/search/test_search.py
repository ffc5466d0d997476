"""What is found, in which order, and how soon."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callboard.search import Collator, Document, Search, SearchRequest
from callboard.search.highlight import tagged
from tests.catalog.nodes import Node, entity
from tests.search.conftest import StartSearch, component


async def names(search: Search, term: str, **more: object) -> list[str]:
    answer = await search.query(SearchRequest(term, **more))  # type: ignore[arg-type] # fields of a request
    return [hit.document.key.rpartition("/")[2] for hit in answer.hits]


async def filled(node: Node, search: Search, *entities: dict[str, object]) -> None:
    await node.give(*entities)
    await search.caught_up()


async def test_names_rank_before_titles_before_tags_before_texts(node: Node, search: Search) -> None:
    await filled(
        node,
        search,
        component("d-text", "Takes part in ferry trips"),
        component("c-tag", tags=("ferry",)),
        component("b-title", title="The ferry desk"),
        component("a-ferry-name"),
        component("ferry"),
    )
    assert await names(search, "ferry") == ["ferry", "a-ferry-name", "b-title", "c-tag", "d-text"]


async def test_an_exact_word_ranks_before_a_beginning_before_a_typo(node: Node, search: Search) -> None:
    await filled(node, search, component("dispatchers"), component("dispatch"), component("dispetch"))
    assert await names(search, "dispatch") == ["dispatch", "dispatchers", "dispetch"]


@pytest.mark.parametrize(
    "term",
    [
        "pay",
        "gate",
        "payment gateway",
        "PaymentGateway",
        "paymentgate",
        "paymnt",
        "gatway paymnet",
        "PAYMENT",
    ],
)
async def test_a_name_is_found_however_it_is_typed(node: Node, search: Search, term: str) -> None:
    await filled(node, search, component("payment-gateway_v2"), component("lamp"))
    assert await names(search, term) == ["payment-gateway_v2"]


@pytest.mark.parametrize("term", ["ferry", "schedule", "ferry.schedule", "ferryschedule", "sched ferr"])
async def test_compounds_are_found_by_their_parts(node: Node, search: Search, term: str) -> None:
    await filled(node, search, component("ferry.schedule"), component("FerrySchedule2"))
    assert set(await names(search, term)) == {"ferry.schedule", "ferryschedule2"}


async def test_accents_do_not_matter(node: Node, search: Search) -> None:
    await filled(node, search, component("a", title="Brücke über den Fluß"))
    assert await names(search, "brucke fluss") == ["a"]


async def test_people_are_found_by_their_shown_name(node: Node, search: Search) -> None:
    profile = {"displayName": "Ada Frost", "email": "ada@example.com"}
    await filled(node, search, entity("User", "af1", profile=profile, memberOf=[]))
    assert await names(search, "frost") == ["af1"]
    [hit] = await search.suggest("ada fr")
    assert hit.document.text == "Ada Frost : ada@example.com"


async def test_phrases_are_found_in_their_order(node: Node, search: Search) -> None:
    await filled(node, search, component("a", "night ferry lane"), component("b", "ferry night"))
    assert await names(search, '"night ferry"') == ["a"]
    assert set(await names(search, "night ferry")) == {"a", "b"}


async def test_words_that_no_document_has_together_are_found_apart(node: Node, search: Search) -> None:
    await filled(node, search, component("lamp"), component("quay"))
    assert set(await names(search, "lamp quay")) == {"lamp", "quay"}


async def test_filters_restrict_and_their_values_are_alternatives(node: Node, search: Search) -> None:
    await filled(
        node,
        search,
        component("a", lifecycle="production"),
        component("b", lifecycle="experimental", tags=("go",)),
        component("c", lifecycle="deprecated", owner="user:default/ada"),
    )
    assert await names(search, "", filters={"lifecycle": ["Production", "experimental"]}) == ["a", "b"]
    assert await names(search, "", filters={"kind": ["component"], "tags": ["go"]}) == ["b"]
    assert await names(search, "", filters={"owner": ["user:ada"]}) == ["c"]
    assert await names(search, "", filters={"owner": ["user:default/ada"]}) == ["c"]
    assert await names(search, "", filters={"colour": ["red"]}) == []


async def test_counts_ignore_the_filter_of_their_own_field(node: Node, search: Search) -> None:
    await filled(node, search, component("a", type="service"), component("b", type="website"))
    request = SearchRequest(filters={"type": ["service"]}, facets=("type", "kind", "types"))
    answer = await search.query(request)
    assert answer.facets == {
        "type": [("service", 1), ("website", 1)],
        "kind": [("Component", 1)],
        "types": [("software-catalog", 1)],
    }


async def test_an_empty_term_pages_through_everything_by_title(node: Node, search: Search) -> None:
    await filled(node, search, *(component(name) for name in ("delta", "alpha", "charlie", "bravo")))
    assert await names(search, "", limit=3) == ["alpha", "bravo", "charlie"]
    assert await names(search, " ", offset=3, limit=3) == ["delta"]
    answer = await search.query(SearchRequest(offset=1_000_000_000, limit=100))
    assert (answer.total, answer.hits) == (4, ())


async def test_a_misspelt_word_brings_a_suggestion(node: Node, search: Search) -> None:
    await filled(node, search, component("payment-gateway"), component("pavement"))
    answer = await search.query(SearchRequest("Paymnt gatewya"))
    assert answer.did_you_mean == "payment gateway"
    assert (await search.query(SearchRequest("paym"))).did_you_mean is None
    assert (await search.query(SearchRequest("zebra"))).did_you_mean is None


async def test_what_matched_is_marked(node: Node, search: Search) -> None:
    await filled(node, search, component("a", "x" * 300 + " moves <b>ferry</b> lists", title="FerryDesk"))
    [hit] = (await search.query(SearchRequest("ferry"))).hits
    assert tagged(hit.highlights["title"], "[", "]") == "[Ferry]Desk"
    text = tagged(hit.highlights["text"], "[", "]")
    assert text.startswith("…")
    assert "<b>[ferry]</b> lists" in text


async def test_a_change_is_found_soon(node: Node, search: Search) -> None:
    await filled(node, search, component("lamp", "gives light"))
    await node.give(component("lamp", "gives warmth"))
    begun = time.monotonic()
    while not await names(search, "warmth"):
        assert time.monotonic() - begun < 10
        await asyncio.sleep(0.01)
    assert await names(search, "light") == []


async def test_a_deleted_entity_is_not_found(node: Node, search: Search) -> None:
    await filled(node, search, component("lamp"), component("quay"))
    await node.change(removed=["component:default/quay"])
    await search.caught_up()
    assert await names(search, "quay") == []
    assert await names(search, "") == ["lamp"]


async def test_entities_from_before_the_start_are_found(node: Node, start_search: StartSearch) -> None:
    await node.give(*(component(f"lamp-{number}") for number in range(40)))
    search = await start_search()
    assert search.documents == 40


async def test_a_search_that_lost_its_place_in_the_feed_rebuilds(
    node: Node, start_search: StartSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await node.give(component("lamp"), component("quay"))
    search = await start_search()
    following = search._following
    assert following is not None
    # It hears nothing while the feed moves on and forgets.
    with monkeypatch.context() as deaf:
        deaf.setattr(following, "catch_up", lambda: asyncio.sleep(0))
        await asyncio.sleep(0.6)
        await node.change(component("ferry"), removed=["component:default/quay"])
        await node.runtime.feed.prune(1)
    await search.caught_up()
    assert await names(search, "") == ["ferry", "lamp"]


async def test_documents_of_collators_replace_each_other(start_search: StartSearch) -> None:
    rounds = iter([["one", "two"], ["three"]])

    async def collate() -> AsyncIterator[Document]:
        for name in next(rounds, ["three"]):
            yield Document("pages", name.title(), "About ferries", f"/docs/{name}", fields={"kind": "Page"})
        yield Document("pages", "Trap", "About ferries", "javascript:alert(1)")

    search = await start_search(Collator("pages", collate, interval=0.3))
    seen: list[list[str]] = []
    begun = time.monotonic()
    while len(seen) < 2:
        assert time.monotonic() - begun < 20
        answer = await search.query(SearchRequest("ferries", types=["pages"]))
        titles = sorted(hit.document.title for hit in answer.hits)
        if titles and titles not in seen:
            seen.append(titles)
        await asyncio.sleep(0.02)
    assert seen == [["One", "Two"], ["Three"]]


async def test_a_collator_that_fails_loses_nothing(node: Node, start_search: StartSearch) -> None:
    calls = 0

    async def collate() -> AsyncIterator[Document]:
        nonlocal calls
        calls += 1
        yield Document("pages", "One", "", "/docs/one")
        if calls > 1:
            raise RuntimeError("the wiki is away")

    await node.give(component("lamp"))
    search = await start_search(Collator("pages", collate, interval=0.05))
    while calls < 3:  # noqa: ASYNC110 - the collator has no event
        await asyncio.sleep(0.02)
    assert search.documents == 2


async def test_collators_come_and_go_while_the_search_runs(start_search: StartSearch) -> None:
    async def collate() -> AsyncIterator[Document]:
        yield Document("tides", "High water", "At noon", "/tides")

    tides, entities = Collator("tides", collate), Collator("software-catalog", collate)
    search = await start_search(tides, entities)
    for _ in range(500):
        if search.documents:
            break
        await asyncio.sleep(0.02)
    assert search.documents == 1
    assert list(search.types) == ["software-catalog", "tides"], "entities have one source only"
    await search.follow([])
    assert list(search.types) == ["software-catalog"]
    assert search.documents == 0


async def test_the_folder_goes_with_the_process(node: Node, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    stale = folder / "search-dead"
    stale.mkdir(parents=True)
    (stale / "owner.lock").touch()
    (folder / "search-of-somebody").mkdir()
    first = Search(node.runtime.database, node.runtime.feed, folder)
    second = Search(node.runtime.database, node.runtime.feed, folder)
    await first.start()
    await second.start()
    assert not stale.exists()
    await second.stop()
    await first.caught_up()
    assert first.ready
    await first.stop()
    assert sorted(os.listdir(folder)) == ["search-of-somebody", "search.lock"]
