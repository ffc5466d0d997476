"""The keys that tokens are signed with: rotated, shared by all nodes through the database, published as JWKS.

A key signs for half of its life and is published for the other half, which is at least as long as any token
lives. The next key is published a while before it signs, so that no node meets a kid it cannot know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from callboard.access.identity import jws
from callboard.access.identity.key_store import KeyStore, StoredKey
from callboard.access.identity.sealing import Seal
from callboard.access.identity.settings import IdentitySettings
from callboard.core.database import Database
from callboard.core.errors import ServiceUnavailableError

LEEWAY = 10
"""How far the clocks of nodes may differ, in seconds."""
PLUGIN_TOKEN_LIFE = 3600
LEAD = 120.0
"""How long before it signs a key is published, in seconds."""
AGAIN = 3.0
"""An unknown kid makes the database be read at most this often, in seconds: kids can be made up."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    algorithm: str
    key: Key
    signs_from: float
    signs_until: float
    published_until: float


class Keys:
    """Keys are in memory; `refresh` reads the database, and adds the next key when it is time."""

    def __init__(self, database: Database, settings: IdentitySettings, clock: Callable[[], float]) -> None:
        self._store = KeyStore(database)
        self._algorithm = settings.algorithm
        self._signing = settings.key_life
        longest = max(settings.token_life, PLUGIN_TOKEN_LIFE) + 2 * LEEWAY
        self._resting = max(settings.key_life, longest)
        self._seal = Seal(settings.key_secret)
        self._clock = clock
        self._keys: dict[str, SigningKey] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Read the keys of all nodes; make a key when none signs, or none will when the last has done."""
        async with self._reading:
            await self._refresh()

    async def signing(self) -> SigningKey:
        """The key to sign with now."""
        found = self._signs_now()
        if found is None:
            async with self._reading:
                if (found := self._signs_now()) is None:
                    await self._refresh()
                    found = self._signs_now()
        if found is None:
            raise ServiceUnavailableError("There is no signing key yet")
        return found

    async def find(self, kid: str) -> SigningKey | None:
        """The published key of this name; an unknown one is looked for in the database, not too often."""
        found = self._keys.get(kid)
        if found is None and self._clock() - self._read_at >= AGAIN:
            async with self._reading:
                if self._clock() - self._read_at >= AGAIN:
                    self._take(await self._store.read())
            found = self._keys.get(kid)
        return found if found and found.published_until > self._clock() else None

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (JSON, hence Any)."""
        now = self._clock()
        live = [one for one in self._keys.values() if one.published_until > now]
        return {
            "keys": [
                {**one.key.as_dict(private=False), "kid": one.kid, "alg": one.algorithm, "use": "sig"}
                for one in live
            ]
        }

    def _signs_now(self) -> SigningKey | None:
        now = self._clock()
        able = [
            one
            for one in self._keys.values()
            if one.algorithm == self._algorithm and one.signs_from <= now < one.signs_until
        ]
        return max(able, key=lambda one: one.signs_from, default=None)

    async def _refresh(self) -> None:
        now = self._clock()
        stored = await self._store.read()
        if self._next_start(stored, now) is not None or any(one.published_until < now for one in stored):
            made = jws.generate(self._algorithm)  # before the lock: an RSA key takes its time
            stored = await self._store.renew(lambda present: self._next(present, made, now), now)
        self._take(stored)

    def _next_start(self, present: Sequence[StoredKey], now: float) -> float | None:
        """From when a new key has to sign; None while there is no need for one."""
        ours = [one for one in present if one.algorithm == self._algorithm and self._opens(one)]
        end = max((one.signs_until for one in ours), default=float("-inf"))
        if end > now + LEAD:
            return None
        return max(end, now)

    def _next(self, present: Sequence[StoredKey], made: Key, now: float) -> StoredKey | None:
        start = self._next_start(present, now)
        if start is None:
            return None
        assert made.kid is not None  # the thumbprint
        _log.info("a new signing key was made", kid=made.kid, algorithm=self._algorithm)
        return StoredKey(
            kid=made.kid,
            algorithm=self._algorithm,
            private_key=self._seal.close(orjson.dumps(made.as_dict(private=True)).decode()),
            signs_from=start,
            signs_until=start + self._signing,
            published_until=start + self._signing + self._resting,
        )

    def _opens(self, stored: StoredKey) -> bool:
        return stored.kid in self._keys or self._seal.open(stored.private_key) is not None

    def _take(self, stored: Sequence[StoredKey]) -> None:
        taken: dict[str, SigningKey] = {}
        for one in stored:
            known = self._keys.get(one.kid) or self._opened(one)
            if known is not None:
                taken[one.kid] = known
        self._keys = taken
        self._read_at = self._clock()

    def _opened(self, stored: StoredKey) -> SigningKey | None:
        text = self._seal.open(stored.private_key)
        try:
            key = None if text is None else JWKRegistry.import_key(orjson.loads(text))
        except (JoseError, ValueError):
            key = None
        if key is None:
            _log.warning("a signing key cannot be read: auth.keyStore.secret is another now", kid=stored.kid)
            return None
        times = stored.signs_from, stored.signs_until, stored.published_until
        return SigningKey(stored.kid, stored.algorithm, key, *times)
