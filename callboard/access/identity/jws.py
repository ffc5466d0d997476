"""Signing and checking compact JSON Web Signatures with a key whose algorithm is known beforehand.

The header of a token never decides how it is checked: it only says which key to look for.
"""

from __future__ import annotations

import json
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


def generate(algorithm: str) -> Key:
    """A new private key for an algorithm of `settings.ALGORITHMS`; its kid is its thumbprint."""
    key: Key
    if algorithm in _CURVES:
        key = ECKey.generate_key(_CURVES[algorithm], {"alg": algorithm, "use": "sig"}, auto_kid=True)
    else:
        key = RSAKey.generate_key(2048, {"alg": algorithm, "use": "sig"}, auto_kid=True)
    return key


def sign(key: Key, algorithm: str, typ: str, payload: dict[str, Any]) -> str:
    """The token. Header and payload keep their order, because limited tokens are rebuilt from parts."""
    header = {"typ": typ, "alg": algorithm, "kid": key.kid}
    return jws.serialize_compact(header, orjson.dumps(payload), key, algorithms=[algorithm])


def encoded(value: dict[str, Any]) -> str:
    """A header or payload as it stands in a token."""
    return urlsafe_b64encode(orjson.dumps(value)).decode()


def header_of(token: str) -> dict[str, Any] | None:
    """The header of what looks like a token, unverified; None for anything else (JSON, hence Any)."""
    if token.count(".") != 2:
        return None
    return _object(token.partition(".")[0])


def payload_of(token: str) -> dict[str, Any] | None:
    """The payload of what looks like a token, unverified."""
    return _object(token.split(".")[1]) if token.count(".") == 2 else None


def verified(token: str, key: Key, algorithm: str) -> dict[str, Any] | None:
    """The payload when `key` signed the token by exactly this algorithm, else None."""
    try:
        # Other issuers put more into headers than the standard names; none of it has a say here.
        registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        signed = jws.deserialize_compact(token, key, registry=registry)
        payload = json.loads(signed.payload)
    except (JoseError, ValueError, TypeError):
        return None
    return payload if isinstance(payload, dict) else None


def whole_number(value: Any) -> int | None:
    """A time claim in seconds since 1970; None for what is not a number that could be one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        return None
    return int(value)


def _object(part: str) -> dict[str, Any] | None:
    try:
        value = orjson.loads(urlsafe_b64decode(part.encode()))
    except ValueError:  # binascii.Error and orjson's errors are ValueErrors
        return None
    return value if isinstance(value, dict) else None
