"""The flow with the browser's help: OAuth 2's authorization code with PKCE, and OpenID Connect's ID token."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import Any

import httpx

from callboard.access.signin.discovery import Discovery, Endpoints
from callboard.access.signin.outgoing import SECONDS, Guarded, get_json
from callboard.access.signin.pending import Keys
from callboard.access.signin.profile import Profile, SignInError, text
from callboard.access.signin.provider import Fixed, OAuthProvider
from callboard.access.signin.returned import Returned
from callboard.access.signin.verify import Expected, verified_claims

with warnings.catch_warnings():
    # Authlib has no types. Its warning that httpx has a successor says nothing about us; the first of these
    # modules sets a filter of its own when it is imported.
    import authlib.deprecate

    warnings.simplefilter("ignore", authlib.deprecate.AuthlibDeprecationWarning)
    from authlib.integrations.base_client.errors import OAuthError
    from authlib.integrations.httpx_client import AsyncOAuth2Client

_CODE = re.compile(r"[\x21-\x7e]{1,4096}")


class OAuthFlow:
    """One provider, with what has been discovered about it."""

    def __init__(self, provider: OAuthProvider) -> None:
        self.provider = provider
        self._discovery = Discovery(provider)

    async def authorization_url(self, keys: Keys) -> str:
        """Where to send the browser. Raises SignInError when the provider's metadata cannot be had."""
        endpoints = await self._discovery.endpoints()
        asked = {**self.provider.parameters, **({"nonce": keys.nonce} if endpoints.issuer else {})}
        async with self._client(endpoints) as client:
            url, _ = client.create_authorization_url(
                endpoints.authorize, state=keys.state, code_verifier=keys.verifier, **asked
            )
        return str(url)

    async def profile(self, returned: Returned, keys: Keys) -> Profile:
        """Who came back. Raises SignInError for anything that is not exactly as it must be."""
        if returned.error is not None:
            raise SignInError("denied", f"the provider answered {returned.error[:100]!r}")
        if returned.code is None or not _CODE.fullmatch(returned.code):
            raise SignInError("denied", "the provider sent no code")
        endpoints = await self._discovery.endpoints()
        self._check_issuer(endpoints, returned.issuer)
        token = await self._token(endpoints, returned.code, keys)
        access = text_of_token(token.get("access_token"))
        known = self.provider.endpoints
        if isinstance(known, Fixed):
            return await known.read(lambda url: get_json(url, endpoints.allowed, access), known.user)
        return self.provider.profile_of(await self._claims(endpoints, token, access, keys))

    def _client(self, endpoints: Endpoints) -> Any:
        """Authlib's client, which has no types, hence Any."""
        return AsyncOAuth2Client(
            client_id=self.provider.client_id,
            client_secret=self.provider.client_secret.get_secret_value(),
            token_endpoint_auth_method=endpoints.token_auth,
            scope=" ".join(self.provider.scopes),
            redirect_uri=self.provider.callback_url,
            code_challenge_method="S256",
            transport=Guarded(endpoints.allowed),
            timeout=SECONDS,
            follow_redirects=False,
            trust_env=False,
        )

    def _check_issuer(self, endpoints: Endpoints, issuer: str | None) -> None:
        """An answer of one provider must not be taken for that of another (RFC 9207)."""
        if endpoints.issuer is None or (issuer is None and not endpoints.names_itself):
            return
        if issuer != endpoints.issuer:
            raise SignInError("denied", "the answer names another issuer")

    async def _token(self, endpoints: Endpoints, code: str, keys: Keys) -> Mapping[str, Any]:
        async with self._client(endpoints) as client:
            try:
                token = await client.fetch_token(
                    endpoints.token,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=keys.verifier,
                    redirect_uri=self.provider.callback_url,
                )
            except OAuthError as error:
                raise SignInError(
                    "denied", f"the token endpoint answered {str(error.error)[:100]!r}"
                ) from None
            # What the endpoint answers may be no JSON at all; Authlib raises for a status of 500 and above.
            except (httpx.HTTPError, ValueError, TypeError) as error:
                raise SignInError("provider", f"the token endpoint failed: {type(error).__name__}") from None
        if not isinstance(token, Mapping):
            raise SignInError("provider", "the token endpoint did not answer with an object")
        return token

    async def _claims(
        self, endpoints: Endpoints, token: Mapping[str, Any], access: str, keys: Keys
    ) -> dict[str, Any]:
        """The claims of the ID token, and of the userinfo endpoint where the token lacks them."""
        assert endpoints.issuer is not None
        assert endpoints.keys is not None
        expected = Expected(
            issuer=endpoints.issuer,
            audience=self.provider.client_id,
            algorithms=self.provider.algorithms,
            nonce=keys.nonce,
        )
        claims = await verified_claims(text_of_token(token.get("id_token")), endpoints.keys, expected)
        if endpoints.user is None or ("email" in claims and "name" in claims):
            return claims
        more = await get_json(endpoints.user, endpoints.allowed, access)
        if not isinstance(more, dict) or text(more.get("sub")) != text(claims.get("sub")):
            raise SignInError("denied", "the userinfo endpoint told about somebody else")
        return {**more, **claims}


def text_of_token(value: Any) -> str:
    """A token of the token endpoint's answer (JSON, hence Any). Raises SignInError when it is missing."""
    if not isinstance(value, str) or not value:
        raise SignInError("denied", "the token endpoint sent no token")
    return value
