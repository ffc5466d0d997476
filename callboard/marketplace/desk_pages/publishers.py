"""The pages of publishers: apply, and one with its domains, members, tokens, listings, submissions."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence

from starlette.responses import Response

from callboard.core.errors import CallboardError, InputError
from callboard.marketplace.desk.permissions import PUBLISHER_CREATE
from callboard.marketplace.desk.proof import PREFIX
from callboard.marketplace.desk.records import MEMBER_ROLES, PUBLISHER_TYPES
from callboard.marketplace.desk.releases import SCOPES
from callboard.marketplace.desk_pages.desk import ROOT, counter, given, page, publisher_path
from callboard.web.shapes import whole_number
from callboard.web.view import View

FIELDS = ("title", "url", "contact", "about")
SAID = (400, 404, 409, 429)
"""Refusals that are told beside the form, in which everything stands as it was typed."""

_EMPTY = {
    "domain": "", "member": "", "role": "maintainer", "token-name": "", "listing": "", "days": "90",
    "reason": "", "type": "community",
}  # fmt: skip


async def overview(view: View) -> Response:
    """The publishers that the visitor is a member of."""
    here = counter(view)
    return await page(
        view,
        "overview.html",
        title=view.text("Publisher desk"),
        publishers=await here.publishers.of(here.asker),
    )


async def ask(
    view: View, *, typed: dict[str, str] | None = None, wrong: str = "", status: int = 200
) -> Response:
    """The form to apply as a publisher."""
    await view.require(PUBLISHER_CREATE)
    return await page(
        view,
        "apply.html",
        title=view.text("Apply as a publisher"),
        status=status,
        typed={name: (typed or {}).get(name, "") for name in ("name", "domain", *FIELDS)},
        wrong=wrong,
    )


async def apply(view: View) -> Response:
    """Apply: the fields of the form above."""
    form, here = await view.form(), counter(view)
    typed = {name: given(form, name) for name in ("name", "domain", *FIELDS)}
    try:
        made = await here.publishers.apply(here.asker, **typed)
    except CallboardError as error:
        if error.status not in SAID:
            raise
        return await ask(view, typed=typed, wrong=str(error), status=error.status)
    return await view.redirect(f"{publisher_path(made.name)}?done=applied")


async def show(
    view: View,
    *,
    token: str = "",
    found: tuple[str, ...] = (),
    wrong: str = "",
    typed: Mapping[str, str] | None = None,
    scopes: Sequence[str] = ("release",),
    status: int = 200,
) -> Response:
    """One publisher: `name`. `token` is shown this once; `found` is why a domain was not proved.

    `wrong` is why something was refused; `typed` and `scopes` are what stands in the forms then.
    """
    here, name = counter(view), view.request.path_params["name"]
    one = await here.publishers.seen(here.asker, name)
    roles = await here.office.roles(here.asker, name)
    makes = bool(roles & {"owner", "maintainer"})
    submissions = await here.submissions.of(name)
    return await page(
        view,
        "publisher.html",
        title=one.title,
        status=status,
        wrong=wrong,
        typed={**_EMPTY, **{key: getattr(one, key) for key in FIELDS}, **(typed or {})},
        chosen=scopes,
        findings=await here.publishers.findings(one),
        one=one,
        owns="owner" in roles,
        makes=makes,
        reviews="reviewer" in roles,
        domains=await here.publishers.domains(name),
        prefix=PREFIX,
        members=await here.publishers.members(name),
        roles=MEMBER_ROLES,
        tokens=await here.releases.tokens(here.asker, name) if makes else [],
        scopes=SCOPES,
        types=PUBLISHER_TYPES,
        listings=await here.shelving.of(name),
        offers=await here.shelving.offers(name),
        submissions=[each for each in submissions if each.state != "draft" or "reviewer" not in roles],
        timeline=await here.publishers.timeline(name),
        token=token,
        found=found,
        path=publisher_path(name),
    )


async def edit(view: View) -> Response:
    here, name, form = counter(view), view.request.path_params["name"], await view.form()
    typed = {key: given(form, key) for key in FIELDS}
    done = here.publishers.edit(here.asker, name, **typed)
    return await _said(view, done, typed) or await view.redirect(f"{publisher_path(name)}?done=saved")


async def add_domain(view: View) -> Response:
    here, name = counter(view), view.request.path_params["name"]
    domain = given(await view.form(), "domain")
    done = here.domains.add(here.asker, name, domain)
    return await _said(view, done, {"domain": domain}) or await view.redirect(
        f"{publisher_path(name)}#domains"
    )


async def drop_domain(view: View) -> Response:
    """Take `domain` away."""
    here, name = counter(view), view.request.path_params["name"]
    done = here.domains.drop(here.asker, name, given(await view.form(), "domain"))
    return await _said(view, done) or await view.redirect(f"{publisher_path(name)}?done=dropped#domains")


async def prove(view: View) -> Response:
    """Look for the proof of `domain` now; the page says what was found instead."""
    here, name = counter(view), view.request.path_params["name"]
    try:
        known, found = await here.domains.prove(here.asker, name, given(await view.form(), "domain"))
    except CallboardError as error:
        return await _refused(view, error)
    if known.verified_at is None:
        return await show(view, found=tuple(found), status=409)
    return await view.redirect(f"{publisher_path(name)}?done=proved")


async def member(view: View) -> Response:
    """Set the `role` of `member`; an empty role removes it."""
    here, name, form = counter(view), view.request.path_params["name"], await view.form()
    who, role = given(form, "member"), given(form, "role")
    if role:
        typed = {"member": who, "role": role}
        wrong = await _said(view, here.members.put(here.asker, name, who, role), typed)
    else:
        wrong = await _said(view, here.members.drop(here.asker, name, who))
    return wrong or await view.redirect(f"{publisher_path(name)}?done=saved#members")


async def create_token(view: View) -> Response:
    """Make a token; the page that answers shows its text, which nobody sees again."""
    here, name, form = counter(view), view.request.path_params["name"], await view.form()
    typed = {key: given(form, key) for key in ("token-name", "listing", "days")}
    scopes = list(form.get("scope", []))
    try:
        days = whole_number(typed["days"])
        if days is None:
            raise InputError("Say for how many days the token lives")
        _, text = await here.releases.create_token(
            here.asker, name, name=typed["token-name"], scopes=scopes, listing=typed["listing"], days=days
        )
    except CallboardError as error:
        return await _refused(view, error, typed, scopes)
    return await show(view, token=text)


async def revoke_token(view: View) -> Response:
    here, name = counter(view), view.request.path_params["name"]
    await here.releases.revoke_token(here.asker, name, given(await view.form(), "token"))
    return await view.redirect(f"{publisher_path(name)}?done=revoked#tokens")


async def decide(view: View) -> Response:
    """Approve or reject an application, suspend a publisher or let it again: `decision`, `type`, `reason`."""
    here, name, form = counter(view), view.request.path_params["name"], await view.form()
    decision, reason = given(form, "decision"), given(form, "reason")
    type = given(form, "type") or "community"
    if decision in ("approve", "reject"):
        approves = decision == "approve"
        done = here.publishers.decide(here.asker, name, approve=approves, type=type, reason=reason)
    elif decision in ("suspend", "resume"):
        done = here.publishers.suspend(here.asker, name, suspended=decision == "suspend", reason=reason)
    else:
        raise InputError("There is no such decision")
    typed = {"reason": reason, "type": type}
    return await _said(view, done, typed) or await view.redirect(f"{ROOT}/review?done=decided")


async def _said(
    view: View, work: Awaitable[object], typed: Mapping[str, str] | None = None
) -> Response | None:
    """The page that says why it was refused; None when it was done."""
    try:
        await work
    except CallboardError as error:
        return await _refused(view, error, typed)
    return None


async def _refused(
    view: View,
    error: CallboardError,
    typed: Mapping[str, str] | None = None,
    scopes: Sequence[str] = ("release",),
) -> Response:
    if error.status not in SAID:
        raise error
    return await show(view, wrong=str(error), typed=typed, scopes=scopes, status=error.status)
