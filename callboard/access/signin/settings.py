"""What the configuration says about sign-in: `auth.environment` and `auth.providers`, Backstage's keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from callboard.access.signin.entry import Entry
from callboard.access.signin.places import Places, origin_of
from callboard.access.signin.provider import Provider
from callboard.access.signin.providers import READERS
from callboard.core.config import Config
from callboard.core.errors import ConfigError, Path, Problem

_log = structlog.get_logger(__name__)

ENVIRONMENT = "development"
ATTEMPTS = 60
ADDRESS = "http://localhost:7007"
Reader = Callable[[Entry], Provider]
Readers = Mapping[str, Reader]
KNOWN_KEYS = {"auth.environment", "auth.providers", "auth.signInAttemptsPerMinute"}
"""What `core.config.ignored_keys` need not name."""
_ELSEWHERE = {
    *("atlassian", "auth0", "aws-alb", "awsalb", "azure-easyauth", "azureEasyAuth"),
    *("bitbucket", "bitbucket-server", "bitbucketServer", "cfaccess", "cloudflare-access"),
    *("gcp-iap", "gcpIap", "oauth2", "onelogin", "openshift", "pinniped", "vmwareCloudServices"),
}
"""Backstage's providers that Callboard does not have; most of them speak OpenID Connect."""


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """`providers` are those of this environment, in the order of the configuration.

    `attempts` are how many an address has in a minute: `auth.signInAttemptsPerMinute`, ours.
    """

    environment: str
    places: Places
    providers: tuple[Provider, ...]
    attempts: int = ATTEMPTS

    def provider(self, id: str) -> Provider | None:
        return next((one for one in self.providers if one.id == id), None)


def read_signin_settings(
    config: Config, *, address: str = ADDRESS, readers: Readers = READERS, strict: bool = True
) -> SignInSettings:
    """Raises ConfigError with every provider's first mistake. `address` stands in for a missing baseUrl.

    `readers` are those of all plugins, by id. Without `strict` a provider that none of them has is left out.
    """
    environment = config.string("auth.environment", ENVIRONMENT)
    problems: list[Problem] = []
    places = _places(config, address, problems)
    providers: list[Provider] = []
    for id in config.mapping("auth.providers", {}):
        path = _path(config, id, environment)
        try:
            if path is not None and (reader := _reader(config, id, readers, strict)) is not None:
                providers.append(reader(Entry(config, path, id, places, environment)))
        except ConfigError as error:
            problems += error.problems
    attempts = config.integer("auth.signInAttemptsPerMinute", ATTEMPTS)
    if attempts < 1:
        problems.append(config.problem("auth.signInAttemptsPerMinute", "must be at least 1"))
    if problems:
        raise ConfigError(problems)
    return SignInSettings(environment, places, tuple(providers), attempts)


def _reader(config: Config, id: str, readers: Readers, strict: bool) -> Reader | None:
    """The reader of a provider; None for one that is left out."""
    if id in readers:
        return readers[id]
    if id in _ELSEWHERE:
        _log.warning("a sign-in provider is left out: Callboard does not have it, see oidc", provider=id)
        return None
    if not strict:
        _log.error("a sign-in provider is left out: no plugin that runs has it", provider=id)
        return None
    message = f"there is no such provider, only {', '.join(readers)}"
    raise ConfigError([config.problem(("auth", "providers", id), message)])


def _path(config: Config, id: str, environment: str) -> Path | None:
    """Where a provider's keys are: below the environment, or directly; None when it is for others only."""
    path: Path = ("auth", "providers", id)
    found: Any = config.get(path)
    if isinstance(found, dict) and environment in found:
        return (*path, environment)
    if not isinstance(found, dict) or not found:
        return path
    # `production: {clientId: …}`: a mapping of environments, none of which is ours.
    elsewhere = all(isinstance(one, dict) for one in found.values()) and not found.keys() & _DIRECT
    if elsewhere:
        _log.info("a sign-in provider is not for this environment", provider=id, environment=environment)
    return None if elsewhere else path


_DIRECT = {"signIn", "headers", "jwt"}
"""Keys whose values are mappings although they are no environments."""


def _places(config: Config, address: str, problems: list[Problem]) -> Places:
    backend = config.string("backend.baseUrl", None)
    app = config.string("app.baseUrl", None)
    found = {"app.baseUrl": app or backend or address, "backend.baseUrl": backend or app or address}
    for key, value in found.items():
        try:
            origin_of(value)
        except ValueError as error:
            problems.append(config.problem(key, f"is not an address: {error}"))
    return Places(app=found["app.baseUrl"].rstrip("/"), backend=found["backend.baseUrl"].rstrip("/"))
