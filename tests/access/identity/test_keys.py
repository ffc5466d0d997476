from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, select

from callboard.access.identity import Identity
from callboard.access.identity.keys import AGAIN, LEAD
from callboard.access.identity.settings import read_identity_settings
from callboard.access.identity.tables import signing_keys
from callboard.core.config import Config
from callboard.core.errors import AuthenticationError, ConfigError

DAY = 86400.0


def kids(identity: Identity) -> set[str]:
    return {key["kid"] for key in identity.keys.jwks()["keys"]}


async def token_of(identity: Identity) -> str:
    return (await identity.tokens.issue_user_token("user:default/ann", []))[0]


async def test_the_published_keys_are_public(identity: Identity) -> None:
    (key,) = identity.keys.jwks()["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    assert "d" not in key


async def test_nodes_that_start_at_once_share_one_key(new_node: Any) -> None:
    nodes = await asyncio.gather(*(new_node() for _ in range(4)))
    found = {(await node.keys.signing()).kid for node in nodes}
    assert len(found) == 1
    assert kids(nodes[0]) == found


async def test_the_next_key_is_published_before_it_signs(identity: Identity, clock: Any) -> None:
    first = await identity.keys.signing()
    clock.now = first.signs_until - LEAD + 1
    await identity.keys.refresh()
    assert len(kids(identity)) == 2
    assert (await identity.keys.signing()).kid == first.kid
    clock.now = first.signs_until + 1
    second = await identity.keys.signing()
    assert second.kid != first.kid
    assert second.kid in kids(identity)


async def test_nodes_that_rotate_at_once_make_one_key(new_node: Any, clock: Any) -> None:
    nodes = [await new_node() for _ in range(4)]
    first = await nodes[0].keys.signing()
    clock.now = first.signs_until - 1
    await asyncio.gather(*(node.keys.refresh() for node in nodes))
    assert all(len(kids(node)) == 2 for node in nodes)
    assert len(set().union(*(kids(node) for node in nodes))) == 2


async def test_a_key_is_published_until_its_last_token_is_over(identity: Identity, clock: Any) -> None:
    first = await identity.keys.signing()
    clock.now = first.signs_until - 1
    token = await token_of(identity)
    clock.now += 3590
    await identity.keys.refresh()
    assert (await identity.tokens.verify(token)).user == "user:default/ann"
    assert first.kid in kids(identity)
    clock.now = first.published_until + 1
    await identity.keys.refresh()
    assert first.kid not in kids(identity)
    assert await identity.keys.find(first.kid) is None


async def test_a_node_that_slept_through_a_rotation_signs_with_a_new_key(
    identity: Identity, clock: Any
) -> None:
    first = await identity.keys.signing()
    clock.now += 10 * DAY
    assert (await identity.keys.signing()).kid != first.kid


async def test_a_node_learns_a_key_that_another_made(new_node: Any, clock: Any) -> None:
    one, other = await new_node(), await new_node()
    clock.now += 1.5 * DAY
    token = await token_of(one)
    assert (await other.tokens.verify(token)).user == "user:default/ann"


async def test_made_up_key_ids_do_not_reach_the_database(identity: Identity, clock: Any) -> None:
    statements: list[str] = []

    @event.listens_for(identity.database.engine.sync_engine, "before_cursor_execute")
    def seen(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if "signing_keys" in statement:
            statements.append(statement)

    clock.now += AGAIN + 1
    for _ in range(50):
        assert await identity.keys.find(secrets.token_hex(8)) is None
    assert len(statements) == 1


async def test_another_algorithm_begins_with_a_key_of_its_own(new_node: Any) -> None:
    before = await new_node()
    token = await token_of(before)
    after = await new_node({"auth": {"identityTokenAlgorithm": "RS256"}})
    assert (await after.keys.signing()).algorithm == "RS256"
    assert (await after.tokens.verify(token)).user == "user:default/ann"
    assert (await before.tokens.verify(await token_of(before))).user == "user:default/ann"


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512", "ES257", ""])
def test_unsafe_algorithms_are_refused(config: Callable[[dict[str, Any]], Config], algorithm: str) -> None:
    with pytest.raises(ConfigError, match=r"app-config.yaml:1.*auth.identityTokenAlgorithm"):
        read_identity_settings(config({"auth": {"identityTokenAlgorithm": algorithm}}))


async def test_with_a_secret_the_database_does_not_hold_readable_keys(new_node: Any) -> None:
    values = {"auth": {"keyStore": {"secret": "a long secret of the operator"}}}
    first = await new_node(values)
    async with first.database.read() as rows:
        stored = (await rows.execute(select(signing_keys.c.private_key, signing_keys.c.kid))).all()
    assert all('"d"' not in row.private_key for row in stored)
    second = await new_node(values)
    assert (await second.tokens.verify(await token_of(first))).user == "user:default/ann"
    third = await new_node({"auth": {"keyStore": {"secret": "quite another secret here"}}})
    with pytest.raises(AuthenticationError):
        await third.tokens.verify(await token_of(first))
