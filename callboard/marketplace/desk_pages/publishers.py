"""The pages of publishers: apply, and one with its domains, members, tokens, listings, submissions."""

from __future__ import annotations

from starlette.responses import Response

from callboard.core.errors import CallboardError, InputError
from callboard.marketplace.desk.permissions import PUBLISHER_CREATE
from callboard.marketplace.desk.proof import PREFIX
from callboard.marketplace.desk.records import MEMBER_ROLES
from callboard.marketplace.desk.releases import SCOPES
from callboard.marketplace.desk_pages.desk import ROOT, counter, given, page, publisher_path
from callboard.web.shapes import whole_number
from callboard.web.view import View

FIELDS = ("title", "url", "contact", "about")


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
        if error.status not in (400, 409):
            raise
        return await ask(view, typed=typed, wrong=str(error), status=error.status)
    return await view.redirect(f"{publisher_path(made.name)}?done=applied")


async def show(view: View, *, token: str = "", found: tuple[str, ...] = (), status: int = 200) -> Response:
    """One publisher: `name`. `token` is shown this once; `found` is why a domain was not proved."""
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
    await here.publishers.edit(here.asker, name, **{key: given(form, key) for key in FIELDS})
    return await view.redirect(f"{publisher_path(name)}?done=saved")


async def add_domain(view: View) -> Response:
    here, name = counter(view), view.request.path_params["name"]
    await here.publishers.add_domain(here.asker, name, given(await view.form(), "domain"))
    return await view.redirect(f"{publisher_path(name)}#domains")


async def prove(view: View) -> Response:
    """Look for the proof of `domain` now; the page says what was found instead."""
    here, name = counter(view), view.request.path_params["name"]
    known, found = await here.publishers.prove(here.asker, name, given(await view.form(), "domain"))
    if known.verified_at is None:
        return await show(view, found=tuple(found), status=409)
    return await view.redirect(f"{publisher_path(name)}?done=proved")


async def member(view: View) -> Response:
    """Set the `role` of `member`; an empty role removes it."""
    here, name, form = counter(view), view.request.path_params["name"], await view.form()
    who, role = given(form, "member"), given(form, "role")
    if role:
        await here.publishers.set_member(here.asker, name, who, role)
    else:
        await here.publishers.drop_member(here.asker, name, who)
    return await view.redirect(f"{publisher_path(name)}?done=saved#members")


async def create_token(view: View) -> Response:
    """Make a token; the page that answers shows its text, which nobody sees again."""
    here, name, form = counter(view), view.request.path_params["name"], await view.form()
    days = whole_number(given(form, "days"))
    if days is None:
        raise InputError("Say for how many days the token lives")
    _, text = await here.releases.create_token(
        here.asker,
        name,
        name=given(form, "token-name"),
        scopes=list(form.get("scope", [])),
        listing=given(form, "listing"),
        days=days,
    )
    return await show(view, token=text)


async def revoke_token(view: View) -> Response:
    here, name = counter(view), view.request.path_params["name"]
    await here.releases.revoke_token(here.asker, name, given(await view.form(), "token"))
    return await view.redirect(f"{publisher_path(name)}?done=revoked#tokens")


async def decide(view: View) -> Response:
    """Approve or reject an application, suspend a publisher or let it again: `decision`, `type`, `reason`."""
    here, name, form = counter(view), view.request.path_params["name"], await view.form()
    decision, reason = given(form, "decision"), given(form, "reason")
    if decision in ("approve", "reject"):
        await here.publishers.decide(
            here.asker,
            name,
            approve=decision == "approve",
            type=given(form, "type") or "community",
            reason=reason,
        )
    elif decision in ("suspend", "resume"):
        await here.publishers.suspend(here.asker, name, suspended=decision == "suspend", reason=reason)
    else:
        raise InputError("There is no such decision")
    return await view.redirect(f"{ROOT}/review?done=decided")
