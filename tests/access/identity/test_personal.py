from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from callboard.access.identity import Identity
from callboard.access.identity.personal import MOST
from callboard.access.identity.tables import personal_tokens
from callboard.access.identity.users import FRESH
from callboard.access.principals import Principal, Restriction
from callboard.core.errors import AuthenticationError, ConflictError, InputError

ANN, BOB = "user:default/ann", "user:default/bob"


async def made(identity: Identity, *scopes: str, days: float = 1) -> tuple[Any, str]:
    expires = identity.clock() + days * 86400
    return await identity.personal.create(ANN, "nightly job", scopes or ("read",), expires)


async def refused(identity: Identity, text: str) -> None:
    with pytest.raises(AuthenticationError, match=r"^Illegal token$"):
        await identity.authenticate(text)


async def test_a_token_acts_for_its_user_within_its_scopes(identity: Identity) -> None:
    await identity.users.remember(ANN, ["group:default/crew"], live=True)
    token, secret = await made(identity, "read", "search:write")
    assert secret.startswith(f"cbp_{token.id}_")
    assert await identity.authenticate(secret) == Principal(
        "user",
        ANN,
        (ANN, "group:default/crew"),
        restrictions=(Restriction("*", actions=("read",)), Restriction("search")),
        means="personal",
    )


async def test_the_secret_is_stored_hashed_and_never_shown_again(identity: Identity) -> None:
    _, secret = await made(identity)
    async with identity.database.read() as rows:
        (row,) = (await rows.execute(select(personal_tokens))).all()
    kept = secret.split("_", 2)[2]
    assert not any(kept in str(value) for value in row)
    (listed,) = await identity.personal.of(ANN)
    assert kept not in repr(listed)


async def test_a_wrong_secret_and_an_unknown_token_are_answered_alike(identity: Identity) -> None:
    token, secret = await made(identity)
    wrong = "A" * 43
    for text in (
        f"cbp_{token.id}_{wrong}",
        f"cbp_{'0' * 24}_{wrong}",
        secret[:-1],
        secret + "A",
        secret.upper(),
        "cbp_",
        "cbp__",
        f"cbp_{token.id}_",
        f"cbp_{'x' * 24}_{secret.split('_', 2)[2]}",
    ):
        await refused(identity, text)


async def test_a_token_expires(identity: Identity, clock: Any) -> None:
    _, secret = await made(identity, days=1)
    assert (await identity.authenticate(secret)).user == ANN
    clock.now += 86400
    await refused(identity, secret)


async def test_a_revoked_token_is_over_at_once_and_soon_on_other_nodes(new_node: Any, clock: Any) -> None:
    one, other = await new_node(), await new_node()
    token, secret = await made(one)
    await one.authenticate(secret)
    await other.authenticate(secret)
    assert not await one.personal.revoke(token.id, of=BOB)
    assert await one.personal.revoke(token.id, of=ANN)
    await refused(one, secret)
    clock.now += FRESH
    await refused(other, secret)


async def test_a_list_tells_when_a_token_was_used(identity: Identity, clock: Any) -> None:
    _, secret = await made(identity)
    (before,) = await identity.personal.of(ANN)
    assert before.last_used is None
    await identity.authenticate(secret)
    (after,) = await identity.personal.of(ANN)
    assert (after.last_used, after.name, after.scopes) == (clock.now, "nightly job", ("read",))
    assert await identity.personal.of(BOB) == []


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [
        ("", ["read"], 1),
        ("x" * 101, ["read"], 1),
        ("a\nb", ["read"], 1),
        ("a", [], 1),
        ("a", ["admin"], 1),
        ("a", ["catalog:delete"], 1),
        ("a", ["*:read"], 1),
        ("a", ["catalog:read\n"], 1),
        ("a", ["read"] * 51, 1),
        ("a", ["read"], 0),
        ("a", ["read"], -1),
        ("a", ["read"], 366),
        ("a", ["read"], float("nan")),
        ("a", ["read"], float("inf")),
    ],
)
async def test_what_makes_no_sense_is_refused(
    identity: Identity, name: str, scopes: list[str], days: float
) -> None:
    with pytest.raises(InputError):
        await identity.personal.create(ANN, name, scopes, identity.clock() + days * 86400)


async def test_the_longest_life_can_be_configured(new_node: Any) -> None:
    node = await new_node({"auth": {"personalTokens": {"maxExpiration": "7d"}}})
    await made(node, days=7)
    with pytest.raises(InputError, match="within 7 days"):
        await made(node, days=8)


async def test_a_user_has_a_bounded_number_of_tokens(identity: Identity) -> None:
    for _ in range(MOST):
        await made(identity)
    with pytest.raises(ConflictError):
        await made(identity)


async def test_tokens_expired_long_ago_are_forgotten(identity: Identity, clock: Any) -> None:
    await made(identity)
    clock.now += 10 * 86400
    await identity.personal.forget_expired()
    assert len(await identity.personal.of(ANN)) == 1
    clock.now += 30 * 86400
    await identity.personal.forget_expired()
    assert await identity.personal.of(ANN) == []
