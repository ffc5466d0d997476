"""Backstage's tokens (contract note C1): for users, limited ones for cookies, and between plugins.

Everything a token says is checked against what its key and kind allow, with the same words for whatever is
wrong. A token that passed is remembered until it expires, so that checking it again costs microseconds;
what may change meanwhile (the key, whether the user's tokens were revoked, what the user owns) is asked anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from callboard.access.identity import jws
from callboard.access.identity.bounded import Bounded
from callboard.access.identity.keys import LEEWAY, PLUGIN_TOKEN_LIFE, Keys, SigningKey
from callboard.access.identity.settings import IdentitySettings
from callboard.access.identity.users import Users
from callboard.access.principals import Principal
from callboard.core.errors import AuthenticationError, NotAllowedError

USER, LIMITED, PLUGIN = "vnd.backstage.user", "vnd.backstage.limited-user", "vnd.backstage.plugin"
AUDIENCE = "backstage"
MAX_TOKEN = 32_768
BEHALF_LIFE = 600
"""How long, in seconds, a plugin may act for a user with one token."""
REMEMBERED = 5_000

_PLUGIN_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HEADER = {"typ", "alg", "kid"}


def illegal() -> AuthenticationError:
    """The one answer to a token that is not accepted, whatever is wrong with it."""
    return AuthenticationError("Illegal token")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a token that passed says. `subject` is a user's ref, or the id of the plugin that calls.

    Times are seconds since 1970; `issued` is that of the user's own token. `behalf` is the user a plugin
    acts for.
    """

    kind: Literal["user", "limited", "plugin"]
    kid: str
    subject: str
    issued: int
    expires: int
    audience: str = ""
    behalf: str | None = None


class Tokens:
    def __init__(
        self, keys: Keys, users: Users, settings: IdentitySettings, clock: Callable[[], float]
    ) -> None:
        self._keys = keys
        self._users = users
        self._settings = settings
        self._clock = clock
        self._passed: Bounded[bytes, Checked] = Bounded(REMEMBERED)

    @staticmethod
    def is_own(token: str) -> bool:
        """Whether the token says it is one of these; nothing is verified."""
        header = jws.header_of(token)
        return header is not None and header.get("typ") in (USER, LIMITED, PLUGIN)

    async def issue_user_token(self, ref: str, owns: Sequence[str], *, live: bool = True) -> tuple[str, int]:
        """A user token and its life in seconds. What the user owns is kept here, for userinfo.

        `live` as in `signed_in`. The caller has made sure who the user is.
        """
        ref = ref.lower()
        info = await self._users.remember(ref, owns, live=live)
        signer = await self._keys.signing()
        issued = max(int(self._clock()), int(info.valid_from))
        claims: dict[str, Any] = {"iss": self._settings.issuer, "sub": ref}
        if self._settings.ent_in_token:
            claims["ent"] = list(await self._users.owns(ref, info))
        times = {"iat": issued, "exp": issued + self._settings.token_life}
        proof = _limited(signer, ref, issued, times["exp"]).rpartition(".")[2]
        token = _sign(signer, USER, {**claims, "aud": AUDIENCE, **times, "uip": proof})
        if len(token) > MAX_TOKEN:
            raise NotAllowedError(f"The user is a member of too many groups for a token of {MAX_TOKEN} bytes")
        return token, self._settings.token_life

    async def limited_token(self, token: str) -> tuple[str, int]:
        """The limited token in a user token, and when it expires (seconds since 1970)."""
        checked = await self._check(token)
        header, payload = jws.header_of(token), jws.payload_of(token)
        if checked.kind != "user" or header is None or payload is None or not isinstance(payload["uip"], str):
            raise illegal()
        head = {"typ": LIMITED, "alg": header["alg"], "kid": header["kid"]}
        body = {name: payload[name] for name in ("sub", "iat", "exp")}
        return ".".join([jws.encoded(head), jws.encoded(body), payload["uip"]]), checked.expires

    async def issue_limited_token(self, ref: str) -> tuple[str, int]:
        """A limited token for a user known otherwise, such as by a session, and when it expires."""
        info = await self._users.read(ref)
        issued = max(int(self._clock()), int(info.valid_from) if info else 0)
        expires = issued + self._settings.token_life
        return _limited(await self._keys.signing(), ref, issued, expires), expires

    async def issue_plugin_token(
        self, source: str, target: str, on_behalf_of: Principal | None = None
    ) -> str:
        """A token by which plugin `source` calls plugin `target`, for itself or for a user.

        NotAllowedError for principals that must not be passed on: nobody, and whoever is restricted (the
        target would not know of the restriction).
        """
        if not _PLUGIN_ID.fullmatch(source) or not _PLUGIN_ID.fullmatch(target):
            raise ValueError("tokens are between plugins, named by their ids")
        if on_behalf_of is not None and on_behalf_of.restrictions is not None:
            raise NotAllowedError("A restricted token cannot be passed on to another plugin")
        if on_behalf_of is not None and on_behalf_of.type == "none":
            raise NotAllowedError("A plugin cannot act for nobody")
        signer = await self._keys.signing()
        user = on_behalf_of.user if on_behalf_of else None
        issued = int(self._clock())
        payload: dict[str, Any] = {"sub": source, "aud": target, "iat": issued}
        if user is None:
            return _sign(signer, PLUGIN, {**payload, "exp": issued + PLUGIN_TOKEN_LIFE})
        info = await self._users.read(user)
        since = max(issued, int(info.valid_from)) if info else issued
        expires = since + BEHALF_LIFE
        return _sign(
            signer, PLUGIN, {**payload, "exp": expires, "obo": _limited(signer, user, since, expires)}
        )

    async def verify(self, token: str, *, plugin: str | None = None, limited: bool = False) -> Principal:
        """Who the token belongs to; AuthenticationError for whatever is wrong.

        `plugin` is the plugin that was called: tokens between plugins are good for no other. `limited` says
        whether a limited token will do.
        """
        checked = await self._check(token)
        if checked.kind == "plugin":
            if plugin is None or checked.audience != plugin:
                raise illegal()
            actor = f"plugin:{checked.subject}"
            if checked.behalf is None:
                return Principal("service", actor, means="plugin")
            owns = await self._valid_user(checked.behalf, checked.issued)
            return Principal("user", checked.behalf, owns, actor=actor, means="plugin")
        if checked.kind == "limited" and not limited:
            raise illegal()
        owns = await self._valid_user(checked.subject, checked.issued)
        means: Literal["limited", "token"] = "limited" if checked.kind == "limited" else "token"
        return Principal("user", checked.subject, owns, means=means)

    async def _valid_user(self, ref: str, issued: int) -> tuple[str, ...]:
        info = await self._users.read(ref)
        if info is not None and issued < info.valid_from:
            raise illegal()
        return await self._users.owns(ref, info)

    async def _check(self, token: str) -> Checked:
        if len(token) > MAX_TOKEN:
            raise illegal()
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        checked = self._passed.get(digest)
        if checked is None:
            checked = await self._read(token, (USER, LIMITED, PLUGIN))
            if checked is None:
                raise illegal()
            self._passed.put(digest, checked)
        elif checked.expires + LEEWAY <= self._clock() or await self._keys.find(checked.kid) is None:
            self._passed.drop(digest)
            raise illegal()
        return checked

    async def _read(self, token: str, kinds: Sequence[str]) -> Checked | None:
        """The token, wholly verified; None when anything is wrong."""
        header = jws.header_of(token)
        if header is None or header.keys() != _HEADER or header["typ"] not in kinds:
            return None
        signer = await self._keys.find(header["kid"]) if isinstance(header["kid"], str) else None
        if signer is None or header["alg"] != signer.algorithm:
            return None
        payload = jws.verified(token, signer.key, signer.algorithm)
        if payload is None:
            return None
        subject = payload.get("sub")
        issued, expires = jws.whole_number(payload.get("iat")), jws.whole_number(payload.get("exp"))
        now = self._clock()
        if not isinstance(subject, str) or not subject or issued is None or expires is None:
            return None
        if issued > now + LEEWAY or expires + LEEWAY <= now:
            return None
        if header["typ"] == LIMITED:
            return Checked("limited", signer.kid, subject, issued, expires)
        if header["typ"] == USER:
            right = payload.get("iss") == self._settings.issuer and payload.get("aud") == AUDIENCE
            return Checked("user", signer.kid, subject, issued, expires) if right else None
        return await self._read_plugin(payload, Checked("plugin", signer.kid, subject, issued, expires))

    async def _read_plugin(self, payload: dict[str, Any], token: Checked) -> Checked | None:
        audience = payload.get("aud")
        if not isinstance(audience, str) or not _PLUGIN_ID.fullmatch(token.subject):
            return None
        if "obo" not in payload:
            return Checked("plugin", token.kid, token.subject, token.issued, token.expires, audience)
        inner = await self._read(payload["obo"], (LIMITED,)) if isinstance(payload["obo"], str) else None
        if inner is None:
            return None
        ends = min(token.expires, inner.expires)
        return Checked("plugin", token.kid, token.subject, inner.issued, ends, audience, inner.subject)


def _limited(signer: SigningKey, ref: str, issued: int, expires: int) -> str:
    return _sign(signer, LIMITED, {"sub": ref, "iat": issued, "exp": expires})


def _sign(signer: SigningKey, typ: str, payload: dict[str, Any]) -> str:
    return jws.sign(signer.key, signer.algorithm, typ, payload)
