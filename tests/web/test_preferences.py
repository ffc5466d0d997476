from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.responses import Response

from callboard.core.database import Database
from callboard.web.preferences import Preferences, PreferenceStore
from callboard.web.preferences.preferences import COOKIE
from callboard.web.preferences.store import VISITS_KEPT


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[PreferenceStore]:
    database = Database(database_url)
    made = PreferenceStore(database)
    await made.migrate()
    yield made
    await database.close()


def request(cookie: str = "", scheme: str = "http") -> Request:
    headers = [(b"cookie", f"{COOKIE}={cookie}".encode())] if cookie else []
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/",
            "headers": headers,
            "scheme": scheme,
            "server": ("x", 80),
            "query_string": b"",
        }
    )


def cookie_of(preferences: Preferences) -> str:
    response = Response()
    preferences.remember(response)
    return response.headers.get("set-cookie", "")


async def test_settings_and_stars_come_back_to_the_same_browser(store: PreferenceStore) -> None:
    first = Preferences(store, request())
    await first.load()
    await first.set("theme", "dark")
    await first.set("theme", "light")
    await first.star("component:default/a")
    await first.star("component:default/b")
    await first.star("component:default/b")
    cookie = cookie_of(first)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    again = Preferences(store, request(cookie.partition("=")[2].partition(";")[0]))
    await again.load()
    assert again.get("theme") == "light"
    assert again.starred == ["component:default/b", "component:default/a"]
    await again.unstar("component:default/b")
    await again.load()
    assert again.starred == ["component:default/a"]
    assert not cookie_of(again), "a known browser keeps its cookie"


async def test_another_browser_sees_nothing_of_it(store: PreferenceStore) -> None:
    first = Preferences(store, request())
    await first.star("component:default/a")
    other = Preferences(store, request("A" * 22))
    await other.load()
    assert other.starred == []


async def test_a_visitor_who_stores_nothing_gets_no_cookie(store: PreferenceStore) -> None:
    visitor = Preferences(store, request())
    await visitor.load()
    assert visitor.get("theme", "system") == "system"
    assert await visitor.visited() == []
    assert not cookie_of(visitor)


async def test_a_made_up_cookie_is_replaced(store: PreferenceStore) -> None:
    visitor = Preferences(store, request("x'; DROP TABLE"))
    await visitor.set("theme", "dark")
    assert cookie_of(visitor).startswith(COOKIE)


async def test_the_cookie_is_secure_over_https(store: PreferenceStore) -> None:
    visitor = Preferences(store, request(scheme="https"))
    await visitor.set("theme", "dark")
    assert "Secure" in cookie_of(visitor)


async def test_visits_are_counted_and_the_latest_come_first(store: PreferenceStore) -> None:
    visitor = Preferences(store, request("B" * 22))
    for ref in ("component:default/a", "component:default/b", "component:default/a"):
        await visitor.note_visit(ref)
    visits = await visitor.visited()
    assert [(visit.entity_ref, visit.count) for visit in visits] == [
        ("component:default/a", 2),
        ("component:default/b", 1),
    ]


async def test_only_the_newest_visits_are_remembered(store: PreferenceStore) -> None:
    visitor = Preferences(store, request("C" * 22))
    for number in range(VISITS_KEPT + 5):
        await visitor.note_visit(f"component:default/c{number}")
    visits = await visitor.visited(VISITS_KEPT * 2)
    assert len(visits) == VISITS_KEPT
    assert visits[0].entity_ref == f"component:default/c{VISITS_KEPT + 4}"


async def test_what_a_browser_kept_becomes_the_users_at_sign_in(store: PreferenceStore) -> None:
    before = Preferences(store, request())
    await before.load()
    for key, value in (("theme", "dark"), ("density", "compact"), ("me", "user:default/other")):
        await before.set(key, value)
    await before.star("component:default/a")
    await before.note_visit("component:default/a")
    cookie = before.owner.removeprefix("browser:")
    mine = Preferences(store, request(), "user:default/jane")
    await mine.load()
    await mine.set("theme", "light")
    await mine.star("component:default/a")
    await mine.star("component:default/b")
    assert cookie_of(mine) == "", "a user is known without a cookie"

    signed_in = Preferences(store, request(cookie), "user:default/jane")
    await signed_in.load()
    assert (signed_in.get("theme"), signed_in.get("density")) == ("light", "compact")
    assert signed_in.get("me") is None
    assert set(signed_in.starred) == {"component:default/a", "component:default/b"}
    assert [one.entity_ref for one in await signed_in.visited()] == ["component:default/a"]
    assert "Max-Age=0" in cookie_of(signed_in), "the browser's own is taken away"

    again = Preferences(store, request(cookie))
    await again.load()
    assert (again.get("theme"), again.starred, await again.visited()) == (None, [], [])


async def test_two_pages_may_take_over_at_once(store: PreferenceStore) -> None:
    before = Preferences(store, request())
    await before.load()
    await before.star("component:default/a")
    owner = before.owner
    await asyncio.gather(*(store.take_over(owner, "user:default/jane") for _ in range(4)))
    assert (await store.load("user:default/jane"))[1] == ["component:default/a"]
