"""The page `/settings`, and the form it posts."""

from __future__ import annotations

from starlette.responses import Response

from callboard.core.errors import InputError
from callboard.portal.settings.choices import DENSITIES, THEMES, chosen, users
from callboard.web.view import View


async def show(view: View) -> Response:
    """All settings."""
    return await _page(view)


async def save(view: View) -> Response:
    """Store what was chosen, and show the page again."""
    form = await view.form()
    try:
        settings = chosen(form, view.index, view.languages)
    except InputError as error:
        return await _page(view, wrong=str(error), status=400)
    for key, value in settings.items():
        await view.preferences.set(key, value)
    return await view.redirect("/settings?saved=yes")


async def _page(view: View, *, wrong: str = "", status: int = 200) -> Response:
    return await view.page(
        "settings/settings.html",
        title=view.text("Settings"),
        status=status,
        wrong=wrong,
        saved=view.query.get("saved") == "yes",
        themes=THEMES,
        densities=DENSITIES,
        languages=[(code, code) for code in view.languages],
        users=users(view.index),
        pinned=view.preferences.get("pinned", []),
    )
