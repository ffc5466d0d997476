"""Every mistake of what the configuration says about access, without anything being started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from callboard.access.audit import read_audit
from callboard.access.edge.addresses import client_address
from callboard.access.edge.cors import read_cors
from callboard.access.edge.guessing import read_guessing
from callboard.access.edge.hosts import allowed_hosts
from callboard.access.edge.rates import read_rates
from callboard.access.events import read_event_settings
from callboard.access.identity.settings import read_identity_settings
from callboard.access.roles.settings import RoleSettings
from callboard.access.signin.contribution import OWN, SignInProvider
from callboard.access.signin.settings import Readers, read_signin_settings
from callboard.core.config import Config
from callboard.core.errors import ConfigError, Problem
from callboard.plugins.discovery import beside

_READERS: tuple[Callable[[Config], Any], ...] = (  # Any: what each reads is of no interest here
    read_identity_settings,
    lambda config: read_signin_settings(config, readers=_readers()),
    RoleSettings.read,
    read_audit,
    read_rates,
    read_guessing,
    read_cors,
    read_event_settings,
    client_address,
    lambda config: allowed_hosts(config, "127.0.0.1"),
    lambda config: config.boolean("permission.enabled", False),
)


def _readers() -> Readers:
    """The providers of Callboard and of the plugins in the same environment."""
    found = [one.plugin for one in beside() if one.plugin is not None]
    more = [one for plugin in found for one in plugin.contributions if isinstance(one, SignInProvider)]
    return {one.id: one.read for one in (*more, *OWN)}


def access_problems(config: Config) -> list[Problem]:
    """In the order of the parts; each with file, line and key."""
    problems: list[Problem] = []
    for read in _READERS:
        try:
            read(config)
        except ConfigError as error:
            problems += [one for one in error.problems if one not in problems]
    return problems


def described(config: Config) -> str:
    """In a sentence, who signs in how and what decides; for a configuration without mistakes."""
    providers = read_signin_settings(config, readers=_readers()).providers
    names = ", ".join(one.id for one in providers)
    door = f"people sign in by {names}" if names else "nobody signs in: everyone may do everything"
    policy = config.string("permission.policy", "roles")
    enabled = config.boolean("permission.enabled", False)
    return f"{door}; permissions are {f'on, by the policy {policy}' if enabled else 'off'}"
