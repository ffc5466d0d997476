"""Where the visitor is signed in, and the access tokens the visitor made: lists, and the forms about them.

As in the API, only somebody who signed in with this browser may look after them: a token that leaked must
not give itself a longer life.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.responses import Response

from callboard.access.identity.personal import PersonalToken
from callboard.access.identity.service import Identity
from callboard.access.identity.session_store import Session
from callboard.core.errors import InputError, NotAllowedError, NotFoundError
from callboard.web.shapes import whole_number
from callboard.web.view import View

DAY = 86400
DAYS = (7, 30, 90, 180, 365)
"""For how long a token may be wanted."""
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Access:
    """What the settings show of it. `days` are the lives of a token that can be chosen; `now` in seconds."""

    sessions: list[Session]
    current: str | None
    tokens: list[PersonalToken]
    days: list[int]
    now: float


@dataclass(frozen=True, slots=True)
class Made:
    """A token that was just made: its name, and the secret that is shown this once."""

    name: str
    secret: str = field(repr=False)


async def access_of(view: View) -> Access | None:
    """None where nobody is signed in with this browser."""
    identity, user = view.identity, view.user
    if identity is None or user is None or view.principal.means != "session":
        return None
    most = identity.settings.personal_most / DAY
    days = [one for one in DAYS if one <= most] or [max(1, int(most))]
    sessions, tokens = await identity.sessions.of(user), await identity.personal.of(user)
    return Access(sessions, view.principal.session, tokens, days, identity.clock())


async def change_sessions(view: View) -> Response:
    """`POST /settings/sessions`: end the session `id`, or with `all` every one but this browser's."""
    identity, user = _signed_in(view)
    form = await view.form()
    if "all" in form:
        await identity.sessions.revoke_all(user, keep=view.principal.session)
    elif not await identity.sessions.revoke(form.get("id", [""])[0], of=user):
        raise NotFoundError("There is no such session any more.")
    return await view.redirect("/settings?saved=yes#settings-sessions")


async def make_token(view: View) -> Made:
    """The token that a form describes: `name`, `scope` (several), `plugins` (more scopes), `days`."""
    identity, user = _signed_in(view)
    form = await view.form()
    days = whole_number(form.get("days", [""])[0])
    if days is None or not days:
        raise InputError("Choose for how many days the token shall be good.")
    scopes = [*form.get("scope", ()), *form.get("plugins", [""])[0].replace(",", " ").split()]
    if not scopes:
        raise InputError("Choose what the token may be used for.")
    name = form.get("name", [""])[0]
    # A little less, because a year from now was later when the form was read than it is when it is checked.
    token, secret = await identity.personal.create(user, name, scopes, identity.clock() + days * DAY - 1)
    return Made(token.name, secret)


async def revoke_token(view: View) -> Response:
    """`POST /settings/tokens/revoke`: the token `id` is good for nothing from now on."""
    identity, user = _signed_in(view)
    if not await identity.personal.revoke((await view.form()).get("id", [""])[0], of=user):
        raise NotFoundError("There is no such token any more.")
    return await view.redirect("/settings?saved=yes#settings-tokens")


def _signed_in(view: View) -> tuple[Identity, str]:
    if view.identity is None or view.user is None or view.principal.means != "session":
        raise NotAllowedError("Only a user who is signed in with this browser may do this.")
    return view.identity, view.user
