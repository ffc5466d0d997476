"""Any proxy in front of Callboard that names the person in a header, in plain or as a signed token.

trusted-header:
  trustedAddresses: [10.0.0.0/8]
  headers: {user: X-User, email: X-Email, name: X-Name}     # either this
  jwt: {header: X-Token, jwksUrl: https://…, issuer: https://…, audience: portal}     # or this
"""

from __future__ import annotations

import time

from starlette.datastructures import Headers

from callboard.access.identity.remote_keys import RemoteKeySet
from callboard.access.signin.entry import Entry
from callboard.access.signin.profile import Profile, SignInError, profile_of_claims
from callboard.access.signin.provider import ALGORITHMS, ProxiedProvider
from callboard.access.signin.providers.oauth2_proxy import only
from callboard.access.signin.verify import Expected, verified_claims


def read(entry: Entry) -> ProxiedProvider:
    if entry.has("jwt") == entry.has("headers"):
        raise entry.mistake((), "needs either headers or jwt")
    return ProxiedProvider(
        id=entry.id,
        title=entry.text("title", "Single sign-on"),
        trusted=entry.networks("trustedAddresses"),
        read=(_signed(entry) if entry.has("jwt") else _plain(entry)).read,
        resolvers=entry.resolvers(),
    )


class _Plain:
    def __init__(self, user: str, email: str | None, name: str | None) -> None:
        self._user, self._email, self._name = user, email, name

    async def read(self, headers: Headers) -> Profile:
        user = only(headers, self._user)
        if user is None:
            raise SignInError("denied", f"the proxy sent no {self._user}")
        email = only(headers, self._email) if self._email else None
        name = only(headers, self._name) if self._name else None
        return Profile(subject=user, username=user, email=email, name=name)


class _Signed:
    def __init__(self, header: str, keys: RemoteKeySet, expected: Expected) -> None:
        self._header, self._keys, self._expected = header, keys, expected

    async def read(self, headers: Headers) -> Profile:
        token = only_token(headers, self._header)
        return profile_of_claims(await verified_claims(token, self._keys, self._expected))


def only_token(headers: Headers, name: str) -> str:
    """A signed token in a header, with or without `Bearer`."""
    values = headers.getlist(name)
    if len(values) != 1:
        raise SignInError("denied", f"the header {name} was sent {len(values)} times")
    return values[0].removeprefix("Bearer ").strip()


def _plain(entry: Entry) -> _Plain:
    return _Plain(entry.text("headers.user"), entry.optional("headers.email"), entry.optional("headers.name"))


def _signed(entry: Entry) -> _Signed:
    url = entry.address("jwt.jwksUrl")
    algorithms = entry.words("jwt.algorithms") or ALGORITHMS
    if unknown := sorted(set(algorithms) - set(ALGORITHMS)):
        raise entry.mistake(("jwt", "algorithms"), f"{', '.join(unknown)} is not accepted")
    expected = Expected(
        issuer=entry.text("jwt.issuer"),
        audience=entry.text("jwt.audience"),
        algorithms=tuple(algorithms),
    )
    return _Signed(entry.text("jwt.header"), RemoteKeySet(url, time.time), expected)
