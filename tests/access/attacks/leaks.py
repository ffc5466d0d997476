"""Attempts to learn of hidden entities: by each read path under each rule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from tests.access.attacks.cases import Attack, Case, silent
from tests.access.attacks.siege import Siege, reader
from tests.portal.hidden import CANARY, RULES

STORE, OPEN_ONE = f"{CANARY}-store", "ferry"
ABSENT = f"{CANARY[::-1]}-store"
QUERY = "/api/catalog/entities/by-query"
FACETS = (
    *("kind", "metadata.name", "metadata.tags", "spec.type", "spec.owner", "spec.lifecycle"),
    *("metadata.labels.closed", "relations.ownedBy", "relations.dependencyOf", "relations.hasPart"),
)
Look = Callable[[Siege, httpx.AsyncClient], Awaitable[httpx.Response]]


async def total(browser: httpx.AsyncClient, **params: str) -> int:
    answer = await browser.get(QUERY, params={"limit": "0", **params})
    found: int = answer.json()["totalItems"]
    return found


def looking(rule: str, look: Look) -> Attack:
    """Looks as the one who reads under a rule; nothing of what it hides is told."""

    async def attack(siege: Siege) -> int:
        async with await siege.user(reader(rule)) as browser:
            browser.headers["accept"] = "application/json, text/html"
            answer = await look(siege, browser)
            silent(answer, STORE, "zyxcan")
        return answer.status_code

    return attack


async def listed(_: Siege, browser: httpx.AsyncClient) -> httpx.Response:
    answer = await browser.get("/api/catalog/entities")
    assert OPEN_ONE in {one["metadata"]["name"] for one in answer.json()}
    return answer


async def counted(_: Siege, browser: httpx.AsyncClient) -> httpx.Response:
    """The count is that of the list, page by page, of the facets, and of what names can be read."""
    names, cursor = list[str](), ""
    while True:
        answer = await browser.get(QUERY, params={"limit": "2", **({"cursor": cursor} if cursor else {})})
        silent(answer, STORE)
        page = answer.json()
        names += [one["metadata"]["name"] for one in page["items"]]
        cursor = page["pageInfo"].get("nextCursor", "")
        if not cursor:
            break
    kinds = (await browser.get("/api/catalog/entity-facets?facet=kind")).json()["facets"]["kind"]
    listed = (await browser.get("/api/catalog/entities")).json()
    assert page["totalItems"] == len(names) == sum(one["count"] for one in kinds) == len(listed)
    return answer


async def faceted(_: Siege, browser: httpx.AsyncClient) -> httpx.Response:
    answer = await browser.get("/api/catalog/entity-facets", params={"facet": list(FACETS)})
    assert answer.json()["facets"]["kind"]
    return answer


async def faceted_by_predicate(_: Siege, browser: httpx.AsyncClient) -> httpx.Response:
    body = {"facets": list(FACETS), "query": {"spec.type": CANARY}}
    answer = await browser.post("/api/catalog/entity-facets", json=body)
    assert not any(answer.json()["facets"].values())
    return answer


async def named_in_a_list(_: Siege, browser: httpx.AsyncClient) -> httpx.Response:
    refs = [f"resource:default/{STORE}", f"resource:default/{ABSENT}", f"component:default/{OPEN_ONE}"]
    answer = await browser.post("/api/catalog/entities/by-refs", json={"entityRefs": refs})
    hidden, absent, shown = answer.json()["items"]
    assert (hidden, absent) == (None, None)
    assert shown["metadata"]["name"] == OPEN_ONE
    return answer


async def filtered(_: Siege, browser: httpx.AsyncClient) -> httpx.Response:
    for wanted in (
        f"spec.type={CANARY}",
        f"metadata.name={STORE}",
        f"relations.ownedBy=group:default/{CANARY}-team",
    ):
        assert await total(browser, filter=wanted) == 0
    return await browser.get(QUERY, params={"fullTextFilterTerm": "zyxcan"})


async def searched(_: Siege, browser: httpx.AsyncClient) -> httpx.Response:
    answer = await browser.get("/api/search/query", params={"term": CANARY})
    assert (answer.json()["results"], answer.json().get("numberOfResults", 0)) == ([], 0)
    return answer


def getting(path: str) -> Look:
    async def look(_: Siege, browser: httpx.AsyncClient) -> httpx.Response:
        return await browser.get(path)

    return look


async def by_uid(siege: Siege, browser: httpx.AsyncClient) -> httpx.Response:
    entity = await siege.node.entity(f"resource:default/{STORE}")
    return await browser.get(f"/api/catalog/entities/by-uid/{entity['metadata']['uid']}")


async def asked_for_a_decision(_: Siege, browser: httpx.AsyncClient) -> httpx.Response:
    """The answer about what is hidden is that about what is not there."""
    asked = {
        "type": "resource",
        "name": "catalog.entity.read",
        "resourceType": "catalog-entity",
        "attributes": {},
    }
    refs = [f"resource:default/{STORE}", f"resource:default/{ABSENT}"]
    items = [{"id": ref, "permission": asked, "resourceRef": ref} for ref in refs]
    answer = await browser.post("/api/permission/authorize", json={"items": items})
    assert [one["result"] for one in answer.json()["items"]] == ["DENY", "DENY"]
    return answer


PATHS: tuple[tuple[str, Look, int], ...] = (
    ("list", listed, 200),
    ("count", counted, 200),
    ("facet", faceted, 200),
    ("facet of a predicate", faceted_by_predicate, 200),
    ("by refs", named_in_a_list, 200),
    ("by name", getting(f"/api/catalog/entities/by-name/resource/default/{STORE}"), 404),
    ("by uid", by_uid, 404),
    ("filter", filtered, 200),
    ("search", searched, 200),
    ("suggestion", getting("/search/suggest?term=zyxcan"), 200),
    ("ancestry", getting(f"/api/catalog/entities/by-name/resource/default/{STORE}/ancestry"), 404),
    ("history", getting(f"/api/catalog/entities/by-name/resource/default/{STORE}/history"), 404),
    ("relations", getting(f"/catalog/default/component/{OPEN_ONE}/relations"), 200),
    ("graph", getting(f"/catalog-graph.svg?rootEntityRefs[]=component:default/{OPEN_ONE}&maxDepth=5"), 200),
    ("export", getting("/catalog/export.json?filters[kind]=all"), 200),
    ("decision", asked_for_a_decision, 200),
)


CASES = (
    *(
        Case(f"leak by {path}", f"under {rule}", looking(rule, look), status)
        for rule in RULES
        for path, look, status in PATHS
    ),
)
