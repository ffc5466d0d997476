"""What the kit itself contributes: the star, and the page of all components in development."""

from __future__ import annotations

from starlette.responses import Response

from callboard.core.errors import InputError, NotFoundError
from callboard.plugins import Plugin
from callboard.web.contributions import Page
from callboard.web.view import View


async def star(view: View) -> Response:
    """Star an entity or remove the star: `ref`, `starred` (yes or no); `small` is how the button was."""
    form = await view.form()
    ref = form.get("ref", [""])[0].lower()
    if view.index.row(ref) is None:
        raise NotFoundError(f"There is no entity {ref}")
    starred = form.get("starred") == ["yes"]
    if starred:
        await view.preferences.star(ref)
    else:
        await view.preferences.unstar(ref)
    if view.htmx:
        return await view.fragment("components/star.html", ref=ref, starred=starred, small="small" in form)
    return await view.redirect(view.came_from("/catalog"))


async def components(view: View) -> Response:
    """Every component with its parameters, for those who make pages."""
    if not view.development:
        raise NotFoundError("There is no page at /_components.")
    if (tone := view.query.get("tone", "note")) not in ("note", "good", "warn", "bad"):
        raise InputError(f"There is no tone {tone}")
    return await view.page("components/all.html", title="Components", tone=tone)


PLUGIN = Plugin(
    id="web",
    title="Pages",
    contributions=(Page("/-/star", star, methods=("POST",)), Page("/_components", components)),
)
