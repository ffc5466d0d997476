"""The pages of what is published: its releases, and what is done with it later."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.responses import Response

from callboard.core.errors import CallboardError, InputError
from callboard.marketplace.desk.permissions import REPORT_CREATE, TAKEDOWN
from callboard.marketplace.desk.shelving import REPORT_KINDS
from callboard.marketplace.desk_pages.desk import ROOT, counter, given, listing_path, page, publisher_path
from callboard.web.view import View


async def show(view: View) -> Response:
    """One listing, for its publisher and those who keep order: `name`."""
    here = counter(view)
    one = await here.shelving.find(view.request.path_params["name"])
    roles = await here.office.roles(here.asker, one.publisher)
    offered = bool(one.transfer_to) and "owner" in await here.office.roles(here.asker, one.transfer_to)
    takes_down = await view.allowed(TAKEDOWN)
    if not offered and not takes_down:
        await here.publishers.seen(here.asker, one.publisher)
    return await page(
        view,
        "listing.html",
        title=one.title,
        one=one,
        releases=await here.shelving.releases(one.name),
        owns="owner" in roles,
        makes=bool(roles & {"owner", "maintainer"}),
        offered=offered,
        takes_down=takes_down,
        timeline=await here.shelving.timeline(one.name),
        path=listing_path(one.name),
    )


async def act(view: View) -> Response:
    """Do `action` with a listing or with its release `version`, saying `reason`."""
    here, name, form = counter(view), view.request.path_params["name"], await view.form()
    action, reason, asker, shelving = given(form, "action"), given(form, "reason"), here.asker, here.shelving
    match action:
        case "yank" | "unyank":
            yanked = action == "yank"
            await shelving.yank(asker, name, given(form, "version"), yanked=yanked, reason=reason)
        case "deprecate" | "revive":
            await shelving.deprecate(
                asker,
                name,
                deprecated=action == "deprecate",
                reason=reason,
                replaced_by=given(form, "replaced-by"),
            )
        case "offer":
            await shelving.offer(asker, name, given(form, "publisher"))
        case "accept" | "decline":
            made = await shelving.accept(asker, name, accepted=action == "accept")
            if action == "decline":
                return await view.redirect(ROOT)
            return await view.redirect(f"{publisher_path(made.publisher)}?done=saved")
        case "take-down" | "restore":
            await shelving.take_down(asker, name, down=action == "take-down", reason=reason)
        case _:
            raise InputError("There is no such action")
    return await view.redirect(f"{listing_path(name)}?done=saved")


async def ask_report(
    view: View, *, listing: str = "", typed: str = "", kind: str = "", wrong: str = "", status: int = 200
) -> Response:
    """The form to report a listing: `listing` is its namespace and name, or its reference."""
    await view.require(REPORT_CREATE)
    return await page(
        view,
        "report.html",
        title=view.text("Report a listing"),
        status=status,
        listing=listing or _ref(view.query.get("listing", "")),
        kinds=REPORT_KINDS,
        kind=kind,
        typed=typed,
        wrong=wrong,
    )


async def report(view: View) -> Response:
    """Send the report."""
    here, form = counter(view), await view.form()
    try:
        await here.shelving.report(
            here.asker, _ref(given(form, "listing")), given(form, "kind"), given(form, "text")
        )
    except CallboardError as error:
        if error.status not in (400, 429):
            raise
        return await ask_report(
            view,
            listing=given(form, "listing"),
            typed=given(form, "text"),
            kind=given(form, "kind"),
            wrong=str(error),
            status=error.status,
        )
    return await page(view, "reported.html", title=view.text("Report a listing"))


async def decide_report(view: View) -> Response:
    """Decide about the report `id`: `decision`, `dismissed`."""
    here, form = counter(view), await view.form()
    await here.shelving.decide_report(
        here.asker,
        view.request.path_params["id"],
        dismissed=given(form, "dismissed") == "yes",
        decision=given(form, "decision"),
    )
    return await view.redirect(f"{ROOT}/review?done=decided")


def _ref(text: str) -> str:
    text = unquote(text.strip())
    return text if ":" in text or not text else f"listing:{text}"
