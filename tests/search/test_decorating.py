"""What plugins change in documents before they can be found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from callboard.search import Collator, Decorator, Document, Search, SearchRequest
from tests.catalog.nodes import Node, component
from tests.search.conftest import StartSearch


async def found(search: Search, term: str) -> list[str]:
    return [hit.document.title for hit in (await search.query(SearchRequest(term=term))).hits]


async def shelf() -> AsyncIterator[Document]:
    yield Document("books", "Knots", "bowline", "/books/knots", key="knots")


def nautical(document: Document) -> Document:
    return replace(document, text=f"{document.text} maritime", ref=None, key="another")


def hiding(document: Document) -> Document | None:
    return None if document.title == "lamp" else document


def breaking(_: Document) -> Document:
    raise RuntimeError("the glue is dry")


async def test_documents_of_entities_and_of_collators_are_decorated_anew_when_plugins_change(
    node: Node, start_search: StartSearch
) -> None:
    search = await start_search()
    await node.give(component("ferry"), component("lamp"))
    await search.caught_up()
    assert await found(search, "maritime") == []
    collators = [Collator("books", shelf)]
    failures = list[str]()
    decorators = [
        Decorator("broken", breaking),
        Decorator("nautical", nautical),
        Decorator("hiding", hiding, types=("software-catalog",)),
    ]
    await search.follow(collators, decorators, lambda _, where, error: failures.append(f"{where}: {error}"))
    for _ in range(100):
        if sorted(await found(search, "maritime")) == ["Knots", "ferry"]:
            break
        await asyncio.sleep(0.05)
    assert sorted(await found(search, "maritime")) == ["Knots", "ferry"]
    assert await found(search, "lamp") == []
    assert "the decorator broken: the glue is dry" in failures
    hits = (await search.query(SearchRequest(term="ferry"))).hits
    assert hits[0].document.ref == "component:default/ferry", "who may see it is not the decorator's to say"
    await node.change(component("lamp", owner="other"), component("buoy"))
    await search.caught_up()
    assert await found(search, "lamp") == []
    assert "buoy" in await found(search, "maritime")
    await search.follow(collators)
    for _ in range(100):
        if await found(search, "maritime") == [] and await found(search, "lamp"):
            break
        await asyncio.sleep(0.05)
    assert await found(search, "maritime") == []
    assert await found(search, "lamp") == ["lamp"]
