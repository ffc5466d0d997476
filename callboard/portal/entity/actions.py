"""What can be done to an entity: read its source again, and remove it with all that goes along."""

from __future__ import annotations

from starlette.responses import Response

from callboard.catalog.permissions import ENTITY_DELETE, LOCATION_DELETE
from callboard.core.errors import ConflictError, InputError, NotAllowedError
from callboard.portal.entity import present
from callboard.portal.entity.missing import missing
from callboard.portal.entity.pages import asked_for, asked_ref
from callboard.web.templating import entity_path
from callboard.web.view import View

SHOWN = 50
LOCATION, ENTITY = "location", "entity"


async def refresh(view: View) -> Response:
    """Read again what the entity came from."""
    if await asked_for(view) is None:
        return await missing(view)
    ref = asked_ref(view)
    await view.catalog.refresh(ref)
    return await view.redirect(f"{entity_path(ref)}?done=refresh")


async def confirm(view: View) -> Response:
    """What removing the entity would mean, and the buttons that do it."""
    entity = await asked_for(view)
    if entity is None:
        return await missing(view)
    about = present.present(entity)
    plan = await view.catalog.unregister_plan(about.ref)
    others = [ref for ref in plan.goes if ref != about.ref and not view.hides(ref)]
    whole = view.query.get("all") == "goes"
    return await view.page(
        "entity/unregister.html",
        title=f"{view.text('Unregister')} {about.title}",
        about=about,
        plan=plan,
        others=others if whole else others[:SHOWN],
        others_total=len(others),
        stays=about.ref not in plan.goes,
        readonly=view.catalog.readonly,
        may_delete=await view.allowed(ENTITY_DELETE, entity),
        may_unregister=await view.allowed(LOCATION_DELETE),
    )


async def unregister(view: View) -> Response:
    """Carry out what the form says: `what` is `location` or `entity`; `location` the id that was shown."""
    if view.catalog.readonly:
        raise NotAllowedError("The catalog is read-only: its configuration decides what is in it.")
    entity = await asked_for(view)
    if entity is None:
        return await missing(view)
    ref, form = asked_ref(view), await view.form()
    what, shown = form.get("what", [""])[0], form.get("location", [""])[0]
    if what == LOCATION:
        plan = await view.catalog.unregister_plan(ref)
        # What goes along was shown for one location; another must not go unseen.
        if plan.location is None or plan.location["id"] != shown:
            raise ConflictError("The entity has come from elsewhere since you looked. Look again.")
        await view.catalog.delete_location(shown)
    elif what == ENTITY:
        await view.catalog.delete_entity(str(entity["metadata"]["uid"]))
    else:
        raise InputError("The form must say what to remove: location or entity")
    await view.catalog.caught_up()
    return await view.redirect("/catalog?done=unregister" if what == LOCATION else "/catalog?done=delete")
