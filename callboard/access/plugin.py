"""What access contributes: sign-in and tokens, permissions and roles."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from callboard.access.audit import Audit
from callboard.access.audit.api import AUDIT_READ, audit_routes
from callboard.access.events import event_routes, read_event_settings
from callboard.access.identity.api import identity_routes
from callboard.access.identity.service import Identity
from callboard.access.permissions import AllowAll, DenyAll, Permissions, PolicyContribution
from callboard.access.permissions.api import Resources, permission_routes
from callboard.access.roles.api import roles_routes
from callboard.access.roles.policy import RolesPolicy
from callboard.access.roles.service import Roles
from callboard.access.signin.api import signin_routes
from callboard.access.signin.contribution import OWN
from callboard.access.signin.service import SignInParts
from callboard.core.config import Config
from callboard.plugins import Need, Plugin, PluginContext
from callboard.plugins.contributions import Router
from callboard.plugins.events import Events


def _identity(context: PluginContext) -> Sequence[BaseRoute]:
    return identity_routes(context.get(Identity))


def _signin(context: PluginContext) -> Sequence[BaseRoute]:
    return signin_routes(context.get(SignInParts))


def _events(context: PluginContext) -> Sequence[BaseRoute]:
    return event_routes(context.get(Events), read_event_settings(context.get(Config)))


EVENTS = Plugin(
    id="events",
    title="Events",
    description="Takes in events from outside, and hands them to the plugins that subscribed.",
    contributions=(Router(_events, root=True),),
)


def _permissions(context: PluginContext) -> Sequence[BaseRoute]:
    return permission_routes(context.get(Permissions), context.get(Resources))


def _roles(context: PluginContext) -> Sequence[BaseRoute]:
    return roles_routes(lambda: context.get(Roles))


AUTH = Plugin(
    id="auth",
    title="Sign-in and tokens",
    description="Who asks: providers, sessions, tokens for users, plugins and what is outside.",
    needs=(Need("identity", "It is where people sign in."),),
    contributions=(*OWN, Router(_identity, root=True), Router(_signin, root=True)),
)


def _audit(context: PluginContext) -> Sequence[BaseRoute]:
    permissions = context.get(Permissions)
    return audit_routes(context.get(Audit), permissions.require)


AUDIT = Plugin(
    id="audit",
    title="Audit log",
    description="Who did what, when, from where, and how it ended.",
    needs=(Need("identity", "Writes down what people do."),),
    contributions=(AUDIT_READ, Router(_audit, root=True)),
)

PERMISSION = Plugin(
    id="permission",
    title="Permissions",
    description="What they may do: the policies, and the roles that people edit.",
    needs=(Need("identity", "It decides what people may do."),),
    contributions=(
        PolicyContribution("allow-all", lambda _: AllowAll()),
        PolicyContribution("deny-all", lambda _: DenyAll()),
        PolicyContribution("roles", lambda context: context.get(RolesPolicy)),
        Router(_permissions, root=True),
        Router(_roles, root=True),
    ),
)
