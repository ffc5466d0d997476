"""The pages of submissions: the form with its files, one submission with findings and timeline, the queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from callboard.core.errors import CallboardError
from callboard.marketplace.checks.pictures import MAX_SCREENSHOT, Picture
from callboard.marketplace.desk.api import Counter, acted
from callboard.marketplace.desk.permissions import TAKEDOWN
from callboard.marketplace.desk.records import PUBLISHER_TYPES, Submission
from callboard.marketplace.desk.shots import Sent
from callboard.marketplace.desk.states import words
from callboard.marketplace.desk.submissions import MOST_PICTURES, Wheel
from callboard.marketplace.desk_pages.desk import counter, given, order_path, page, submission_path
from callboard.marketplace.desk_pages.multipart import Parts, read_parts
from callboard.marketplace.desk_pages.submission_form import (
    NAMES,
    fields_of,
    lines_of,
    screenshots_of,
    typed_of,
)
from callboard.web.view import View

LEVELS = ("generally-available", "tech-preview", "dev-preview", "community", "none")
PRICES = ("free", "included", "contact")
MAX_README = 100_000
"""Characters of a README that a page shows; who wants to read on downloads the wheel."""


async def ask(
    view: View, *, typed: Mapping[str, str] | None = None, wrong: str = "", status: int = 200
) -> Response:
    """The form of a new submission of a publisher: `name`. `listing` fills it from one that is there."""
    here, publisher = counter(view), view.request.path_params["name"]
    await here.office.require_role(here.asker, publisher, "owner", "maintainer")
    if typed is None and (known := view.query.get("listing", "")):
        listing = await here.shelving.find(known)
        typed = typed_of(listing.fields, "") if listing.publisher == publisher else None
    return await page(
        view,
        "submit.html",
        title=view.text("Submit a plugin"),
        status=status,
        publisher=publisher,
        typed=dict.fromkeys(NAMES, "") | dict(typed or {}),
        wrong=wrong,
        prices=PRICES,
        levels=LEVELS,
        submission=None,
    )


async def create(view: View) -> Response:
    """Begin a submission with what the form holds, files included."""
    here, publisher = counter(view), view.request.path_params["name"]
    await here.office.require_role(here.asker, publisher, "owner", "maintainer")
    parts = await _parts(view, here)
    typed = {name: parts.text(name) for name in NAMES}
    made: Submission | None = None
    try:
        made = await here.submissions.create(here.asker, publisher, fields_of(typed))
        await _edit(here, made.id, parts, None)
    except CallboardError as error:
        if error.status not in (400, 409, 413):
            raise
        if made is not None:  # the draft is there: what was wrong with a file is told beside it
            return await _form(view, here, made, typed=typed, wrong=str(error), status=error.status)
        return await ask(view, typed=typed, wrong=str(error), status=error.status)
    return await view.redirect(f"{submission_path(made.id)}?done=created")


async def edit(view: View) -> Response:
    """The form of a submission that may be changed: `id`."""
    here = counter(view)
    known, _ = await here.submissions.seen(here.asker, view.request.path_params["id"])
    return await _form(view, here, known, typed=typed_of(known.fields, known.changelog))


async def save(view: View) -> Response:
    """Save that form."""
    here, id = counter(view), view.request.path_params["id"]
    known, _ = await here.submissions.seen(here.asker, id)
    parts = await _parts(view, here)
    typed = {name: parts.text(name) for name in NAMES} | {"name": known.listing}
    try:
        await _edit(here, id, parts, fields_of(typed))
    except CallboardError as error:
        if error.status not in (400, 413):
            raise
        return await _form(view, here, known, typed=typed, wrong=str(error), status=error.status)
    return await view.redirect(f"{submission_path(id)}?done=saved")


async def _form(
    view: View,
    here: Counter,
    known: Submission,
    *,
    typed: Mapping[str, str],
    wrong: str = "",
    status: int = 200,
) -> Response:
    await here.office.require_role(here.asker, known.publisher, "owner", "maintainer")
    return await page(
        view,
        "submit.html",
        title=known.title,
        status=status,
        publisher=known.publisher,
        typed=dict.fromkeys(NAMES, "") | dict(typed),
        wrong=wrong,
        prices=PRICES,
        levels=LEVELS,
        submission=known,
    )


async def show(view: View) -> Response:
    """One submission: `id`."""
    here = counter(view)
    known, possible = await here.submissions.seen(here.asker, view.request.path_params["id"])
    found, beside = await here.beside(known)
    return await page(
        view,
        "submission.html",
        title=known.title,
        one=known,
        possible=possible,
        state=words(known.state),
        timeline=await here.submissions.timeline(known.id),
        path=submission_path(known.id),
        inside=found,
        compared=beside,
        readme=found.readme[:MAX_README],
        readme_cut=len(found.readme) > MAX_README,
    )


async def act(view: View) -> Response:
    """Do `action` with a submission, saying `text`."""
    here, id, form = counter(view), view.request.path_params["id"], await view.form()
    action = given(form, "action")
    await acted(here.submissions, here.asker, id, action, given(form, "text"))
    return await view.redirect(f"{submission_path(id)}?done={action}")


async def queue(view: View) -> Response:
    """What waits for reviewers: submissions, applications, reports."""
    here = counter(view)
    waiting = await here.submissions.queue(here.asker)
    applications = await here.publishers.applications(here.asker)
    takes_down = await view.allowed(TAKEDOWN)
    return await page(
        view,
        "review.html",
        title=view.text("Review"),
        waiting=[one for one in waiting if one.state == "in-review"],
        others=[one for one in waiting if one.state != "in-review"],
        applications=[(one, await here.publishers.domains(one.name)) for one in applications],
        findings={one.name: await here.publishers.findings(one) for one in applications},
        order_path=order_path,
        types=PUBLISHER_TYPES,
        reports=await here.shelving.reports(here.asker) if takes_down else [],
        takes_down=takes_down,
        words=words,
    )


async def _parts(view: View, here: Counter) -> Parts:
    limit = here.office.settings.max_wheel + MOST_PICTURES * MAX_SCREENSHOT + 1024 * 1024
    return await read_parts(view.request, limit=limit)


async def _edit(here: Counter, id: str, parts: Parts, fields: Mapping[str, Any] | None) -> None:
    wheels = parts.files.get("wheel", [])
    alts, captions = lines_of(parts.text("alts")), lines_of(parts.text("captions"))
    sent = [
        Sent(Picture("icon", one.filename or "picture", one.content)) for one in parts.files.get("icon", [])
    ]
    for at, one in enumerate(parts.files.get("screenshots", [])):
        picture = Picture("screenshot", one.filename or "picture", one.content)
        alt, caption = (texts[at] if at < len(texts) else "" for texts in (alts, captions))
        sent.append(Sent(picture, alt, caption))
    await here.submissions.edit(
        here.asker,
        id,
        fields=fields,
        changelog=parts.text("changelog"),
        wheel=Wheel(wheels[-1].filename, wheels[-1].content) if wheels else None,
        pictures=sent,
        screenshots=screenshots_of(parts),
        drop_icon="drop-icon" in parts.fields,
    )
