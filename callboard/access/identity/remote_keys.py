"""The public keys of another issuer, fetched from the address the operator configured and no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, OctKey

MAX_BYTES = 512 * 1024
MAX_KEYS = 100
SECONDS = 5.0
"""How long a fetch may take."""
FRESH = 600.0
"""How long keys are used before they are fetched anew, in seconds."""
STALE = 3600.0
"""How long, in seconds, they are used on when the issuer cannot be reached."""
AGAIN = 30.0
"""An unknown kid, or a failure, leads to a fetch at most this often, in seconds."""

_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519", "Ed25519": "Ed25519"}

_log = structlog.get_logger(__name__)


class RemoteKeySet:
    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self.url = url
        self._clock = clock
        self._keys: list[Key] = []
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._fetching = asyncio.Lock()
        # No proxy settings or netrc of the environment, no redirects: only this address answers.
        self._http = httpx.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """The key of this name that may check this algorithm; without a name, the only one that may."""
        found = self._pick(kid, algorithm)
        if self._is_due(found is None):
            async with self._fetching:
                if self._is_due(self._pick(kid, algorithm) is None):
                    await self._fetch()
            found = self._pick(kid, algorithm)
        return found if self._clock() - self._fetched < FRESH + STALE else None

    def _is_due(self, unknown: bool) -> bool:
        now = self._clock()
        return (unknown or now - self._fetched >= FRESH) and now - self._tried >= AGAIN

    def _pick(self, kid: str | None, algorithm: str) -> Key | None:
        able = [key for key in self._keys if _may_check(key, algorithm)]
        if kid is None:
            return able[0] if len(able) == 1 else None
        return next((key for key in able if key.kid == kid), None)

    async def _fetch(self) -> None:
        self._tried = self._clock()
        try:
            async with asyncio.timeout(SECONDS):
                self._keys = _read(await self._download())
            self._fetched = self._clock()
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            _log.warning("the keys of an issuer could not be fetched", url=self.url, problem=repr(error))

    async def _download(self) -> bytes:
        """ValueError for an answer that is not a success, or too large."""
        body = bytearray()
        async with self._http.stream("GET", self.url, headers={"accept": "application/json"}) as answer:
            if answer.status_code != 200:
                raise ValueError(f"status {answer.status_code}")
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise ValueError(f"more than {MAX_BYTES} bytes")
        return bytes(body)


def _read(body: bytes) -> list[Key]:
    """The keys that can be understood, but shared secrets; ValueError when it is no key set."""
    document = orjson.loads(body)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no key set")
    keys: list[Key] = []
    for one in listed[:MAX_KEYS]:
        try:
            key = JWKRegistry.import_key(one)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue  # a kind of key that is not known must not hide the others
        if not isinstance(key, OctKey):
            keys.append(key)
    return keys


def _may_check(key: Key, algorithm: str) -> bool:
    """A key serves the algorithm it declares, of its own kind and curve, and only for signatures."""
    declared = key.as_dict(private=False)
    if _KINDS.get(algorithm[:2]) != key.key_type or declared.get("use", "sig") != "sig":
        return False
    if algorithm in _CURVES and declared.get("crv") != _CURVES[algorithm]:
        return False
    return declared.get("alg", algorithm) == algorithm
