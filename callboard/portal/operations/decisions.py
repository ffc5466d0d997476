"""The forms of the operations pages: each carries out one decision and leads back to its page."""

from __future__ import annotations

from starlette.responses import Response

from callboard.catalog.operations import orphan_refs
from callboard.core.errors import ConflictError, InputError, NotFoundError
from callboard.web.view import View

AT_ONCE = 1000
"""Orphans deleted by one request, so that it ends while somebody waits for it."""


async def read_again(view: View) -> Response:
    """Read a Location again at once: `ref`; without one, all of them."""
    ref = (await view.form()).get("ref", [""])[0].lower()
    if ref:
        if not await view.catalog.refresh_many([ref]):
            raise NotFoundError(f"There is no entity {ref}.")
        return await view.redirect("/admin/sources?done=read")
    # Those that never could be read are not in the index yet.
    refs = {one.entity_ref for one in (await view.catalog.operations()).locations}
    refs |= {ref for ref in map(view.index.ref, view.index.everything) if ref.startswith("location:")}
    count = await view.catalog.refresh_many(refs)
    return await view.redirect(f"/admin/sources?done=all-read&n={count}")


async def decide(view: View) -> Response:
    """Decide on a held-back deletion: `provider`, `at`, `decision` (confirm or reject), `sure`."""
    form = await view.form()
    provider, at = form.get("provider", [""])[0], form.get("at", [""])[0]
    decision = form.get("decision", [""])[0]
    if decision not in ("confirm", "reject"):
        raise InputError("Decide to delete the entities or to keep them.")
    if decision == "confirm" and form.get("sure") != ["yes"]:
        raise InputError("Tick that the entities are really gone before you delete them.")
    row = next((one for one in await view.catalog.problems() if one.get("provider") == provider), None)
    if row is None:
        raise NotFoundError(
            "This deletion is no longer held back: its source recovered, or somebody decided."
        )
    if str(row["at"]) != at:
        raise ConflictError("The source gave another list meanwhile. Look at it before you decide.")
    if decision == "confirm":
        await view.catalog.confirm_held_back(provider)
        await view.catalog.caught_up()
        return await view.redirect(f"/admin/held-back?done=deleted&n={len(row['entityRefs'])}")
    await view.catalog.reject_held_back(provider)
    return await view.redirect(f"/admin/held-back?done=kept&n={len(row['entityRefs'])}")


async def delete_orphans(view: View) -> Response:
    """Delete orphans: those in `ref`, or with `all` and `sure` all of them."""
    form = await view.form()
    known, _ = orphan_refs(view.index)
    if "all" in form:
        if form.get("sure") != ["yes"]:
            raise InputError("Tick that all orphans shall go before you delete them.")
        chosen = known
    else:
        wanted = set(form.get("ref", ()))
        # One that is named by a source again is no orphan any more, and stays.
        chosen = [ref for ref in known if ref in wanted]
        if not wanted:
            raise InputError("Choose the entities to delete.")
    rows = [view.index.row(ref) for ref in chosen[:AT_ONCE]]
    ids = [view.index.entity_id(row) for row in rows if row is not None]
    for one in ids:
        await view.catalog.delete_entity(one)
    await view.catalog.caught_up()
    return await view.redirect(f"/admin/orphans?done=deleted&n={len(ids)}")


async def rebuild(view: View) -> Response:
    """Process every entity again and build the index of this node anew: `sure`."""
    if (await view.form()).get("sure") != ["yes"]:
        raise InputError("Tick that everything shall be processed again.")
    await view.catalog.reindex()
    return await view.redirect("/admin/index?done=rebuilt")
