from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from joserfc import jws as jose
from joserfc.jwk import ECKey, OctKey

from callboard.access.identity import Identity, jws
from callboard.access.identity.keys import LEEWAY
from callboard.access.identity.tokens import BEHALF_LIFE, LIMITED, MAX_TOKEN, PLUGIN, USER
from callboard.access.principals import NOBODY, Principal, Restriction
from callboard.core.errors import AuthenticationError, NotAllowedError

ANN = "user:default/ann"


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload = jws.header_of(token), jws.payload_of(token)
    assert header is not None
    assert payload is not None
    return header, payload


async def signed(identity: Identity, typ: str, changes: dict[str, Any], without: str = "") -> str:
    """A token of the real key that says something else."""
    signer = await identity.keys.signing()
    now = int(identity.clock())
    claims: dict[str, Any] = {"iat": now, "exp": now + 600}
    if typ == USER:
        claims |= {"iss": identity.settings.issuer, "sub": ANN, "aud": "backstage"}
    elif typ == PLUGIN:
        claims |= {"sub": "catalog", "aud": "search"}
    else:
        claims |= {"sub": ANN}
    claims = {key: value for key, value in (claims | changes).items() if key != without}
    return jws.sign(signer.key, signer.algorithm, typ, claims)


async def refused(identity: Identity, token: str, **asked: Any) -> None:
    with pytest.raises(AuthenticationError, match=r"^Illegal token$"):
        await identity.authenticate(token, **asked)


async def test_a_user_token_has_the_form_of_backstage(identity: Identity, clock: Any) -> None:
    token, life = await identity.tokens.issue_user_token("User:default/Ann", ["group:default/crew"])
    header, payload = parts_of(token)
    assert header == {"typ": USER, "alg": "ES256", "kid": (await identity.keys.signing()).kid}
    uip = payload.pop("uip")
    assert payload == {
        "iss": "http://localhost:7007/api/auth",
        "sub": ANN,
        "aud": "backstage",
        "iat": int(clock.now),
        "exp": int(clock.now) + 3600,
    }
    assert life == 3600
    assert len(base64.urlsafe_b64decode(uip + "==")) == 64


async def test_a_user_token_says_who_asks_and_what_counts_as_them(identity: Identity) -> None:
    token, _ = await identity.tokens.issue_user_token(ANN, ["Group:default/Crew"])
    assert await identity.authenticate(token) == Principal(
        "user", ANN, (ANN, "group:default/crew"), means="token"
    )


async def test_ownership_is_in_the_token_where_asked_for(new_node: Any) -> None:
    node = await new_node({"auth": {"omitIdentityTokenOwnershipClaim": False}})
    token, _ = await node.tokens.issue_user_token(ANN, ["group:default/crew"])
    assert parts_of(token)[1]["ent"] == [ANN, "group:default/crew"]


@pytest.mark.parametrize(("given", "life"), [("1m", 600), ("2h", 7200), ("30h", 86400)])
async def test_the_life_of_a_token_is_kept_within_bounds(new_node: Any, given: str, life: int) -> None:
    node = await new_node({"auth": {"backstageTokenExpiration": given}})
    assert (await node.tokens.issue_user_token(ANN, []))[1] == life


async def test_a_token_expires(identity: Identity, clock: Any) -> None:
    token, life = await identity.tokens.issue_user_token(ANN, [])
    clock.now += life + LEEWAY - 1
    assert (await identity.authenticate(token)).user == ANN
    clock.now += 1
    await refused(identity, token)
    await refused(identity, token)  # nor when it is looked at again


async def test_a_token_works_on_every_node(new_node: Any) -> None:
    one, other = await new_node(), await new_node()
    token, _ = await one.tokens.issue_user_token(ANN, ["group:default/crew"])
    assert (await other.authenticate(token)).owns == (ANN, "group:default/crew")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "http://elsewhere/api/auth"},
        {"aud": "search"},
        {"aud": ["backstage"]},
        {"sub": ""},
        {"sub": 7},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": 1_700_000_000},
        {"iat": 1_900_000_000},
    ],
)
async def test_a_user_token_with_a_wrong_claim_is_refused(
    identity: Identity, changes: dict[str, Any]
) -> None:
    await refused(identity, await signed(identity, USER, changes))


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "iat", "exp"])
async def test_a_user_token_without_a_claim_is_refused(identity: Identity, claim: str) -> None:
    assert (await identity.authenticate(await signed(identity, USER, {}))).user == ANN
    await refused(identity, await signed(identity, USER, {}, without=claim))


@pytest.mark.parametrize("typ", ["JWT", "vnd.backstage.admin", ""])
async def test_a_token_of_another_type_is_refused(identity: Identity, typ: str) -> None:
    now = int(identity.clock())
    claims = {"iss": identity.settings.issuer, "sub": ANN, "aud": "backstage", "iat": now, "exp": now + 60}
    signer = await identity.keys.signing()
    await refused(identity, jws.sign(signer.key, "ES256", typ, claims))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
async def test_an_unsigned_token_is_refused(identity: Identity, algorithm: str) -> None:
    header, payload = parts_of((await identity.tokens.issue_user_token(ANN, []))[0])
    for signature in ("", part(b"x" * 64)):
        await refused(identity, f"{part({**header, 'alg': algorithm})}.{part(payload)}.{signature}")


async def test_the_public_key_is_no_shared_secret(identity: Identity) -> None:
    """HS256 with the public key as secret: the algorithm must come from the key, not from the header."""
    header, payload = parts_of((await identity.tokens.issue_user_token(ANN, []))[0])
    key = (await identity.keys.signing()).key
    assert isinstance(key, ECKey)
    for secret in (key.as_pem(private=False), json.dumps(identity.keys.jwks()["keys"][0]).encode()):
        head = f"{part({**header, 'alg': 'HS256'})}.{part(payload)}"
        await refused(identity, f"{head}.{part(hmac.digest(secret, head.encode(), hashlib.sha256))}")


async def test_a_token_of_another_key_is_refused(identity: Identity) -> None:
    header, payload = parts_of((await identity.tokens.issue_user_token(ANN, []))[0])
    other = ECKey.generate_key("P-256", auto_kid=True)
    for kid in (header["kid"], other.kid, "../../etc/passwd", "' OR 1=1 --", "", 7, None):
        forged = jose.serialize_compact({"alg": "ES256"}, json.dumps(payload), other, algorithms=["ES256"])
        head = f"{part({**header, 'kid': kid})}.{part(payload)}"
        await refused(identity, f"{head}.{forged.rpartition('.')[2]}")


async def test_the_key_id_of_another_key_is_refused(identity: Identity, clock: Any) -> None:
    """Two good keys, and a token signed with the first that names the second."""
    token, _ = await identity.tokens.issue_user_token(ANN, [])
    clock.now = (await identity.keys.signing()).signs_until - 1
    await identity.keys.refresh()
    header, payload = parts_of(token)
    second = next(k["kid"] for k in identity.keys.jwks()["keys"] if k["kid"] != header["kid"])
    claims = {**payload, "iat": int(clock.now), "exp": int(clock.now) + 60}
    good = await signed(identity, USER, claims)
    assert (await identity.authenticate(good)).user == ANN
    await refused(identity, f"{part({**header, 'kid': second})}.{good.partition('.')[2]}")


@pytest.mark.parametrize(
    "extra",
    [
        {"jku": "http://evil.example/jwks.json"},
        {"jwk": {"kty": "EC"}},
        {"x5u": "http://evil.example"},
        {"crit": ["b64"], "b64": False},
    ],
)
async def test_a_header_that_brings_its_own_key_is_refused(identity: Identity, extra: dict[str, Any]) -> None:
    token, _ = await identity.tokens.issue_user_token(ANN, [])
    header, _ = parts_of(token)
    await refused(identity, f"{part(header | extra)}.{token.partition('.')[2]}")


async def test_a_changed_token_is_refused(identity: Identity) -> None:
    token, _ = await identity.tokens.issue_user_token(ANN, [])
    header, payload = parts_of(token)
    signature = token.rpartition(".")[2]
    await refused(identity, f"{part(header)}.{part(payload | {'sub': 'user:default/boss'})}.{signature}")
    await refused(identity, token[:-1] + ("A" if token[-1] != "A" else "Q"))
    await refused(identity, token + "A")
    await refused(identity, token + "=")


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", ".", "..", "a.b.c", "a.b.c.d", "é.ü.ß", "\ud800"),
        *(part([]) + ".e30.x", part("x") + ".e30.x", part(b"\xff\xfe") + ".e30.x"),
        part({"typ": USER, "alg": "ES256", "kid": "k"}) + ".!.x",
    ],
)
async def test_what_is_no_token_is_refused(identity: Identity, text: str) -> None:
    await refused(identity, text)


async def test_a_huge_token_is_refused_unread(identity: Identity) -> None:
    token = await signed(identity, USER, {"ent": ["x" * MAX_TOKEN]})
    assert len(token) > MAX_TOKEN
    await refused(identity, token)


async def test_a_user_of_too_many_groups_is_told_so(new_node: Any) -> None:
    node = await new_node({"auth": {"omitIdentityTokenOwnershipClaim": False}})
    with pytest.raises(NotAllowedError, match="too many groups"):
        await node.tokens.issue_user_token(ANN, [f"group:default/{'g' * 40}{n}" for n in range(1000)])


async def test_the_limited_token_is_the_one_whose_signature_the_token_carries(identity: Identity) -> None:
    token, life = await identity.tokens.issue_user_token(ANN, [])
    limited, expires = await identity.tokens.limited_token(token)
    header, payload = parts_of(limited)
    assert list(header) == ["typ", "alg", "kid"]
    assert header["typ"] == LIMITED
    assert list(payload) == ["sub", "iat", "exp"]
    assert limited.endswith("." + parts_of(token)[1]["uip"])
    assert expires == int(identity.clock()) + life
    found = await identity.authenticate(limited, limited=True)
    assert (found.user, found.means) == (ANN, "limited")


async def test_a_limited_token_is_accepted_only_where_asked_for(identity: Identity) -> None:
    limited, _ = await identity.tokens.limited_token((await identity.tokens.issue_user_token(ANN, []))[0])
    await refused(identity, limited)
    await refused(identity, limited, plugin="catalog")
    # Having been accepted once does not open other doors.
    await identity.authenticate(limited, limited=True)
    await refused(identity, limited)
    with pytest.raises(AuthenticationError):
        await identity.tokens.limited_token(limited)


async def test_a_plugin_token_is_good_for_its_target_only(identity: Identity) -> None:
    token = await identity.tokens.issue_plugin_token("catalog", "search")
    assert parts_of(token)[0]["typ"] == PLUGIN
    assert set(parts_of(token)[1]) == {"sub", "aud", "iat", "exp"}
    found = await identity.authenticate(token, plugin="search")
    assert found == Principal("service", "plugin:catalog", means="plugin")
    await refused(identity, token, plugin="catalog")
    await refused(identity, token)


async def test_a_plugin_acts_for_a_user(identity: Identity, clock: Any) -> None:
    user, _ = await identity.tokens.issue_user_token(ANN, ["group:default/crew"])
    caller = await identity.authenticate(user)
    token = await identity.tokens.issue_plugin_token("catalog", "search", caller)
    found = await identity.authenticate(token, plugin="search")
    assert (found.type, found.user, found.actor) == ("user", ANN, "plugin:catalog")
    assert found.owns == (ANN, "group:default/crew")
    await refused(identity, token, plugin="techdocs")
    clock.now += BEHALF_LIFE + LEEWAY
    await refused(identity, token, plugin="search")


async def test_who_must_not_be_passed_on_is_not(identity: Identity) -> None:
    narrow = (Restriction("catalog"),)
    for caller in (
        NOBODY,
        Principal("service", "external:ci", restrictions=narrow, means="external"),
        Principal("user", ANN, restrictions=narrow, means="personal"),
        Principal("user", ANN, restrictions=(), means="personal"),
    ):
        with pytest.raises(NotAllowedError):
            await identity.tokens.issue_plugin_token("catalog", "search", caller)


@pytest.mark.parametrize("changes", [{"aud": ["search"]}, {"sub": "x y"}, {"sub": "../x"}, {"aud": None}])
async def test_a_plugin_token_with_a_wrong_claim_is_refused(
    identity: Identity, changes: dict[str, Any]
) -> None:
    await refused(identity, await signed(identity, PLUGIN, changes), plugin="search")


async def test_a_plugin_cannot_act_for_a_user_with_anything_but_a_limited_token(identity: Identity) -> None:
    user, _ = await identity.tokens.issue_user_token(ANN, [])
    plugin = await identity.tokens.issue_plugin_token("catalog", "search")
    limited, _ = await identity.tokens.limited_token(user)
    stale = await signed(identity, LIMITED, {"exp": int(identity.clock()) - 60})
    forged = limited[: limited.rindex(".") + 1] + part(b"x" * 64)
    for obo in (user, plugin, stale, forged, "", None, {"sub": ANN}, [limited]):
        await refused(identity, await signed(identity, PLUGIN, {"obo": obo}), plugin="search")
    good = await signed(identity, PLUGIN, {"obo": limited})
    assert (await identity.authenticate(good, plugin="search")).actor == "plugin:catalog"


async def test_a_limited_token_in_a_plugin_token_ends_it_too(identity: Identity, clock: Any) -> None:
    short = await signed(identity, LIMITED, {"exp": int(clock.now) + 60})
    token = await signed(identity, PLUGIN, {"obo": short})
    await identity.authenticate(token, plugin="search")
    clock.now += 60 + LEEWAY
    await refused(identity, token, plugin="search")


async def test_revoking_refuses_every_token_issued_before(new_node: Any, clock: Any) -> None:
    one, other = await new_node(), await new_node()
    token, _ = await one.tokens.issue_user_token(ANN, ["group:default/crew"])
    limited, _ = await one.tokens.limited_token(token)
    caller = await one.authenticate(token)
    behalf = await one.tokens.issue_plugin_token("catalog", "search", caller)
    assert (await other.authenticate(token)).user == ANN
    await one.sessions.revoke_all(ANN)
    for each, asked in ((token, {}), (limited, {"limited": True}), (behalf, {"plugin": "search"})):
        await refused(one, each, **asked)
    clock.now += 5.1
    await refused(other, token)
    # Signing in again right away works, and what the user owns was not lost.
    clock.now -= 5.1
    again, _ = await one.tokens.issue_user_token(ANN, ["group:default/crew"])
    assert (await one.authenticate(again)).owns == (ANN, "group:default/crew")


async def test_ownership_is_that_of_the_directory_now(new_node: Any, directory: Any) -> None:
    node = await new_node(directory=directory)
    directory.owned[ANN] = (ANN, "group:default/crew")
    token, _ = await node.tokens.issue_user_token(ANN, directory.owned[ANN])
    directory.owned[ANN] = (ANN, "group:default/shore")
    assert (await node.authenticate(token)).owns == (ANN, "group:default/shore")


async def test_a_user_the_directory_does_not_know_owns_what_was_given_at_sign_in(
    new_node: Any, directory: Any
) -> None:
    node = await new_node(directory=directory)
    token, _ = await node.tokens.issue_user_token("user:default/guest", ["group:default/guests"])
    assert (await node.authenticate(token)).owns == ("user:default/guest", "group:default/guests")


async def test_ownership_that_the_operator_chose_stands(new_node: Any, directory: Any) -> None:
    node = await new_node(directory=directory)
    directory.owned[ANN] = (ANN, "group:default/crew")
    token, _ = await node.tokens.issue_user_token(ANN, ["group:default/chosen"], live=False)
    assert (await node.authenticate(token)).owns == (ANN, "group:default/chosen")


async def test_what_backstage_calls_an_identity(identity: Identity) -> None:
    found = await identity.backstage_identity("User:default/Ann", ["group:default/crew"])
    assert found["expiresInSeconds"] == 3600
    assert found["identity"] == {
        "type": "user",
        "userEntityRef": ANN,
        "ownershipEntityRefs": [ANN, "group:default/crew"],
    }
    assert (await identity.authenticate(found["token"])).user == ANN


async def test_many_requests_at_once_agree(identity: Identity) -> None:
    token, _ = await identity.tokens.issue_user_token(ANN, [])
    found = await asyncio.gather(*(identity.authenticate(token) for _ in range(50)))
    assert set(found) == {Principal("user", ANN, (ANN,), means="token")}


def test_a_shared_secret_is_no_signing_key() -> None:
    assert jws.verified("a.b.c", OctKey.generate_key(256), "HS256") is None
