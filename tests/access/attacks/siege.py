"""A whole portal under attack: the product's host with a real provider to sign in at, and roles that hide.

Everything an attack needs to begin with is asked for here: tokens of every kind, sessions, browsers.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from joserfc.jwk import ECKey

from callboard.access.identity import jws
from callboard.access.identity.cookies import SESSION_COOKIE
from callboard.access.identity.sessions import Facts
from callboard.access.principals import Principal
from callboard.host import Host
from callboard.testing.web import WebServer
from tests.access.attacks.wire import Wire, served
from tests.access.signin.idp import PORTAL
from tests.catalog.nodes import Node, Options, started
from tests.portal.hidden import RULES, catalog, only_open, open_entity
from tests.portal.site import opened

ROOT, JANE, SAM = "user:default/root", "user:default/jane", "user:default/sam"
FIXED, NARROW, READS = (
    "a-fixed-token-of-the-tests",
    "a-narrow-token-of-the-tests",
    "a-reading-token-of-the-tests",
)
ISSUER = "https://ci.example"
HTML = {"accept": "text/html"}


def reader(rule: str) -> str:
    """The user who sees what this rule admits, and nothing else."""
    return f"user:default/reads-{rule.lower().replace('_', '-')}"


def roles() -> dict[str, Any]:
    """Jane may do everything in the catalog, Sam nothing at all, each reader read under one rule."""
    reading = [
        {
            "name": f"reads-{rule.lower().replace('_', '-')}",
            "members": [reader(rule)],
            "grants": [
                {"permission": "catalog.entity.*", "effect": "allow", "conditions": only_open(rule)},
                {"permission": "catalog.entity.validate", "effect": "allow"},
            ],
        }
        for rule in RULES
    ]
    jane = {"name": "jane", "members": [JANE], "grants": [{"permission": "catalog.*", "effect": "allow"}]}
    return {"roles": [jane, *reading]}


def config(idp: Mapping[str, str], jwks: str) -> dict[str, str]:
    """Keys of app-config.yaml as environment variables hold them."""
    oidc = {
        "metadataUrl": f"{idp['oidc']}/.well-known/openid-configuration",
        "clientId": "portal",
        "clientSecret": "portal-secret-of-the-tests",
        "signIn": {"resolvers": [{"resolver": "emailLocalPartMatchingUserEntityName"}]},
    }
    remote = {"url": jwks, "issuer": ISSUER, "audience": "callboard", "subjectPrefix": "ci"}
    external: list[dict[str, Any]] = [
        {"type": "static", "options": {"token": FIXED, "subject": "robot"}},
        {
            "type": "static",
            "options": {"token": NARROW, "subject": "narrow"},
            "accessRestrictions": [{"plugin": "search"}],
        },
        {
            "type": "static",
            "options": {"token": READS, "subject": "reads"},
            "accessRestrictions": [{"plugin": "catalog", "permissionAttribute": {"action": ["read"]}}],
        },
        {"type": "jwks", "options": remote},
    ]
    given: dict[str, Any] = {
        "app_baseUrl": PORTAL,
        "backend_baseUrl": PORTAL,
        "backend_allowedHosts": [],
        "backend_auth_externalAccess": external,
        "backend_auth_failureLimit": {"limit": 5},
        "auth_providers": {"oidc": {"development": oidc}},
        "auth_signInAttemptsPerMinute": 1000,
        "permission_enabled": True,
        "permission_roles_admins": [ROOT],
    }
    return {name: json.dumps(value) for name, value in given.items()}


class Siege:
    """`wire` is the portal on a real socket; all else goes to the same application without one."""

    def __init__(self, host: Host, node: Node, wire: Wire, key: ECKey, idp: Mapping[str, str]) -> None:
        self.host = host
        self.node = node
        self.wire = wire
        self.outside = key
        self.idp = idp
        self.identity = host.access.identity
        self._addresses = itertools.count(1)

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """Somebody at an address of their own, with a jar for cookies, who follows no redirect."""
        number = next(self._addresses)
        transport = httpx.ASGITransport(self.host, client=(f"10.1.{number >> 8}.{number & 255}", 40_000))
        return httpx.AsyncClient(transport=transport, base_url=PORTAL, headers=headers)

    def bearing(self, token: str) -> httpx.AsyncClient:
        """Somebody who shows a token."""
        return self.browser(authorization=f"Bearer {token}")

    async def token(self, ref: str) -> str:
        """A good token of a user."""
        return (await self.identity.tokens.issue_user_token(ref, ()))[0]

    async def token_of_jane(self) -> str:
        return await self.token(JANE)

    async def user(self, ref: str) -> httpx.AsyncClient:
        return self.bearing(await self.token(ref))

    async def caller(self, ref: str) -> Principal:
        """The user as a plugin that was called knows them."""
        return await self.identity.authenticate(await self.token(ref))

    async def session(self, ref: str = JANE, **headers: str) -> httpx.AsyncClient:
        """A browser in which a user is signed in."""
        facts = Facts("a browser", "127.0.0.1")
        _, cookie = await self.identity.sessions.create(ref, [ref], profile={}, provider="oidc", facts=facts)
        made = self.browser(**headers)
        made.cookies.set(SESSION_COOKIE, cookie)
        return made

    async def personal(self, ref: str, *scopes: str) -> str:
        """A personal access token with these scopes."""
        ends = self.identity.clock() + 600
        return (await self.identity.personal.create(ref, "a job", scopes, ends))[1]

    async def signed(self, typ: str, claims: Mapping[str, Any]) -> str:
        """A token of the portal's own key that says what an attacker likes it to say."""
        signer = await self.identity.keys.signing()
        now = int(self.identity.clock())
        said = {"iat": now, "exp": now + 600, **claims}
        kept = {name: value for name, value in said.items() if value is not None}
        return jws.sign(signer.key, signer.algorithm, typ, kept)


def entities() -> list[dict[str, Any]]:
    """What every reader may see, what none of them may, and the people of the provider."""
    found = [one for one in catalog("IS_ENTITY_KIND") if one["metadata"]["name"] != "jane"]
    people = [
        open_entity("User", name, profile={"email": f"{name}@harbour.example"}, memberOf=["crew"])
        for name in ("jane", "sam")
    ]
    return [*found, *people]


@asynccontextmanager
async def besieged(
    database_url: str, folder: Path, idp: Mapping[str, str], outside: WebServer
) -> AsyncIterator[Siege]:
    """The portal, started. `outside` publishes the key of another issuer that is trusted."""
    key = ECKey.generate_key("P-256", {"kid": "one"})
    outside.files["/jwks.json"] = json.dumps({"keys": [key.as_dict(private=False)]})
    node = await started(database_url, Options())
    site = await opened(node, folder / "search", config=config(idp, outside.url("/jwks.json")))
    try:
        await site.give(*entities())
        async with served(site.host) as wire:
            siege = Siege(site.host, node, wire, key, idp)
            root = await siege.user(ROOT)
            body = {"document": roles(), "version": 0}
            saved = await root.put("/api/permission/policy", json=body)
            assert saved.status_code == 200, saved.text
            yield siege
    finally:
        await site.stop()
        await node.stop()
