"""The page `/settings`, and the forms it posts."""

from __future__ import annotations

from starlette.responses import Response

from callboard.core.errors import ConflictError, InputError
from callboard.portal.settings.access import USUAL_DAYS, Made, access_of, make_token
from callboard.portal.settings.choices import DENSITIES, THEMES, chosen, users
from callboard.web.view import View


async def show(view: View) -> Response:
    """All settings."""
    return await _page(view)


async def save(view: View) -> Response:
    """Store what was chosen, and show the page again."""
    form = await view.form()
    try:
        if view.user is not None and "me" in form:
            raise InputError("You are signed in, so who you are is known.")
        settings = chosen(form, view.index, view.languages)
    except InputError as error:
        return await _page(view, wrong=str(error), status=400)
    for key, value in settings.items():
        await view.preferences.set(key, value)
    return await view.redirect("/settings?saved=yes")


async def new_token(view: View) -> Response:
    """`POST /settings/tokens`: make an access token, and show it once."""
    try:
        made = await make_token(view)
    except (InputError, ConflictError) as error:
        return await _page(view, wrong_token=str(error), status=error.status)
    response = await _page(view, made=made)
    response.headers["cache-control"] = "no-store"
    return response


async def _page(
    view: View, *, wrong: str = "", wrong_token: str = "", made: Made | None = None, status: int = 200
) -> Response:
    access = await access_of(view)
    days = (
        []
        if access is None
        else [(str(one), view.text("%(days)s days") % {"days": one}) for one in access.days]
    )
    return await view.page(
        "settings/settings.html",
        title=view.text("Settings"),
        status=status,
        wrong=wrong,
        saved=view.query.get("saved") == "yes",
        themes=THEMES,
        densities=DENSITIES,
        languages=[(code, code) for code in view.languages],
        users=[] if view.user is not None else users(view.index),
        pinned=view.preferences.get("pinned", []),
        access=access,
        made=made,
        wrong_token=wrong_token,
        days=days,
        usual_days=str(USUAL_DAYS),
    )
