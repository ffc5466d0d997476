"""Releases: published by people with a submission, or from CI with a token; never twice, never replaced."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Sequence
from typing import Any

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from callboard.access.principals import Principal
from callboard.core.errors import AuthenticationError, ConflictError, InputError, NotAllowedError
from callboard.marketplace.checks import Submitted, read_declared
from callboard.marketplace.desk import store
from callboard.marketplace.desk.artefacts import WHEEL, Artefacts
from callboard.marketplace.desk.attested import Attested
from callboard.marketplace.desk.examine import examined
from callboard.marketplace.desk.office import Asker, Office
from callboard.marketplace.desk.provider import publish_listing
from callboard.marketplace.desk.publisher_mail import tell_about
from callboard.marketplace.desk.records import Json, Publisher, Release, Token
from callboard.marketplace.desk.tables import releases, tokens
from callboard.plugins.contract import API
from callboard.plugins.install.wheel import Wheel

PREFIX = "cbm_"
SCOPES = ("release", "yank", "read")
MOST_TOKENS = 50
MOST_DAYS = 366
_TOKEN = re.compile(r"cbm_([0-9a-f]{24})_([A-Za-z0-9_-]{43})")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{1,198}\.whl")


class Releases:
    def __init__(self, office: Office) -> None:
        self._office = office

    # Tokens

    async def create_token(
        self,
        asker: Asker,
        publisher: str,
        *,
        name: str,
        scopes: Sequence[str],
        listing: str = "",
        days: int = 90,
    ) -> tuple[Token, str]:
        """A token for CI, and its text, which nobody sees again. `listing` restricts it to one."""
        asker.note("publisher-token-create", "high", publisher=publisher, name=name[:100])
        await self._office.require_role(asker, publisher, "owner", "maintainer")
        name = name.strip()
        if not 0 < len(name) <= 100 or not name.isprintable():
            raise InputError("name must be a line of 1 to 100 characters")
        if not scopes or (wrong := sorted(set(scopes) - set(SCOPES))):
            raise InputError(f"scopes must be some of {', '.join(SCOPES)}, not {', '.join(wrong) or 'none'}")
        if not 0 < days <= MOST_DAYS:
            raise InputError(f"A token lives 1 to {MOST_DAYS} days")
        id, secret, now = store.new_id(), secrets.token_urlsafe(32), time.time()

        async def work(rows: store.Rows) -> Token:
            if listing and (await store.listing(rows, listing)).publisher != publisher:
                raise InputError(f"The publisher has no listing {listing}")
            if await store.count_tokens(rows, publisher) >= MOST_TOKENS:
                raise ConflictError(f"The publisher has {MOST_TOKENS} tokens: revoke one first")
            await store.add(
                rows,
                tokens,
                "There is such a token",
                id=id,
                publisher=publisher,
                name=name,
                listing=listing,
                scopes=sorted(set(scopes)),
                secret=_hashed(secret),
                created_by=asker.name,
                created_at=now,
                expires_at=now + days * 86400.0,
                used_at=None,
            )
            await self._tell(rows, addresses, asker, of, f"{name} was made")
            found = await store.token(rows, id)
            assert found is not None
            return found[0]

        of = await self._office.read(lambda rows: store.publisher(rows, publisher))
        addresses = await self._office.addresses(of)
        made = await self._office.write(work)
        self._office.post()
        return made, f"{PREFIX}{id}_{secret}"

    async def revoke_token(self, asker: Asker, publisher: str, id: str) -> None:
        asker.note("publisher-token-revoke", "high", publisher=publisher, token=id[:24])
        await self._office.require_role(asker, publisher, "owner", "maintainer")

        async def work(rows: store.Rows) -> None:
            known = await store.token(rows, id)
            await store.drop_token(rows, publisher, id)
            named = known[0].name if known is not None else "one"
            await self._tell(rows, addresses, asker, of, f"{named} was revoked")

        of = await self._office.read(lambda rows: store.publisher(rows, publisher))
        addresses = await self._office.addresses(of)
        await self._office.write(work)
        self._office.post()

    async def _tell(
        self, rows: store.Rows, to: Sequence[str], asker: Asker, of: Publisher, what: str
    ) -> None:
        """Write down, and mail, what became of a token."""
        await store.note(rows, of.subject, asker.name, "token", what)
        await tell_about(self._office, rows, to, "token", asker, of, what)

    async def tokens(self, asker: Asker, publisher: str) -> list[Token]:
        await self._office.require_role(asker, publisher, "owner", "maintainer")
        return await self._office.read(lambda rows: store.tokens_of(rows, publisher))

    async def token(self, text: str, scope: str) -> Token:
        """The token of this text. Raises AuthenticationError, and NotAllowedError outside its scopes."""
        match = _TOKEN.fullmatch(text.strip())
        found = None if match is None else await self._office.read(lambda rows: store.token(rows, match[1]))
        # One message for all that is wrong: who forges learns nothing.
        if match is None or found is None or not hmac.compare_digest(found[1], _hashed(match[2])):
            raise AuthenticationError("This is no token of a publisher")
        if found[0].expires_at < time.time():
            raise AuthenticationError("The token has expired")
        if scope not in found[0].scopes:
            raise NotAllowedError(f"The token may not do this: it lacks the scope {scope}")
        if found[0].used_at is None or found[0].used_at < time.time() - 60:
            await self._office.write(lambda rows: store.use_token(rows, found[0].id))
        return found[0]

    # Releases

    async def upload(
        self,
        token: Token,
        asker: Asker,
        listing: str,
        *,
        filename: str,
        content: bytes,
        changelog: str = "",
        attestation: bytes | None = None,
    ) -> tuple[Release, bool]:
        """Release a version of a published listing; whether it is new. The same bytes again change nothing.

        `attestation` says who built it; see `attested`. Raises InputError with every finding that refuses it,
        ConflictError for a version that is there with other bytes, NotAllowedError when it asks for more than
        reviewers have seen.
        """
        asker.note("release-upload", "high", listing=listing[:63], filename=filename[:200])
        self._office.limit(asker, "upload", 60, 3600)
        wheel_filename(filename)
        known = await self._office.read(lambda rows: store.listing(rows, listing))
        check_token(token, known.publisher, listing)
        publisher = await self._office.read(lambda rows: store.publisher(rows, known.publisher))
        if publisher.state != "approved" or known.taken_down:
            told = "is taken down" if known.taken_down else f"is of a publisher that is {publisher.state}"
            raise NotAllowedError(f"{listing} {told}")
        sha256 = hashlib.sha256(content).hexdigest()
        before = await self._office.read(lambda rows: store.release_with(rows, sha256))
        if before is not None:
            if before.listing != listing:
                raise ConflictError("This very wheel was released for another listing")
            if attestation is not None:
                before = await Attested(self._office).attest(
                    token, asker, listing, before.version, attestation
                )
            return before, False
        fields = {name: value for name, value in known.fields.items() if name != "readme"}
        given = Submitted(filename, content, read_declared(fields), changelog=changelog)
        done = await examined(self._office, given, known.publisher, links=False)
        taken = [one for one in done.findings if one.code == "version-taken"]
        if taken:
            raise ConflictError(taken[0].message)
        if not done.passed or done.wheel is None or done.wheel.manifest is None:
            wrong = [one for one in done.findings if one.level == "error"]
            raise InputError(
                "\n".join(f"{one.field}: {one.message}" if one.field else one.message for one in wrong)
            )
        asked = {str(need["name"]) for need in done.wheel.manifest["needs"]}
        if new := sorted(asked - set(known.needs)):
            raise NotAllowedError(
                f"It asks for more than was reviewed ({', '.join(new)}): submit it for review instead"
            )
        attested = (
            {} if attestation is None else await Attested(self._office).kept(filename, sha256, attestation)
        )
        await Artefacts(self._office.database, self._office.settings.artefacts).keep(filename, WHEEL, content)
        wheel = done.wheel

        async def work(rows: store.Rows) -> Release:
            await add_release(
                rows,
                listing,
                wheel,
                requires_python=done.requires_python,
                changelog=changelog,
                by=asker.name,
                attested=attested,
            )
            values = {"fields": {**known.fields, "readme": done.readme}}
            await store.change_listing(rows, listing, **values)
            await store.note(rows, known.subject, asker.name, "release", wheel.version)
            await self._office.tell(
                rows,
                addresses,
                "release",
                asker,
                title=known.title,
                path=f"/marketplace/desk/listings/{listing}",
                publisher=publisher.title,
                detail=wheel.version,
                reason=changelog,
            )
            return await store.release(rows, listing, wheel.version)

        addresses = await self._office.addresses(publisher)
        made = await self._office.write(work)
        self._office.post()
        await publish_listing(self._office, listing)
        return made, True


async def add_release(
    rows: store.Rows,
    listing: str,
    wheel: Wheel,
    *,
    requires_python: str,
    changelog: str,
    by: str,
    attested: Json | None = None,
) -> None:
    """Part of a transaction. Raises ConflictError when the version is there: of two at once one wins."""
    assert wheel.manifest is not None
    await store.add(
        rows,
        releases,
        f"{wheel.name} {wheel.version} was released already; a version is never replaced",
        listing=listing,
        version=wheel.version,
        distribution=wheel.name,
        filename=wheel.filename,
        sha256=wheel.sha256,
        size=len(wheel.content),
        manifest=wheel.manifest,
        requires_python=requires_python,
        supports=supports(wheel),
        changelog=changelog,
        released_by=by,
        released_at=time.time(),
        yanked_at=None,
        yanked_reason="",
        attested=attested or {},
    )


def supports(wheel: Wheel) -> Json:
    """What the wheel says it works with: the contract's version, and its requirement of Callboard."""
    wanted = [str(one.specifier) for one in wheel.requires if one.name.lower() == "callboard"]
    return {"callboard": wanted[0] if wanted and wanted[0] else f"contract {API}"}


def check_token(token: Token, publisher: str, listing: str) -> None:
    """Raises NotAllowedError for a listing that the token is not for."""
    if token.publisher != publisher or token.listing not in ("", listing):
        raise NotAllowedError(f"The token is not for {listing}")


def wheel_filename(filename: str) -> str:
    """Raises InputError for what is no name of a wheel."""
    try:
        if _FILE.fullmatch(filename) is None:
            raise InputError("The name of the wheel must be like a_plugin-1.0-py3-none-any.whl")
        parse_wheel_filename(filename)
    except InvalidWheelFilename as error:
        raise InputError(f"{filename} is not the name of a wheel: {error}") from None
    return filename


def token_asker(token: Token, request: Any) -> Asker:
    """CI as one who asks; `request` is Starlette's (Any: tests have none)."""
    return Asker(Principal("service", f"marketplace:{token.publisher}/{token.id}", means="external"), request)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
