"""Verifies the tokens of identity providers: signature, issuer, audience, time and nonce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from callboard.access.identity.remote_keys import RemoteKeySet
from callboard.access.signin.profile import SignInError

LEEWAY = 60
"""Seconds by which the provider's clock may be wrong."""
MAX_TOKEN = 32_768
MAX_HEADER = 8192


@dataclass(frozen=True, slots=True)
class Expected:
    """What the claims of a token must say. A `nonce` of None is not asked for."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    nonce: str | None = None


async def verified_claims(token: str, keys: RemoteKeySet, expected: Expected) -> dict[str, Any]:
    """The claims (JSON, hence Any) of a token that is what it must be. Raises SignInError."""
    if not token or len(token) > MAX_TOKEN:
        raise SignInError("denied", "the provider sent no token, or one that is too long")
    # Providers put headers of their own into tokens; those that must be understood are marked as such.
    registry = JWSRegistry(algorithms=list(expected.algorithms), strict_check_header=False)
    registry.max_header_length = MAX_HEADER
    try:
        header = jws.extract_compact(token.encode(), registry=registry).headers()
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in expected.algorithms:
            raise SignInError("denied", "the token is signed with an algorithm that is not accepted")
        key = await keys.find(kid if isinstance(kid, str) else None, algorithm)
        if key is None:
            raise SignInError("denied", "the token is signed with a key that the provider does not have")
        claims = jwt.decode(token, key, algorithms=[algorithm], registry=registry).claims
        _check(claims, expected)
    except (JoseError, ValueError, TypeError) as error:
        raise SignInError("denied", f"the token is not valid: {type(error).__name__} {error}"[:300]) from None
    return dict(claims)


def _check(claims: dict[str, Any], expected: Expected) -> None:
    """Raises JoseError or SignInError."""
    rules: Any = {  # by claim; its type is known to joserfc only as keyword arguments
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.audience},
        "sub": {"essential": True},
        "exp": {"essential": True},
    }
    if expected.nonce is not None:  # an ID token, which also says when it was made
        rules["iat"] = {"essential": True}
        rules["nonce"] = {"essential": True, "value": expected.nonce}
    jwt.JWTClaimsRegistry(leeway=LEEWAY, **rules).validate(claims)
    if expected.nonce is None:
        return
    # Of an ID token only; other tokens are rightly presented by others than those they are for.
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    presenter = claims.get("azp", expected.audience if len(audiences) == 1 else None)
    if presenter != expected.audience:
        raise SignInError("denied", "the token was made for another client")
