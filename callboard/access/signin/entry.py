"""The keys of one provider in the configuration, and the mistakes in them with their places."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from pydantic import SecretStr

from callboard.access.signin.places import Places, is_loopback, origin_of
from callboard.access.signin.provider import Network
from callboard.access.signin.resolvers import (
    EMAIL_ANNOTATION,
    NAMES,
    USER_ID_ANNOTATION,
    Resolver,
)
from callboard.core.config import Config
from callboard.core.errors import ConfigError, Path


class Entry:
    """Getters raise ConfigError; the message never holds a value, as that may be a secret."""

    def __init__(self, config: Config, path: Path, id: str, places: Places, environment: str) -> None:
        self._config = config
        self._path = path
        self.id = id
        self.places = places
        self.environment = environment

    def has(self, key: str) -> bool:
        return self._config.get((*self._path, key)) is not None

    def mistake(self, key: str | Path, message: str) -> ConfigError:
        inner = (key,) if isinstance(key, str) else key
        return ConfigError([self._config.problem((*self._path, *inner), message)])

    def text(self, key: str, default: str | None = None) -> str:
        """Text that must be there unless a default is given."""
        path = (*self._path, *key.split("."))
        found = self._config.string(path) if default is None else self._config.string(path, default)
        if not found.strip():
            raise self.mistake(tuple(key.split(".")), "must not be empty")
        return found

    def optional(self, key: str) -> str | None:
        return self.text(key) if self._config.get((*self._path, *key.split("."))) is not None else None

    def flag(self, key: str) -> bool:
        return self._config.boolean((*self._path, key), False)

    def secret(self, key: str) -> SecretStr:
        return SecretStr(self.text(key))

    def address(self, key: str, default: str | None = None) -> str:
        """An address of the provider: https, unless it is on this machine."""
        found = self.text(key, default)
        try:
            origin_of(found)
        except ValueError as error:
            raise self.mistake(tuple(key.split(".")), f"is not an address: {error}") from None
        if not found.lower().startswith("https://") and not is_loopback(found):
            raise self.mistake(tuple(key.split(".")), "must begin with https://")
        return found.rstrip("/")

    def words(self, key: str) -> tuple[str, ...]:
        """A list of text, or text with spaces between the words."""
        value = self._config.get((*self._path, *key.split(".")))
        if isinstance(value, str):
            return tuple(value.split())
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.mistake(tuple(key.split(".")), "must be text or a list of text")
        return tuple(value)

    def origins(self, key: str) -> frozenset[str]:
        """A list of hosts (`login.example.com`) or addresses, as origins."""
        found = set()
        for place, one in enumerate(self.words(key)):
            try:
                found.add(origin_of(one if "://" in one else f"https://{one}"))
            except ValueError as error:
                raise self.mistake((key, place), f"is not a host: {error}") from None
        return frozenset(found)

    def networks(self, key: str) -> tuple[Network, ...]:
        """Addresses and networks such as `10.0.0.0/8`; at least one."""
        found: list[Network] = []
        for place, one in enumerate(self.words(key)):
            try:
                found.append(ip_network(one, strict=False))
            except ValueError:
                raise self.mistake(
                    (key, place), "must be an address or a network such as 10.0.0.0/8"
                ) from None
            if found[-1].prefixlen == 0:
                raise self.mistake((key, place), "would trust every address")
        if not found:
            raise self.mistake(key, "must name the addresses of the proxy: others could claim to be anybody")
        return tuple(found)

    @property
    def callback_url(self) -> str:
        default = f"{self.places.backend}/api/auth/{self.id}/handler/frame"
        found = self.text("callbackUrl", default)
        try:
            own = origin_of(found) in self.places.origins
        except ValueError:
            own = False
        if not own:
            raise self.mistake(
                "callbackUrl", "must be an address of this site (app.baseUrl, backend.baseUrl)"
            )
        return found

    def resolvers(self, annotations: dict[str, str] | None = None) -> tuple[Resolver, ...]:
        """`signIn.resolvers`; `annotations` are the provider's own keys by the names of the resolvers."""
        path = (*self._path, "signIn", "resolvers")
        listed = self._config.sequence(path, [])
        if not listed:
            message = f"at least one resolver is required to sign anybody in: {', '.join(NAMES)}"
            raise self.mistake(("signIn", "resolvers"), message)
        return tuple(self._resolver(place, one, annotations or {}) for place, one in enumerate(listed))

    def _resolver(self, place: int, given: Any, annotations: dict[str, str]) -> Resolver:
        at: Path = ("signIn", "resolvers", place)
        name = given.get("resolver") if isinstance(given, dict) else None
        if name not in NAMES:
            raise self.mistake((*at, "resolver"), f"must be one of {', '.join(NAMES)}")
        inner = Entry(self._config, (*self._path, *at), self.id, self.places, self.environment)
        annotation = inner.optional("annotation") or annotations.get(name)
        if name in (USER_ID_ANNOTATION, EMAIL_ANNOTATION) and annotation is None:
            raise self.mistake((*at, "annotation"), f"is required: {self.id} has no annotation of its own")
        domains = inner.words("allowedDomains") if inner.has("allowedDomains") else None
        return Resolver(
            name=name,
            annotation=annotation,
            allowed_domains=None if domains is None else tuple(one.lower() for one in domains),
            without_user=inner.flag("dangerouslyAllowSignInWithoutUserInCatalog"),
        )
