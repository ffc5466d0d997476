"""Reads `backend.auth.externalAccess`: who outside may call, by which kind of token, and what for."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from callboard.access.principals import Restriction
from callboard.core.config import Config
from callboard.core.errors import Path, Problem

KEY: Path = ("backend", "auth", "externalAccess")
ASYMMETRIC = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
ACTIONS = ("create", "read", "update", "delete")
Restrictions = tuple[Restriction, ...] | None


@dataclass(frozen=True, slots=True)
class StaticToken:
    token: str = field(repr=False)
    subject: str
    restrictions: Restrictions


@dataclass(frozen=True, slots=True)
class LegacySecret:
    """Signs tokens with HS256 whose `sub` is `backstage-server`."""

    secret: bytes = field(repr=False)
    subject: str
    restrictions: Restrictions


@dataclass(frozen=True, slots=True)
class RemoteKeys:
    """Tokens of another issuer; empty `issuers` or `audiences` are not checked."""

    url: str
    issuers: tuple[str, ...]
    algorithms: tuple[str, ...]
    audiences: tuple[str, ...]
    subject_prefix: str
    restrictions: Restrictions


@dataclass(frozen=True, slots=True)
class External:
    static: tuple[StaticToken, ...] = ()
    legacy: tuple[LegacySecret, ...] = ()
    remote: tuple[RemoteKeys, ...] = ()


def read_external(config: Config, problems: list[Problem]) -> External:
    """What is configured; `problems` receives each mistake with its place."""
    entries = config.get(KEY, [])
    found: list[Any] = []
    if not isinstance(entries, list):
        problems.append(config.problem(KEY, "must be a list"))
        entries = []
    for number, entry in enumerate(entries):
        reader = _Entry(config, (*KEY, number), problems)
        if reader.is_mapping((), entry):
            found.append(reader.read(entry))
    found.extend(_old_keys(config, problems))
    return External(
        static=tuple(one for one in found if isinstance(one, StaticToken)),
        legacy=tuple(one for one in found if isinstance(one, LegacySecret)),
        remote=tuple(one for one in found if isinstance(one, RemoteKeys)),
    )


def _old_keys(config: Config, problems: list[Problem]) -> list[LegacySecret]:
    """`backend.auth.keys`: secrets of the time before external access."""
    key: Path = ("backend", "auth", "keys")
    entries = config.get(key, [])
    if not isinstance(entries, list):
        problems.append(config.problem(key, "must be a list"))
        return []
    found = []
    for number, entry in enumerate(entries):
        reader = _Entry(config, (*key, number), problems)
        if reader.is_mapping((), entry) and (secret := reader.secret(("secret",), entry.get("secret"))):
            found.append(LegacySecret(secret, "external:backstage-plugin", None))
    return found


class _Entry:
    """Reads one entry; values come from YAML, hence Any."""

    def __init__(self, config: Config, at: Path, problems: list[Problem]) -> None:
        self._config, self._at, self._problems = config, at, problems

    def read(self, entry: dict[str, Any]) -> StaticToken | LegacySecret | RemoteKeys | None:
        kinds: dict[str, Callable[[dict[str, Any], Restrictions], Any]] = {
            "static": self._static,
            "legacy": self._legacy,
            "jwks": self._jwks,
        }
        restrictions = self._restrictions(entry)
        options = entry.get("options")
        kind = entry.get("type")
        if not isinstance(kind, str) or kind not in kinds:
            self.wrong(("type",), f"must be one of {', '.join(kinds)}")
            return None
        if not isinstance(options, dict):
            self.wrong(("options",), "must be a mapping")
            return None
        found: StaticToken | LegacySecret | RemoteKeys | None = kinds[kind](options, restrictions)
        return found

    def wrong(self, path: Path, message: str) -> None:
        self._problems.append(self._config.problem((*self._at, *path), message))

    def is_mapping(self, path: Path, value: Any) -> bool:
        if not isinstance(value, dict):
            self.wrong(path, "must be a mapping")
        return isinstance(value, dict)

    def secret(self, path: Path, value: Any) -> bytes | None:
        """A secret in base64, of 16 bytes at least: HS256 is no stronger than it."""
        try:
            text = value.replace("-", "+").replace("_", "/").rstrip("=")
            found = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except (AttributeError, binascii.Error):
            found = b""
        if len(found) < 16 or b"-----BEGIN" in found:  # a key in PEM is no shared secret
            self.wrong(path, "must be at least 16 random bytes in base64")
            return None
        return found

    def _static(self, options: dict[str, Any], restrictions: Restrictions) -> StaticToken | None:
        token, subject = options.get("token"), self._subject(options)
        if not isinstance(token, str) or len(token) < 8 or any(one.isspace() for one in token):
            self.wrong(("options", "token"), "must be text of at least 8 characters without spaces")
            return None
        return StaticToken(token, subject, restrictions) if subject else None

    def _legacy(self, options: dict[str, Any], restrictions: Restrictions) -> LegacySecret | None:
        secret = self.secret(("options", "secret"), options.get("secret"))
        subject = self._subject(options)
        return LegacySecret(secret, subject, restrictions) if secret and subject else None

    def _jwks(self, options: dict[str, Any], restrictions: Restrictions) -> RemoteKeys | None:
        url = options.get("url")
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            self.wrong(("options", "url"), "must be an http(s) address")
            return None
        algorithms = self._texts(("options", "algorithm"), options.get("algorithm"))
        for name in algorithms:
            if name not in ASYMMETRIC:
                self.wrong(("options", "algorithm"), f"each must be one of {', '.join(ASYMMETRIC)}")
        return RemoteKeys(
            url=url,
            issuers=self._texts(("options", "issuer"), options.get("issuer")),
            algorithms=algorithms or ASYMMETRIC,
            audiences=self._texts(("options", "audience"), options.get("audience")),
            subject_prefix="".join(self._texts(("options", "subjectPrefix"), options.get("subjectPrefix"))),
            restrictions=restrictions,
        )

    def _subject(self, options: dict[str, Any]) -> str | None:
        subject = options.get("subject")
        if not isinstance(subject, str) or not subject or any(one.isspace() for one in subject):
            self.wrong(("options", "subject"), "must be text without spaces")
            return None
        return subject

    def _texts(self, path: Path, value: Any) -> tuple[str, ...]:
        """Text (split at commas and spaces, as Backstage does) or a list of texts."""
        if value is None:
            return ()
        if isinstance(value, str) and value.strip():
            return tuple(value.replace(",", " ").split())
        if isinstance(value, list) and value and all(isinstance(one, str) and one.strip() for one in value):
            return tuple(value)
        self.wrong(path, "must be text or a list of texts")
        return ()

    def _restrictions(self, entry: dict[str, Any]) -> Restrictions:
        """An empty list is a mistake, because it could as well mean nothing as everything."""
        listed = entry.get("accessRestrictions")
        if listed is None:
            return None
        where: Path = ("accessRestrictions",)
        if not isinstance(listed, list) or not listed:
            self.wrong(where, "must be a list that names at least one plugin; leave it out for full access")
            return ()
        found: dict[str, Restriction] = {}
        for number, one in enumerate(listed):
            if self.is_mapping((*where, number), one):
                self._restriction((*where, number), one, found)
        return tuple(found.values())

    def _restriction(self, at: Path, one: dict[str, Any], found: dict[str, Restriction]) -> None:
        plugin = one.get("plugin")
        for key in one.keys() - {"plugin", "permission", "permissionAttribute"}:
            self.wrong((*at, key), "is not known here: plugin, permission, permissionAttribute are")
        if not isinstance(plugin, str) or not plugin or plugin in found or any(map(str.isspace, plugin)):
            self.wrong((*at, "plugin"), "must be the id of a plugin that is named only once")
            return
        attributes = one.get("permissionAttribute")
        actions: tuple[str, ...] = ()
        if attributes is not None and self.is_mapping((*at, "permissionAttribute"), attributes):
            for key in attributes.keys() - {"action"}:
                self.wrong((*at, "permissionAttribute", key), "is not known here: action is")
            actions = self._texts((*at, "permissionAttribute", "action"), attributes.get("action"))
            if not actions or not set(actions) <= set(ACTIONS):
                self.wrong((*at, "permissionAttribute", "action"), f"must be of {', '.join(ACTIONS)}")
        permissions = self._texts((*at, "permission"), one.get("permission"))
        found[plugin] = Restriction(plugin, permissions, actions)
