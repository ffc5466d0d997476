"""Callers from outside: fixed tokens, tokens signed with a shared secret, tokens of other issuers.

What is configured is read by `external_settings`; who is let in becomes a service with restrictions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from joserfc.jwk import OctKey

from callboard.access.identity import jws
from callboard.access.identity.external_settings import External, RemoteKeys, Restrictions
from callboard.access.identity.keys import LEEWAY
from callboard.access.identity.remote_keys import RemoteKeySet
from callboard.access.identity.tokens import MAX_TOKEN, illegal
from callboard.access.principals import Principal

LEGACY_SUBJECT = "backstage-server"


class ExternalAccess:
    def __init__(self, settings: External, clock: Callable[[], float]) -> None:
        # Looked up by hash, so that the time it takes tells nothing about the tokens.
        self._static = {_digest(one.token): one for one in settings.static}
        self._legacy = [(one, OctKey.import_key(one.secret)) for one in settings.legacy]
        self._remote = [(one, RemoteKeySet(one.url, clock)) for one in settings.remote]
        self._clock = clock

    async def close(self) -> None:
        for _, keys in self._remote:
            await keys.close()

    async def verify(self, token: str) -> Principal:
        """Who a token belongs to; AuthenticationError when nobody outside has it."""
        if len(token) > MAX_TOKEN:
            raise illegal()
        fixed = self._static.get(_digest(token))
        if fixed is not None:
            return _service(fixed.subject, fixed.restrictions)
        header = jws.header_of(token)
        algorithm = header.get("alg") if header else None
        if header is None or not isinstance(algorithm, str) or "crit" in header:
            raise illegal()
        if algorithm == "HS256":
            found = self._shared(token)
        else:
            found = await self._signed(token, header.get("kid"), algorithm)
        if found is None:
            raise illegal()
        return found

    def _shared(self, token: str) -> Principal | None:
        for one, key in self._legacy:
            payload = jws.verified(token, key, "HS256")
            if payload is not None and self._is_legacy(payload):
                return _service(one.subject, one.restrictions)
        return None

    def _is_legacy(self, payload: dict[str, Any]) -> bool:
        return payload.get("sub") == LEGACY_SUBJECT and "aud" not in payload and self._in_time(payload)

    async def _signed(self, token: str, kid: Any, algorithm: str) -> Principal | None:
        payload = jws.payload_of(token)
        if payload is None or (kid is not None and not isinstance(kid, str)):
            return None
        for one, keys in self._remote:
            # What is not meant for this issuer must not make us ask it for keys.
            if algorithm not in one.algorithms or not self._is_meant(payload, one):
                continue
            key = await keys.find(kid, algorithm)
            if key is not None and jws.verified(token, key, algorithm) is not None:
                prefix = f"external:{one.subject_prefix}:" if one.subject_prefix else "external:"
                return _service(prefix + payload["sub"], one.restrictions)
        return None

    def _is_meant(self, payload: dict[str, Any], one: RemoteKeys) -> bool:
        audience = payload.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        subject = payload.get("sub")
        return (
            isinstance(subject, str)
            and bool(subject)
            and (not one.issuers or payload.get("iss") in one.issuers)
            and (not one.audiences or any(each in one.audiences for each in audiences))
            and self._in_time(payload)
        )

    def _in_time(self, payload: dict[str, Any]) -> bool:
        """Whether the token is not over and has begun; one that never ends is not accepted."""
        now, expires = self._clock(), jws.whole_number(payload.get("exp"))
        starts = [jws.whole_number(payload[name]) for name in ("nbf", "iat") if name in payload]
        begun = all(start is not None and start <= now + LEEWAY for start in starts)
        return expires is not None and expires + LEEWAY > now and begun


def _service(subject: str, restrictions: Restrictions) -> Principal:
    return Principal("service", subject, restrictions=restrictions, means="external")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
