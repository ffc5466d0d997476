"""What a search finds, counts and suggests for somebody who may see a part of the catalog."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import Condition, Not, OneOf
from callboard.search import Collator, Document, Search, SearchRequest, SeenSearch, Visible
from tests.catalog.nodes import Node, Row
from tests.search.conftest import StartSearch

OPEN = OneOf("metadata.labels.open", ("yes",))
WORDS = ("ferry", "anchor", "harbour", "lantern", "compass", "tide", "quay", "rudder")


def component(name: str, *, open: bool = True, **metadata: object) -> Row:
    labels = {"labels": {"open": "yes"}} if open else {}
    place = "url:https://example.org/a.yaml"
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {
            "name": name,
            "annotations": {
                "backstage.io/managed-by-location": place,
                "backstage.io/managed-by-origin-location": place,
            },
            **labels,
            **metadata,
        },
        "spec": {"type": "service", "lifecycle": "production", "owner": "crew"},
    }


def visible(node: Node, condition: Condition = OPEN) -> Visible:
    index = node.runtime.index
    return Visible(Queries(index).seen(condition).index, index)


async def give(node: Node, search: Search, *entities: Row) -> None:
    await node.give(*entities, guarded=False)
    await search.caught_up()


async def names(search: SeenSearch, request: SearchRequest) -> list[str]:
    return [hit.document.key.rpartition("/")[2] for hit in (await search.query(request)).hits]


async def test_hidden_entities_are_neither_found_nor_counted_nor_suggested(
    node: Node, start_search: StartSearch
) -> None:
    search = await start_search()
    await give(node, search, *(component(f"ferry-{at}", open=at % 2 == 0, tags=["boat"]) for at in range(40)))
    for condition, total in ((OPEN, 20), (Not(OPEN), 20), (OneOf("kind", ("api",)), 0)):
        mine = SeenSearch(search, visible(node, condition))
        found = await mine.query(SearchRequest("ferry", facets=("kind", "types"), limit=15))
        assert (found.total, len(found.hits)) == (total, min(total, 15))
        assert found.facets["kind"] == ([("Component", total)] if total else [])
        last = await mine.query(SearchRequest("ferry", offset=15, limit=15))
        assert (last.total, len(last.hits)) == (total, max(total - 15, 0))
        assert len(await mine.suggest("ferr", 30)) == total
        assert (await mine.query(SearchRequest())).total == total
    assert (await search.query(SearchRequest("ferry"))).total == 40


async def test_many_hidden_hits_before_a_visible_one_hide_nothing(
    node: Node, start_search: StartSearch
) -> None:
    search = await start_search()
    secret = (component(f"ferry-{at}", open=False, title="ferry") for at in range(100))
    await give(node, search, *secret, component("x", description="a ferry"))
    mine = SeenSearch(search, visible(node))
    assert [hit.document.title for hit in await mine.suggest("ferry", 8)] == ["x"]
    assert [hit.rank for hit in await mine.suggest("ferry", 8)] == [1]


async def test_words_of_hidden_entities_are_not_proposed(node: Node, start_search: StartSearch) -> None:
    search = await start_search()
    await give(node, search, component("lantern", open=False), component("lantarn-two"), component("compass"))
    assert (await search.query(SearchRequest("lanterm"))).did_you_mean == "lantern"
    mine = SeenSearch(search, visible(node))
    assert (await mine.query(SearchRequest("lanterm"))).did_you_mean == "lantarn"
    await give(node, search, component("lantern", open=False), component("compass"))
    mine = SeenSearch(search, visible(node))
    assert (await mine.query(SearchRequest("lanterm"))).did_you_mean is None
    assert (await mine.query(SearchRequest("lantern ferry"))).total == 0


async def test_an_entity_that_becomes_hidden_is_gone_at_once(node: Node, start_search: StartSearch) -> None:
    search = await start_search()
    await give(node, search, component("ferry"), component("quay"))
    sees = visible(node)
    mine = SeenSearch(search, sees)
    assert await names(mine, SearchRequest("ferry")) == ["ferry"]
    await give(node, search, component("ferry", open=False), component("quay"))
    assert (await mine.query(SearchRequest("ferry"))).total == 0
    assert await mine.suggest("ferry") == []
    await give(node, search, component("quay"))
    assert (await mine.query(SearchRequest("ferry"))).total == 0
    await give(node, search, component("quay"), component("ferry"))
    assert await names(mine, SearchRequest("ferry")) == ["ferry"]


async def test_a_document_is_seen_by_whoever_sees_its_entity(node: Node, start_search: StartSearch) -> None:
    async def collate() -> AsyncIterator[Document]:
        yield Document("docs", "Guide of all", "mooring", "/docs/all")
        yield Document("docs", "Guide of ferry", "mooring", "/docs/ferry", ref="Component:default/ferry")
        yield Document("docs", "Guide of secret", "mooring", "/docs/secret", ref="component:default/secret")
        yield Document(
            "docs", "Guide of nothing", "mooring", "/docs/nothing", ref="component:default/nothing"
        )

    search = await start_search(Collator("docs", collate))
    await give(node, search, component("ferry"), component("secret", open=False))
    async with asyncio.timeout(10):
        while search.documents < 6:  # noqa: ASYNC110 - collators tell nobody when they are done
            await asyncio.sleep(0.02)
    for condition in (OPEN, OneOf("metadata.name", ("ferry",))):
        mine = SeenSearch(search, visible(node, condition))
        found = await mine.query(SearchRequest("mooring", facets=("types",)))
        assert {hit.document.title for hit in found.hits} == {"Guide of all", "Guide of ferry"}
        assert (found.total, found.facets["types"]) == (2, [("docs", 2)])


async def test_a_hidden_owner_is_not_named(node: Node, start_search: StartSearch) -> None:
    search = await start_search()
    team = component("crew", open=False)
    team |= {"kind": "Group", "spec": {"type": "team", "children": []}}
    await give(node, search, component("ferry"), team)
    assert (await search.query(SearchRequest("ferry"))).hits[0].document.fields["owner"] == "crew"
    mine = SeenSearch(search, visible(node))
    found = await mine.query(SearchRequest("ferry", facets=("owner",)))
    assert (found.hits[0].document.fields["owner"], found.facets["owner"]) == ("", [])
    assert (await mine.suggest("ferry"))[0].document.fields["owner"] == ""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_any_part_of_a_changing_catalog_is_found_exactly(node: Node, start_search: StartSearch) -> None:
    pick, search = random.Random(7), await start_search()
    sees = {word: visible(node, OneOf("metadata.tags", (word,))) for word in WORDS}
    for _ in range(6):
        entities = []
        for at in pick.sample(range(60), 40):
            first, second = pick.sample(WORDS, 2)
            entities.append(component(f"{first}-{at}", tags=[second], description=pick.choice(WORDS)))
        await give(node, search, *entities)
        for tag in WORDS:
            mine, wanted = SeenSearch(search, sees[tag]), pick.choice(WORDS)
            expected = {
                one["metadata"]["name"]
                for one in entities
                if tag in one["metadata"]["tags"]
                and wanted in (one["metadata"]["name"].partition("-")[0], tag, one["metadata"]["description"])
            }
            found = await mine.query(SearchRequest(f'"{wanted}" {wanted}', limit=60))
            assert {hit.document.key.rpartition("/")[2] for hit in found.hits} == expected
            assert found.total == len(expected)
