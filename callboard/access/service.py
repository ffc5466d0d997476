"""Everything of one process that knows who asks and what they may do, and what surrounds every request."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.types import ASGIApp

from callboard.access.audit import Audit, audit_event, read_audit
from callboard.access.audit.middleware import Audited
from callboard.access.edge.addresses import client_address
from callboard.access.edge.cors import read_cors
from callboard.access.edge.guessing import GuessingLimited, read_guessing
from callboard.access.edge.hosts import allowed_hosts
from callboard.access.edge.rates import RateLimited, read_rates
from callboard.access.events import KNOWN_KEYS as EVENT_KEYS
from callboard.access.events import PATH as EVENT_PATH
from callboard.access.identity.credentials import Credentials
from callboard.access.identity.directory import Directory
from callboard.access.identity.paths import Paths
from callboard.access.identity.public_paths import PublicPaths, patterns
from callboard.access.identity.service import Identity
from callboard.access.identity.settings import KNOWN_KEYS as IDENTITY_KEYS
from callboard.access.permissions import (
    DenyAll,
    Permission,
    PermissionRule,
    Permissions,
    Policy,
    PolicyContribution,
)
from callboard.access.principals import SCOPE_KEY, Principal
from callboard.access.roles.document import Known
from callboard.access.roles.policy import RolesPolicy
from callboard.access.roles.service import Resource, Roles
from callboard.access.signin.contribution import SignInProvider
from callboard.access.signin.pending import PendingStore
from callboard.access.signin.service import SignInEvent, SignInParts
from callboard.access.signin.settings import KNOWN_KEYS as SIGNIN_KEYS
from callboard.access.signin.settings import read_signin_settings
from callboard.core.config import Config
from callboard.core.database import Database
from callboard.core.errors import ConfigError
from callboard.core.http_edge import Edge
from callboard.plugins import Offers
from callboard.plugins.live import Live

DEFAULT_POLICY = "roles"
KNOWN_KEYS = (
    EVENT_KEYS
    | IDENTITY_KEYS
    | SIGNIN_KEYS
    | {
        "auditor.keep",
        "backend.allowedHosts",
        "backend.auditor.severityLogLevelMappings",
        "backend.auth.failureLimit",
        "backend.cors",
        "backend.rateLimit",
        "backend.trustProxy",
        "permission.enabled",
        "permission.policy",
        "permission.roles",
    }
)
"""The keys of the configuration that are read here."""


class Access:
    """Opened with `start`, closed with `stop`; `follow` tells which plugins run. ConfigError for mistakes."""

    def __init__(
        self,
        config: Config,
        database: Database,
        directory: Directory,
        resource: Resource,
        *,
        listens_on: str = "127.0.0.1",
    ) -> None:
        self._config = config
        self._directory = directory
        self._resource = resource
        self._known = Known()
        self._credentials: Credentials | None = None
        self._public: tuple[str, ...] = ()
        self._followed = False
        self._hosts = allowed_hosts(config, listens_on)
        self._cors = read_cors(config)
        self._rates = read_rates(config)
        self._guessing = read_guessing(config)
        self._address = client_address(config)
        self.identity = Identity(database, config, directory)
        self.audit = Audit(database, read_audit(config))
        self.roles_policy = RolesPolicy(database, config, lambda: self._known)
        self.pending = PendingStore(database)
        self.signin = SignInParts(
            read_signin_settings(config, strict=False),  # those of plugins are known to `follow`
            self.identity,
            self.pending,
            address_of=lambda request: self._address(request.scope),
            heard=_heard,
        )
        self.enabled = config.boolean("permission.enabled", False)
        self.permissions = Permissions(DenyAll(), (), (), enabled=True)

    @property
    def required(self) -> bool:
        """Whether somebody without credentials is asked to sign in."""
        return self.identity.settings.required

    async def start(self) -> None:
        await self.audit.start()
        await self.identity.start()
        await self.pending.migrate()
        await self.roles_policy.start()

    async def stop(self) -> None:
        await self.roles_policy.stop()
        await self.identity.stop()
        await self.audit.stop()

    def offer(self, offers: Offers) -> None:
        """Offer what plugins may ask for; what follows the plugins is offered by `follow`."""
        offers.offer(Identity, self.identity, "identity")
        offers.offer(SignInParts, self.signin, "identity")
        offers.offer(RolesPolicy, self.roles_policy, "identity")
        offers.offer(Audit, self.audit, "identity")

    def follow(self, live: Live) -> Permissions:
        """Decide with the permissions, rules and policies of these plugins."""
        self._follow_providers(live)
        permissions, rules = live.registry.of(Permission), live.registry.of(PermissionRule)
        self._known = Known(tuple(permissions), tuple(rules))
        self._public = patterns(live.registry.of(PublicPaths), self._config)
        if self._credentials is not None:
            self._credentials.open(self._public)
        policy = self._policy(live)
        self.permissions = Permissions(policy, rules, permissions, enabled=self.enabled)
        roles = Roles(self.roles_policy, self.permissions, self._directory.ownership, self._resource)
        live.offers.offer(Permissions, self.permissions, "identity")
        live.offers.offer(Roles, roles, "identity")
        return self.permissions

    def _follow_providers(self, live: Live) -> None:
        """Sign people in by the providers of these plugins.

        A provider that nobody has is a mistake at the start; one whose plugin is off or gone is left out.
        """
        strict = not self._followed and all(status.state == "live" for status in live.statuses)
        readers = {one.id: one.read for one in reversed(live.registry.of(SignInProvider))}
        settings = read_signin_settings(self._config, readers=readers, strict=strict)
        self.signin = replace(self.signin, settings=settings)
        live.offers.offer(SignInParts, self.signin, "identity")
        self._followed = True

    def _policy(self, live: Live) -> Policy:
        wanted = self._config.string("permission.policy", DEFAULT_POLICY)
        known = live.registry.owned(PolicyContribution)
        for plugin, one in known:
            if one.id == wanted:
                return one.make(live.context(plugin))
        if self.enabled and not any(status.state == "broken" for status in live.statuses):
            names = ", ".join(sorted(one.id for _, one in known))
            raise ConfigError(
                [self._config.problem("permission.policy", f"there is no policy {wanted}, but {names}")]
            )
        return DenyAll()  # its plugin is broken: nobody may do anything until it is mended

    def around(self, app: ASGIApp, *, log_requests: bool = True) -> ASGIApp:
        """What every request goes through before it reaches a route."""
        if self._rates is not None:
            app = RateLimited(app, self._rates, self._address)
        app = self._credentials = Credentials(app, self.identity, Paths().with_public(EVENT_PATH))
        self._credentials.open(self._public)
        if self._guessing is not None:
            app = GuessingLimited(app, self._guessing, self._address)
        if self._cors is not None:
            app = self._cors.around(app)
        trusts = self._cors.trusts if self._cors is not None else None
        app = Edge(app, log_requests=log_requests, allowed_hosts=self._hosts, trusts=trusts)
        return Audited(app, self.audit, self._address)


def _heard(request: Request, event: SignInEvent) -> None:
    """Name a sign-in in the audit log; the request itself is recorded by `Audited`."""
    if event.kind == "signed-in" and event.user:
        # The request came from nobody, and ends as this user's.
        request.scope[SCOPE_KEY] = Principal("user", event.user, means="session")
    failed = event.kind == "refused"
    audit_event(
        request,
        event.kind,
        plugin="auth",
        severity="medium" if failed else "low",
        provider=event.provider,
        **({"user": event.user} if event.user else {}),
        **({"detail": event.detail} if event.detail else {}),
    )
