"""The pages of submissions: the form with its files, one submission with findings and timeline, the queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from callboard.core.errors import CallboardError
from callboard.marketplace.checks.licenses import canonical
from callboard.marketplace.checks.pictures import MAX_SCREENSHOT, Picture, Use
from callboard.marketplace.desk.api import Counter, acted
from callboard.marketplace.desk.permissions import TAKEDOWN
from callboard.marketplace.desk.records import PUBLISHER_TYPES, Submission
from callboard.marketplace.desk.states import words
from callboard.marketplace.desk.submissions import MOST_PICTURES, Wheel
from callboard.marketplace.desk_pages.desk import counter, given, page, submission_path
from callboard.marketplace.desk_pages.multipart import Parts, read_parts
from callboard.web.view import View

LEVELS = ("generally-available", "tech-preview", "dev-preview", "community", "none")
PRICES = ("free", "included", "contact")
LINES = ("title", "summary", "categories", "tags", "license")
TEXTS = ("description", "installation", "highlights", "links")
NAMES = (
    "name", *LINES, *TEXTS, "price", "price-text", "price-url", "support", "support-level", "support-contact",
    "changelog",
)  # fmt: skip


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
        typed=dict.fromkeys(NAMES, "") | {"license": "Apache-2.0"} | dict(typed or {}),
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
    return await page(
        view,
        "submission.html",
        title=known.title,
        one=known,
        possible=possible,
        state=words(known.state),
        timeline=await here.submissions.timeline(known.id),
        path=submission_path(known.id),
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
    pictures: list[tuple[Picture, str]] = []
    alts = [one.strip() for one in parts.text("alts").split("\n") if one.strip()]
    uses: tuple[tuple[str, Use], ...] = (("icon", "icon"), ("screenshots", "screenshot"))
    for name, use in uses:
        for at, file in enumerate(parts.files.get(name, [])):
            alt = alts[at] if use == "screenshot" and at < len(alts) else ""
            pictures.append((Picture(use, file.filename or "picture", file.content), alt))
    await here.submissions.edit(
        here.asker,
        id,
        fields=fields,
        changelog=parts.text("changelog"),
        wheel=Wheel(wheels[-1].filename, wheels[-1].content) if wheels else None,
        pictures=pictures,
        drop_pictures="drop-pictures" in parts.fields,
    )


def fields_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """The listing that a form describes (JSON, hence Any). A link is a line `title: address`."""
    links = []
    for line in filter(None, (one.strip() for one in typed["links"].split("\n"))):
        title, separator, url = line.partition(": ")
        links.append({"title": title.strip() if separator else url or line, "url": url.strip() or line})
    return {
        "name": typed["name"],
        "title": typed["title"],
        "summary": typed["summary"],
        "description": typed["description"],
        "installation": typed["installation"],
        "highlights": _split(typed["highlights"], "\n"),
        "categories": _split(typed["categories"], ","),
        "tags": _split(typed["tags"], ","),
        "license": canonical(typed["license"]) or typed["license"],
        "links": links,
        "price": {
            "model": typed["price"] or "free",
            "text": typed["price-text"],
            "url": typed["price-url"],
        },
        "support": {
            "provider": typed["support"],
            "level": typed["support-level"] or "community",
            "contact": typed["support-contact"],
        },
    }


def typed_of(fields: Mapping[str, Any], changelog: str) -> dict[str, str]:
    """The other way around."""
    price, support = fields.get("price", {}), fields.get("support", {})
    return {
        **{name: str(fields.get(name, "")) for name in ("name", "title", "summary", "license")},
        **{name: str(fields.get(name, "")) for name in ("description", "installation")},
        "categories": ", ".join(fields.get("categories", ())),
        "tags": ", ".join(fields.get("tags", ())),
        "highlights": "\n".join(fields.get("highlights", ())),
        "links": "\n".join(f"{one['title']}: {one['url']}" for one in fields.get("links", ())),
        "price": price.get("model", ""),
        "price-text": price.get("text", ""),
        "price-url": price.get("url", ""),
        "support": support.get("provider", ""),
        "support-level": support.get("level", ""),
        "support-contact": support.get("contact", ""),
        "changelog": changelog,
    }


def _split(text: str, by: str) -> list[str]:
    return [one.strip() for one in text.split(by) if one.strip()]
