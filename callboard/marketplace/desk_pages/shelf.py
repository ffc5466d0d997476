"""The page on which a listing of any source is taken down, or put back; the desk's own have theirs."""

from __future__ import annotations

from starlette.responses import Response

from callboard.core.errors import CallboardError, InputError
from callboard.marketplace.desk.order import Order
from callboard.marketplace.desk.shelf import title_of
from callboard.marketplace.desk_pages.desk import counter, given, listing_path, order_path, page
from callboard.web.view import View


async def show(view: View, *, wrong: str = "", typed: str = "", status: int = 200) -> Response:
    """One listing: `namespace` and `name`."""
    here, ref = counter(view), _ref(view)
    order = Order(here.office)
    known, taken = await order.of(here.asker, ref)
    if await order.own(known) is not None and not wrong:
        return await view.redirect(listing_path(known.rpartition("/")[2]))
    title = title_of(here.office.queries.index, known)
    reports = [one for one in await here.shelving.reports(here.asker) if one.listing == known]
    return await page(
        view,
        "shelf.html",
        title=title,
        status=status,
        wrong=wrong,
        typed=typed,
        ref=known,
        taken=taken,
        reports=reports,
        timeline=await order.timeline(known),
        path=order_path(known),
        public=f"/marketplace/plugins/{known.partition(':')[2]}",
    )


async def act(view: View) -> Response:
    """`action` is take-down or restore, with a `reason`."""
    here, ref, form = counter(view), _ref(view), await view.form()
    action, reason = given(form, "action"), given(form, "reason")
    if action not in ("take-down", "restore"):
        raise InputError("There is no such action")
    try:
        down = action == "take-down"
        known, _ = await Order(here.office).take_down(here.asker, ref, down=down, reason=reason)
    except CallboardError as error:
        if error.status not in (400, 409):
            raise
        return await show(view, wrong=str(error), typed=reason, status=error.status)
    return await view.redirect(f"{order_path(known)}?done=saved")


def _ref(view: View) -> str:
    part = view.request.path_params
    return f"listing:{part['namespace']}/{part['name']}"
