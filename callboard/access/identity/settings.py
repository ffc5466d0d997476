"""What identity reads of the configuration; ConfigError names every mistake with file and line.

Backstage's keys: `backend.baseUrl`, `app.baseUrl`, `auth.environment`, `auth.providers`,
`auth.identityTokenAlgorithm` (ES256), `auth.backstageTokenExpiration` (1 h; held between 10 min and 24 h),
`auth.omitIdentityTokenOwnershipClaim` (true), `auth.session.secret`, `backend.auth.externalAccess`,
`backend.auth.dangerouslyDisableDefaultAuthPolicy`. Callboard's own, all durations:

* `auth.keyStore.rotateAfter` (24 h): how long a signing key signs; `auth.keyStore.secret` (text): encrypts
  the private keys in the database;
* `auth.session.idle` (24 h), `auth.session.absolute` (7 days): when a session ends without use, and anyway;
* `auth.session.rotateAfter` (10 min): when the secret in the cookie is replaced;
  `auth.session.grace` (30 s): how long requests already under way may still bring the old one;
* `auth.personalTokens.maxExpiration` (365 days): how long a personal access token may live.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from callboard.access.identity.external_settings import External, read_external
from callboard.core.config import Config
from callboard.core.errors import ConfigError, Problem

T = TypeVar("T")

KNOWN_KEYS = {
    "auth.environment",
    "auth.identityTokenAlgorithm",
    "auth.backstageTokenExpiration",
    "auth.omitIdentityTokenOwnershipClaim",
    "auth.keyStore",
    "auth.session",
    "auth.personalTokens",
    "auth.providers",
    "backend.auth.externalAccess",
    "backend.auth.keys",
    "backend.auth.dangerouslyDisableDefaultAuthPolicy",
}
"""What `core.config.ignored_keys` need not name."""

ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
DEFAULT_BASE_URL = "http://localhost:7007"
LEAST_LIFE, MOST_LIFE = timedelta(minutes=10), timedelta(hours=24)
LEAST_SECRET = 16


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """Durations in seconds. `origins` are those of the portal's own addresses, such as `https://dev.acme.org`."""

    issuer: str
    origins: frozenset[str]
    secure: bool
    required: bool
    """Whether requests without credentials are refused."""
    algorithm: str
    token_life: int
    ent_in_token: bool
    key_life: float
    key_secret: str | None = field(repr=False)
    cookie_secret: str | None = field(repr=False)
    session_idle: float
    session_absolute: float
    session_rotate: float
    session_grace: float
    personal_most: float
    external: External


def read_identity_settings(config: Config) -> IdentitySettings:
    problems: list[Problem] = []

    def read(get: Callable[[], T], otherwise: T) -> T:
        try:
            return get()
        except ConfigError as error:
            problems.extend(error.problems)
            return otherwise

    def seconds(key: str, default: timedelta, least: timedelta = timedelta(seconds=1)) -> float:
        found = read(lambda: config.duration(key, default), default)
        if found < least:
            problems.append(config.problem(key, f"must be at least {least.total_seconds():g} s"))
        return found.total_seconds()

    base_url = read(lambda: config.string("backend.baseUrl", DEFAULT_BASE_URL), DEFAULT_BASE_URL)
    app_url = read(lambda: config.string("app.baseUrl", base_url), base_url)
    algorithm = read(lambda: config.string("auth.identityTokenAlgorithm", "ES256"), "ES256")
    if algorithm not in ALGORITHMS:
        wanted = f"must be one of {', '.join(ALGORITHMS)}: tokens are signed with a private key"
        problems.append(config.problem("auth.identityTokenAlgorithm", wanted))
    life = read(lambda: config.duration("auth.backstageTokenExpiration", timedelta(hours=1)), LEAST_LIFE)
    life = min(max(life, LEAST_LIFE), MOST_LIFE)
    nothing: dict[str, Any] = {}
    providers = read(lambda: config.mapping("auth.providers", nothing), nothing)
    disabled = read(lambda: config.boolean("backend.auth.dangerouslyDisableDefaultAuthPolicy", False), False)
    settings = IdentitySettings(
        issuer=base_url.rstrip("/") + "/api/auth",
        origins=frozenset(origin for url in (base_url, app_url) if (origin := origin_of(url))),
        secure=base_url.startswith("https:"),
        required=bool(providers) and not disabled,
        algorithm=algorithm,
        token_life=int(life.total_seconds()),
        ent_in_token=not read(lambda: config.boolean("auth.omitIdentityTokenOwnershipClaim", True), True),
        key_life=seconds("auth.keyStore.rotateAfter", timedelta(hours=24), timedelta(minutes=5)),
        key_secret=_secret(config, "auth.keyStore.secret", problems),
        cookie_secret=_secret(config, "auth.session.secret", problems),
        session_idle=seconds("auth.session.idle", timedelta(hours=24), timedelta(minutes=1)),
        session_absolute=seconds("auth.session.absolute", timedelta(days=7), timedelta(minutes=1)),
        session_rotate=seconds("auth.session.rotateAfter", timedelta(minutes=10)),
        session_grace=seconds("auth.session.grace", timedelta(seconds=30)),
        personal_most=seconds("auth.personalTokens.maxExpiration", timedelta(days=365)),
        external=read_external(config, problems),
    )
    if problems:
        raise ConfigError(problems)
    return settings


def origin_of(url: str) -> str | None:
    """`https://dev.acme.org/x` as browsers write its origin: `https://dev.acme.org`; None when it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


def _secret(config: Config, key: str, problems: list[Problem]) -> str | None:
    try:
        secret = config.string(key, None)
    except ConfigError as error:
        problems.extend(error.problems)
        return None
    if secret is not None and len(secret) < LEAST_SECRET:
        problems.append(config.problem(key, f"must have at least {LEAST_SECRET} characters"))
    return secret
