from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from starlette.requests import Request

from callboard.access.identity import Identity, signed_in
from callboard.access.identity.cookies import SESSION_COOKIE
from callboard.access.identity.sessions import Facts
from callboard.access.identity.tables import sessions
from callboard.access.identity.users import FRESH
from callboard.access.principals import Principal

ANN, BOB = "user:default/ann", "user:default/bob"
MINUTE = 60.0


async def begin(identity: Identity, user: str = ANN) -> tuple[Any, str]:
    facts = Facts("Firefox", "192.0.2.7")
    return await identity.sessions.create(
        user, ["group:default/crew"], profile={"displayName": "Ann"}, provider="github", facts=facts
    )


async def alive(identity: Identity, cookie: str) -> bool:
    return await identity.sessions.resume(cookie) is not None


async def rotated(identity: Identity, cookie: str) -> str:
    """The cookie that replaces this one now."""
    resumed = await identity.sessions.resume(cookie)
    assert resumed is not None
    assert resumed.cookie is not None
    return resumed.cookie


def request(cookie: str = "", scheme: str = "http") -> Request:
    headers = [(b"user-agent", b"Firefox\x00\x1b" + b"x" * 400)]
    if cookie:
        headers.append((b"cookie", f"{SESSION_COOKIE}={cookie}".encode()))
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "server": ("x", 80)}
    return Request({**scope, "headers": headers, "scheme": scheme, "client": ("192.0.2.7", 1)})


async def test_a_session_says_who_asks(identity: Identity) -> None:
    session, cookie = await begin(identity)
    resumed = await identity.sessions.resume(cookie)
    assert resumed is not None
    assert resumed.cookie is None
    found = await identity.sessions.principal(resumed.session)
    assert found == Principal("user", ANN, (ANN, "group:default/crew"), means="session", session=session.id)


async def test_the_database_holds_no_secret_of_a_session(identity: Identity) -> None:
    _, cookie = await begin(identity)
    async with identity.database.read() as rows:
        (row,) = (await rows.execute(select(sessions))).all()
    secret = cookie.split(".")[1]
    assert not any(secret in str(value) for value in row)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_cookie_is_kept_from_scripts_and_other_sites(identity: Identity, scheme: str) -> None:
    _, header = await signed_in(identity, request(scheme=scheme), ANN, [], {}, "github")
    parts = header.split("; ")
    assert parts[0].startswith("callboard-session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts)
    assert ("Secure" in parts) == (scheme == "https")
    assert not any(part.lower().startswith("domain") for part in parts)


async def test_the_cookie_is_secure_behind_a_proxy_that_ends_tls(new_node: Any) -> None:
    node = await new_node({"backend": {"baseUrl": "https://dev.acme.org"}})
    _, header = await signed_in(node, request(), ANN, [], {}, "github")
    assert header.endswith("; Secure")


async def test_signing_in_always_begins_a_new_session_and_ends_the_one_before(identity: Identity) -> None:
    first, planted = await begin(identity, BOB)
    session, header = await signed_in(identity, request(planted), ANN, [], {"email": "a@x"}, "github")
    assert session.id != first.id
    assert planted not in header
    assert not await alive(identity, planted)
    assert session.user_ref == ANN
    stored = await identity.sessions.read(session.id)
    assert stored is not None
    assert (stored.profile, stored.ip) == ({"email": "a@x"}, "192.0.2.7")
    assert len(stored.user_agent) == 300
    assert stored.user_agent.isprintable()


@pytest.mark.parametrize(
    "made_up", ["", "x", "a.b.c", "A" * 22 + "." + "B" * 43 + "." + "C" * 43, "é", "..."]
)
async def test_a_made_up_cookie_leads_nowhere(identity: Identity, made_up: str) -> None:
    assert not await alive(identity, made_up)


async def test_a_changed_cookie_leads_nowhere_and_harms_nobody(identity: Identity) -> None:
    other, _ = await begin(identity, BOB)
    _, cookie = await begin(identity)
    session_id, secret, signature = cookie.split(".")
    for forged in (
        f"{other.id}.{secret}.{signature}",
        f"{session_id}.{'A' * 43}.{signature}",
        f"{session_id}.{secret}.{'A' * 43}",
    ):
        assert not await alive(identity, forged)
    assert await alive(identity, cookie)


async def test_a_cookie_of_another_installation_leads_nowhere(new_node: Any) -> None:
    one = await new_node({"auth": {"session": {"secret": "the secret of one place"}}})
    _, cookie = await begin(one)
    assert await alive(await new_node({"auth": {"session": {"secret": "the secret of one place"}}}), cookie)
    assert not await alive(await new_node({"auth": {"session": {"secret": "of quite another"}}}), cookie)


async def test_nodes_accept_each_others_cookies(new_node: Any) -> None:
    one, other = await asyncio.gather(new_node(), new_node())
    _, cookie = await begin(one)
    assert await alive(other, cookie)


async def test_an_idle_session_ends(identity: Identity, clock: Any) -> None:
    _, cookie = await begin(identity)
    clock.now += identity.settings.session_idle + 1
    assert not await alive(identity, cookie)
    assert await identity.sessions.of(ANN) == []


async def test_a_session_ends_however_much_it_is_used(new_node: Any, clock: Any) -> None:
    node = await new_node({"auth": {"session": {"absolute": "2h", "idle": "1h"}}})
    _, cookie = await begin(node)
    for _ in range(4):
        clock.now += 29 * MINUTE
        cookie = await rotated(node, cookie)
    clock.now += 5 * MINUTE
    assert not await alive(node, cookie)


async def test_the_secret_is_replaced_while_the_session_is_used(identity: Identity, clock: Any) -> None:
    session, first = await begin(identity)
    clock.now += 11 * MINUTE
    second = await rotated(identity, first)
    assert second != first
    resumed = await identity.sessions.resume(second)
    assert resumed is not None
    assert (resumed.session.id, resumed.cookie) == (session.id, None)


async def test_requests_on_their_way_may_bring_the_old_secret(identity: Identity, clock: Any) -> None:
    _, first = await begin(identity)
    clock.now += 11 * MINUTE
    answers = await asyncio.gather(*(identity.sessions.resume(first) for _ in range(8)))
    assert all(answer is not None for answer in answers)
    (second,) = {answer.cookie for answer in answers if answer and answer.cookie}
    assert second is not None
    clock.now += 20
    assert await alive(identity, second)
    assert await alive(identity, first)


async def test_an_old_secret_after_the_grace_revokes_the_session(identity: Identity, clock: Any) -> None:
    _, stolen = await begin(identity)
    clock.now += 11 * MINUTE
    cookie = await rotated(identity, stolen)
    assert await alive(identity, cookie)
    clock.now += identity.settings.session_grace + FRESH
    assert not await alive(identity, stolen)
    assert not await alive(identity, cookie)


async def test_a_secret_from_long_ago_revokes_the_session(identity: Identity, clock: Any) -> None:
    _, first = await begin(identity)
    cookie = first
    for _ in range(2):
        clock.now += 11 * MINUTE
        cookie = await rotated(identity, cookie)
    assert not await alive(identity, first)
    assert not await alive(identity, cookie)


async def test_an_answer_that_was_lost_does_not_end_the_session(identity: Identity, clock: Any) -> None:
    _, first = await begin(identity)
    clock.now += 11 * MINUTE
    lost = await rotated(identity, first)
    clock.now += 5 * MINUTE  # the browser never got the new cookie and comes back with the old one
    second = await rotated(identity, first)
    assert second != lost
    assert await alive(identity, second)


async def test_nodes_rotate_a_session_once(new_node: Any, clock: Any) -> None:
    nodes = [await new_node() for _ in range(3)]
    _, first = await begin(nodes[0])
    clock.now += 11 * MINUTE
    answers = await asyncio.gather(*(node.sessions.resume(first) for node in nodes))
    assert sum(1 for answer in answers if answer and answer.cookie) == 1
    assert all(answers)


async def test_a_revoked_session_is_over_at_once_and_soon_on_other_nodes(new_node: Any, clock: Any) -> None:
    one, other = await new_node(), await new_node()
    session, cookie = await begin(one)
    assert await alive(one, cookie)
    assert await alive(other, cookie)
    assert await one.sessions.revoke(session.id)
    assert not await alive(one, cookie)
    clock.now += FRESH
    assert not await alive(other, cookie)
    assert not await one.sessions.revoke(session.id)


async def test_a_user_revokes_only_own_sessions(identity: Identity) -> None:
    session, cookie = await begin(identity, BOB)
    assert not await identity.sessions.revoke(session.id, of=ANN)
    assert await alive(identity, cookie)


async def test_all_sessions_but_this_one_can_be_revoked(identity: Identity) -> None:
    (kept, kept_cookie), (_, gone), (_, of_bob) = [
        await begin(identity),
        await begin(identity),
        await begin(identity, BOB),
    ]
    for cookie in (kept_cookie, gone, of_bob):
        assert await alive(identity, cookie)
    await identity.sessions.revoke_all(ANN, keep=kept.id)
    assert await alive(identity, kept_cookie)
    assert not await alive(identity, gone)
    assert await alive(identity, of_bob)
    assert [one.id for one in await identity.sessions.of(ANN)] == [kept.id]


async def test_a_list_tells_when_and_where_a_session_was_used(identity: Identity, clock: Any) -> None:
    _, cookie = await begin(identity)
    began = clock.now
    clock.now += 2 * MINUTE
    await identity.sessions.resume(cookie)
    (found,) = await identity.sessions.of(ANN)
    assert (found.created, found.last_seen) == (began, clock.now)
    assert (found.provider, found.user_agent, found.ip) == ("github", "Firefox", "192.0.2.7")


async def test_ended_sessions_are_forgotten(identity: Identity, clock: Any) -> None:
    await begin(identity)
    clock.now += identity.settings.session_idle + 1
    fresh, _ = await begin(identity)
    await identity.sessions.forget_expired()
    async with identity.database.read() as rows:
        assert (await rows.execute(select(sessions.c.id))).scalars().all() == [fresh.id]


async def test_ownership_follows_the_directory(new_node: Any, directory: Any) -> None:
    node = await new_node(directory=directory)
    directory.owned[ANN] = (ANN, "group:default/crew")
    session, _ = await begin(node)
    directory.owned[ANN] = (ANN,)
    assert (await node.sessions.principal(session)).owns == (ANN,)
