"""Attempts to find out what is hidden by guessing, by other people's cursors, and by asking for too much."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import orjson
from sqlalchemy import event

from tests.access.attacks.cases import Attack, Case, silent
from tests.access.attacks.leaks import ABSENT, QUERY, STORE, total
from tests.access.attacks.siege import HTML, JANE, ROOT, SAM, Siege, reader
from tests.portal.hidden import CANARY

MINE: ContextVar[bool] = ContextVar("mine", default=False)
"""Whether it is a request of the test that is worked on."""


def alike(path: str, method: str = "GET", body: Callable[[str], Any] = lambda _: None) -> Attack:
    """What is hidden and what is not there are answered in the same words after the same work."""

    async def attack(siege: Siege) -> int:
        async with await siege.user(reader("HAS_LABEL")) as browser:
            answers = []
            await browser.request(method, path.replace("NAME", ABSENT), json=body(ABSENT))  # warm
            for name in (STORE, ABSENT):
                with working(siege) as statements:
                    answer = await browser.request(method, path.replace("NAME", name), json=body(name))
                text = answer.text.replace(name, "NAME").replace(name.replace("-", " "), "NAME")
                answers.append((answer.status_code, text, statements))
        hidden, absent = answers
        assert hidden == absent
        return hidden[0]

    return attack


@contextmanager
def working(siege: Siege) -> Iterator[list[str]]:
    """The statements that the database is sent meanwhile.

    Time cannot be compared in a test; where both ways do the same, it tells nothing.
    """
    said: list[str] = []

    def note(*given: Any) -> None:  # the arguments of SQLAlchemy's event
        # What the portal does by itself meanwhile, such as writing the audit log, is not the request's.
        if MINE.get() and "audit" not in given[2]:
            said.append(given[2])

    engine = siege.node.runtime.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    mine = MINE.set(True)
    try:
        yield said
    finally:
        MINE.reset(mine)
        event.remove(engine, "before_cursor_execute", note)


async def guessed_personal(siege: Siege) -> int:
    """A wrong secret of a token that exists and one that does not: the same words, the same work."""
    token = await siege.personal(JANE, "read")
    told = []
    for number in (token.split("_")[1], "0" * 24):
        wrong = f"cbp_{number}_{'A' * 43}"
        async with siege.bearing(wrong) as browser:
            with working(siege) as statements:
                answer = await browser.get("/api/catalog/entities?limit=1")
        told.append((answer.status_code, answer.text, statements))
    assert told[0] == told[1]
    return told[0][0]


async def told_of_conditions(siege: Siege) -> int:
    """A user's browser learns decisions, never the conditions they were made by."""
    asked = {
        "type": "resource",
        "name": "catalog.entity.read",
        "resourceType": "catalog-entity",
        "attributes": {},
    }
    async with await siege.user(reader("HAS_LABEL")) as browser:
        items = [{"id": "1", "permission": asked}]
        answer = await browser.post("/api/permission/authorize", json={"items": items})
    assert "HAS_LABEL" not in answer.text
    return answer.status_code


def applying(who: str) -> Attack:
    """Asking which resources fulfil conditions of one's own is asking about all of them."""

    async def attack(siege: Siege) -> int:
        conditions = {"rule": "HAS_LABEL", "resourceType": "catalog-entity", "params": {"label": "closed"}}
        item = {
            "id": "1",
            "resourceRef": f"resource:default/{STORE}",
            "resourceType": "catalog-entity",
            "conditions": conditions,
        }
        path = "/api/catalog/.well-known/backstage/permissions/apply-conditions"
        async with await siege.user(who) as browser:
            return (await browser.post(path, json={"items": [item]})).status_code

    return attack


def cursor(**fields: Any) -> str:
    """A cursor (JSON, hence Any) that nobody was given."""
    return base64.b64encode(orjson.dumps({"orderFields": [], "isPrevious": False, **fields})).decode()


def continuing(text: str) -> Attack:
    """Goes on from an invented cursor: no more than a query of one's own."""

    async def attack(siege: Siege) -> int:
        async with await siege.user(reader("HAS_LABEL")) as browser:
            answer = await browser.get(QUERY, params={"cursor": text})
            silent(answer)
        return answer.status_code

    return attack


async def reused(siege: Siege) -> int:
    """The cursor of one who sees everything, in the hands of one who does not: pages and count are theirs."""
    async with await siege.user(JANE) as jane, await siege.user(reader("HAS_LABEL")) as mallory:
        first = await jane.get(QUERY, params={"limit": "1", "orderField": "metadata.name,desc"})
        assert CANARY in first.text, "the last name is hidden from others"
        page = first.json()
        own = await total(mallory)
        assert own < page["totalItems"]
        seen, text = set[str](), page["pageInfo"]["nextCursor"]
        while text:
            answer = await mallory.get(QUERY, params={"limit": "2", "cursor": text})
            silent(answer, STORE)
            seen |= {one["metadata"]["name"] for one in answer.json()["items"]}
            text = answer.json()["pageInfo"].get("nextCursor")
        assert len(seen) == own
        return answer.status_code


async def backwards(siege: Siege) -> int:
    """And the way back to before where one may look."""
    async with await siege.user(JANE) as jane, await siege.user(reader("IS_ENTITY_OWNER")) as mallory:
        page = (await jane.get(QUERY, params={"limit": "3", "orderField": "metadata.name,asc"})).json()
        page = (await jane.get(QUERY, params={"limit": "3", "cursor": page["pageInfo"]["nextCursor"]})).json()
        answer = await mallory.get(QUERY, params={"cursor": page["pageInfo"]["prevCursor"]})
        silent(answer, STORE)
    return answer.status_code


def asking_as(who: str, path: str, method: str = "GET", body: Any = None) -> Attack:
    """Asks for what is for those in charge (JSON, hence Any)."""

    async def attack(siege: Siege) -> int:
        async with await siege.user(who) as browser:
            answer = await browser.request(method, path, json=body, headers=HTML)
            silent(answer)
        return answer.status_code

    return attack


BY_NAME = "/api/catalog/entities/by-name/resource/default/NAME"
CASES = (
    Case("enumeration", "of entities by name", alike(BY_NAME), 404),
    Case("enumeration", "of entities by their history", alike(f"{BY_NAME}/history"), 404),
    Case("enumeration", "of entities by their ancestry", alike(f"{BY_NAME}/ancestry"), 404),
    Case("enumeration", "of pages", alike("/catalog/default/resource/NAME"), 404),
    Case(
        "enumeration",
        "by asking for a refresh",
        alike("/api/catalog/refresh", "POST", lambda name: {"entityRef": f"resource:default/{name}"}),
        404,
    ),
    Case("enumeration", "by the search", alike("/api/search/query?term=NAME"), 200),
    Case("enumeration", "of personal tokens", guessed_personal, 401),
    Case("enumeration", "of conditions", told_of_conditions, 400),
    Case(
        "confused deputy", "a user applies conditions to what is hidden", applying(reader("HAS_LABEL")), 403
    ),
    Case("confused deputy", "somebody in charge applies conditions", applying(ROOT), 403),
    Case("cursor", "one of another user", reused, 200),
    Case("cursor", "one of another user, backwards", backwards, 200),
    Case("cursor", "a query for what is hidden", continuing(cursor(query={"spec.type": CANARY})), 200),
    Case(
        "cursor",
        "a place that is hidden",
        continuing(
            cursor(
                orderFields=[{"field": "metadata.name", "order": "asc"}],
                orderFieldValues=[f"{CANARY}-a", "0"],
            )
        ),
        200,
    ),
    Case("cursor", "a count that is told", continuing(cursor(totalItems=-1)), 400),
    Case("cursor", "another shape", continuing(base64.b64encode(b"[1,2]").decode()), 400),
    Case("cursor", "no cursor at all", continuing("' OR 1=1 --"), 400),
    Case("cursor", "deep without end", continuing(base64.b64encode(b'{"query":' * 500 + b"1").decode()), 400),
    Case("beyond one's rights", "reading the audit log", asking_as(SAM, "/api/audit/events"), 403),
    Case("beyond one's rights", "reading the roles", asking_as(SAM, "/api/permission/policy"), 403),
    Case(
        "beyond one's rights",
        "saving the roles",
        asking_as(JANE, "/api/permission/policy", "PUT", {"document": {"roles": []}, "version": 1}),
        403,
    ),
    Case(
        "beyond one's rights",
        "asking what another may do",
        asking_as(
            SAM, "/api/permission/explain", "POST", {"user": JANE, "permission": "catalog.entity.read"}
        ),
        403,
    ),
    Case(
        "beyond one's rights",
        "installing a plugin",
        asking_as(JANE, "/api/plugins", "POST", {"requirement": "x"}),
        403,
    ),
    Case(
        "beyond one's rights",
        "switching a plugin off",
        asking_as(JANE, "/api/plugins/catalog/disable", "POST"),
        403,
    ),
    Case(
        "beyond one's rights",
        "deleting anything at all",
        asking_as(SAM, "/api/catalog/entities/by-uid/0", "DELETE"),
        403,
    ),
)
