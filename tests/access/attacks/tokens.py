"""Attacks with tokens: missing, expired, forged, of another audience, used where they do not belong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from joserfc import jws as jose
from joserfc.jwk import ECKey

from callboard.access.identity import jws
from callboard.access.identity.tokens import LIMITED, PLUGIN, USER
from tests.access.attacks.cases import ENTITIES, Attack, Case, MakeToken, asking, showing
from tests.access.attacks.siege import FIXED, ISSUER, JANE, NARROW, READS, ROOT, Siege

SEARCH = "/api/search/query?term=x"
DOCS = "/api/techdocs/static/docs/default/component/x/index.html"
EXTERNAL: dict[str, Any] = {"iss": ISSUER, "aud": "callboard", "sub": "deploy"}


def part(value: Any) -> str:
    """One part of a token (JSON, hence Any)."""
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def own(typ: str = USER, **changes: Any) -> MakeToken:
    """A token signed with the portal's own key; times among the changes count from now, None is left out."""

    async def make(siege: Siege) -> str:
        now = int(siege.identity.clock())
        claims = {"iss": siege.identity.settings.issuer, "sub": JANE, "aud": "backstage", **changes}
        claims |= {name: now + claims[name] for name in ("iat", "exp") if claims.get(name)}
        return await siege.signed(typ, claims)

    return make


def headed(**header: Any) -> MakeToken:
    """A good token whose header says something else; its signature fits what was signed."""

    async def make(siege: Siege) -> str:
        token = await siege.token(JANE)
        head, rest = jws.header_of(token), token.partition(".")[2]
        assert head is not None
        return f"{part({**head, **header})}.{rest}"

    return make


async def unsigned(siege: Siege) -> str:
    head, payload, _ = (await headed(alg="none")(siege)).split(".")
    return f"{head}.{payload}."


async def another_key(siege: Siege) -> str:
    """Signed by somebody else, under the id of the portal's key."""
    _, payload, _ = (await siege.token(JANE)).split(".")
    signer = await siege.identity.keys.signing()
    header = {"typ": USER, "alg": "ES256", "kid": signer.kid}
    raw = base64.urlsafe_b64decode(payload + "==")
    return jose.serialize_compact(header, raw, ECKey.generate_key("P-256"), algorithms=["ES256"])


async def public_key_as_secret(siege: Siege) -> str:
    """HS256 with the published key as the secret."""
    head, payload, _ = (await headed(alg="HS256")(siege)).split(".")
    key = (await siege.identity.keys.signing()).key
    assert isinstance(key, ECKey)
    mac = hmac.digest(key.as_pem(private=False), f"{head}.{payload}".encode(), hashlib.sha256)
    return f"{head}.{payload}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


async def promoted(siege: Siege) -> str:
    """Jane's token that says it is root's."""
    head, payload, signature = (await siege.token(JANE)).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{head}.{part({**claims, 'sub': ROOT})}.{signature}"


async def swapped_key(siege: Siege) -> str:
    """Two good keys, and a token signed with the one that names the other."""
    token = await siege.token(JANE)
    keys = siege.identity.keys
    before = {one["kid"] for one in keys.jwks()["keys"]}
    if len(before) < 2:
        clock = keys._clock
        keys._clock = lambda: clock() + siege.identity.settings.key_life  # the next key is due
        await keys.refresh()
        keys._clock = clock
    header = jws.header_of(token)
    assert header is not None
    others = [one["kid"] for one in keys.jwks()["keys"] if one["kid"] != header["kid"]]
    assert others, "there is a second key"
    return f"{part({**header, 'kid': others[0]})}.{token.partition('.')[2]}"


async def revoked(siege: Siege) -> str:
    token = await siege.token("user:default/leaver")
    await siege.identity.sessions.revoke_all("user:default/leaver")
    return token


def outside(key: ECKey | None = None, kid: str = "one", **changes: Any) -> MakeToken:
    """A token of the other issuer that is trusted, or one that only says so."""

    async def make(siege: Siege) -> str:
        claims = {"exp": int(siege.identity.clock()) + 300, **EXTERNAL, **changes}
        header = {"alg": "ES256", "kid": kid}
        return jose.serialize_compact(header, json.dumps(claims), key or siege.outside, algorithms=["ES256"])

    return make


def fixed(token: str) -> MakeToken:
    async def make(_: Siege) -> str:
        return token

    return make


def personal(*scopes: str) -> MakeToken:
    async def make(siege: Siege) -> str:
        return await siege.personal(JANE, *scopes)

    return make


async def expired_personal(siege: Siege) -> str:
    """Made two hours ago for one hour."""
    tokens = siege.identity.personal
    now = tokens._clock
    tokens._clock = lambda: now() - 7200
    token = (await tokens.create(JANE, "old", ["read"], now() - 3600))[1]
    tokens._clock = now
    return token


async def limited(siege: Siege) -> str:
    return (await siege.identity.tokens.limited_token(await siege.token(JANE)))[0]


def plugin(target: str = "search", *, behalf: str | None = None) -> MakeToken:
    """A token by which the catalog calls another plugin."""

    async def make(siege: Siege) -> str:
        caller = None if behalf is None else await siege.caller(behalf)
        return await siege.identity.tokens.issue_plugin_token("catalog", target, caller)

    return make


def on_behalf(what: str) -> MakeToken:
    """A token between plugins whose `obo` is no limited token of the user."""

    async def make(siege: Siege) -> str:
        good = await limited(siege)
        forged = good[: good.rindex(".") + 1] + part({"x": "y" * 40})
        given = {"user token": await siege.token(JANE), "name": JANE, "forged": forged, "nothing": ""}
        return await siege.signed(PLUGIN, {"sub": "catalog", "aud": "search", "obo": given[what]})

    return make


def escalating(make: MakeToken) -> Attack:
    """A token that leaked must not give itself a longer life."""

    async def attack(siege: Siege) -> int:
        async with siege.bearing(await make(siege)) as browser:
            wanted = {"name": "more", "scopes": ["write"]}
            return (await browser.post("/api/auth/v1/tokens", json=wanted)).status_code

    return attack


async def passed_on(siege: Siege) -> int:
    """What a plugin sees for a user is what the user sees: Sam may see nothing, whoever asks for him."""
    async with siege.bearing(await plugin("catalog", behalf="user:default/sam")(siege)) as browser:
        answer = await browser.get("/api/catalog/entities/by-query")
    assert answer.json()["totalItems"] == 0
    return answer.status_code


MISSING = (
    Case("missing", "no token at all", asking(ENTITIES), 401),
    Case("missing", "no token, another method", asking("/api/catalog/refresh", "POST", body={}), 401),
    Case("missing", "an empty bearer", showing(fixed("")), 401),
    Case("missing", "another scheme", asking(ENTITIES, authorization="Basic amFuZTpqYW5l"), 401),
    Case("missing", "a path that only looks public", asking("/api/catalog/sign-in"), 401),
    Case("missing", "a path with two slashes", asking("//sign-in/../api/plugins"), 401),
)
EXPIRED = (
    Case("expired", "a user token past its end", showing(own(exp=-60)), 401),
    Case("expired", "a limited token past its end", showing(own(LIMITED, exp=-60), DOCS), 401),
    Case("expired", "a token of the future", showing(own(iat=3600)), 401),
    Case("expired", "a token without an end", showing(own(exp=None)), 401),
    Case("expired", "a personal token past its end", showing(expired_personal), 401),
    Case("expired", "a token of another issuer past its end", showing(outside(exp=1_700_000_000)), 401),
    Case("expired", "tokens that were revoked", showing(revoked), 401),
)
AUDIENCE = (
    Case("wrong audience", "a user token for something else", showing(own(aud="search")), 401),
    Case("wrong audience", "a list of audiences", showing(own(aud=["backstage"])), 401),
    Case("wrong audience", "another issuer's name", showing(own(iss="http://elsewhere/api/auth")), 401),
    Case("wrong audience", "an external token for something else", showing(outside(aud="other")), 401),
    Case("wrong audience", "an external token of a stranger", showing(outside(iss="https://x.example")), 401),
    Case("wrong audience", "a token for another plugin", showing(plugin("search")), 401),
    Case("wrong audience", "an unknown type of token", showing(own("vnd.backstage.admin")), 401),
)
KEYS = (
    Case("wrong key", "signed by somebody else", showing(another_key), 401),
    Case("wrong key", "another subject under the old signature", showing(promoted), 401),
    Case("wrong key", "external, signed by a stranger", showing(outside(ECKey.generate_key("P-256"))), 401),
    Case("alg none", "no signature", showing(unsigned), 401),
    Case("alg none", "written in another way, signature kept", showing(headed(alg="nOnE")), 401),
    Case("alg none", "the public key as shared secret", showing(public_key_as_secret), 401),
    Case("swapped kid", "the id of the other good key", showing(swapped_key), 401),
    Case("swapped kid", "the id of no key", showing(headed(kid="0")), 401),
    Case("swapped kid", "a path as id", showing(headed(kid="../../../dev/null")), 401),
    Case("swapped kid", "an address of keys in the header", showing(headed(jku="http://x.example")), 401),
    Case("swapped kid", "external, the id of no key", showing(outside(kid="two")), 401),
)
RESTRICTED = (
    Case("restricted token", "of search, used in the catalog", showing(fixed(NARROW)), 403),
    Case("restricted token", "of search, used on pages", showing(fixed(NARROW), "/catalog"), 403),
    Case(
        "restricted token",
        "of search, used for the audit log",
        showing(fixed(NARROW), "/api/audit/events"),
        403,
    ),
    Case(
        "restricted token",
        "of reading, used to change",
        showing(fixed(READS), "/api/catalog/reindex", "POST"),
        403,
    ),
    Case(
        "restricted token",
        "personal, to read, used to change",
        showing(personal("read"), "/api/catalog/reindex", "POST"),
        403,
    ),
    Case(
        "restricted token", "personal, of search, used in the catalog", showing(personal("search:write")), 403
    ),
    Case(
        "restricted token",
        "personal, of the catalog, used for sessions",
        showing(personal("catalog:write"), "/api/auth/v1/sessions"),
        403,
    ),
    Case("restricted token", "limited, used for the API", showing(limited), 401),
    Case("restricted token", "limited, used on a page", showing(limited, "/catalog"), 401),
    Case("restricted token", "limited, used to change", showing(limited, DOCS, "DELETE"), 401),
    Case("restricted token", "personal, to make another", escalating(personal("write")), 403),
    Case("restricted token", "of a user, to make another", escalating(Siege.token_of_jane), 403),
    Case("restricted token", "external, to make one of its own", escalating(fixed(FIXED)), 403),
)
DEPUTY = (
    Case("confused deputy", "a user token as obo", showing(on_behalf("user token"), SEARCH), 401),
    Case("confused deputy", "a name as obo", showing(on_behalf("name"), SEARCH), 401),
    Case("confused deputy", "a forged limited token as obo", showing(on_behalf("forged"), SEARCH), 401),
    Case("confused deputy", "an empty obo", showing(on_behalf("nothing"), SEARCH), 401),
    Case("confused deputy", "passed on to a third plugin", showing(plugin("search", behalf=ROOT)), 401),
    Case("confused deputy", "used on a page", showing(plugin("search", behalf=ROOT), "/search"), 401),
    Case("confused deputy", "sees no more than who it acts for", passed_on, 200),
    Case("confused deputy", "makes tokens for who it acts for", escalating(plugin("auth", behalf=JANE)), 403),
)
CONTROLS = (
    Case("control", "a good user token", showing(own()), 200),
    Case("control", "a good external token", showing(outside()), 200),
    Case("control", "a good personal token", showing(personal("read")), 200),
    Case("control", "a fixed token where it belongs", showing(fixed(READS)), 200),
    Case("control", "a plugin token where it belongs", showing(plugin("search", behalf=JANE), SEARCH), 200),
)
CASES = (*MISSING, *EXPIRED, *AUDIENCE, *KEYS, *RESTRICTED, *DEPUTY, *CONTROLS)
