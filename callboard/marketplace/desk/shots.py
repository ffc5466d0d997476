"""The pictures of a submission: which are kept, what is said of them, and those that come with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callboard.core.errors import InputError
from callboard.marketplace.checks.declared import Screenshot, read_screenshot
from callboard.marketplace.checks.pictures import Picture, Use, check_picture, media_of
from callboard.marketplace.desk.artefacts import Artefacts
from callboard.marketplace.desk.records import Json

MOST_SCREENSHOTS = 8


@dataclass(frozen=True, slots=True)
class Sent:
    """A picture with what is said of it; of an icon nothing is."""

    picture: Picture
    alt: str = ""
    caption: str = ""


def kept(before: Json, wanted: Sequence[Screenshot]) -> Json:
    """The pictures with just these screenshots, in this order. Raises InputError for others."""
    known = {one["sha256"]: one for one in before.get("screenshots", ())}
    for one in wanted:
        if one.sha256 not in known:
            raise InputError(f"There is no screenshot {one.sha256[:12]}…: send it first")
    named = {one.sha256: one for one in wanted}
    shots = [{**known[sha], "alt": one.alt, "caption": one.caption} for sha, one in named.items()]
    icon = before.get("icon")
    return {"icon": icon, "screenshots": shots} if icon else {"screenshots": shots}


async def added(artefacts: Artefacts, before: Json, sent: Sequence[Sent]) -> Json:
    """The pictures with those sent: a new icon replaces the old one, screenshots are added.

    Raises InputError for what is no picture, and for too many.
    """
    icon, shots = before.get("icon"), list(before.get("screenshots", ()))
    for one in sent:
        picture = one.picture
        if (wrong := next(check_picture(picture), None)) is not None and wrong.level == "error":
            raise InputError(f"{picture.filename[:100]}: {wrong.message}")
        media = media_of(picture.content)
        assert media is not None  # checked above
        name = _name(picture.use, media)
        sha256 = await artefacts.keep(name, media, picture.content)
        said = read_screenshot({"sha256": sha256, "alt": one.alt, "caption": one.caption})
        made = {"sha256": sha256, "filename": name, "alt": said.alt, "caption": said.caption}
        if picture.use == "icon":
            icon = made
        elif sha256 not in {shot["sha256"] for shot in shots}:
            shots.append(made)
    if len(shots) > MOST_SCREENSHOTS:
        raise InputError(f"A listing has at most {MOST_SCREENSHOTS} screenshots")
    return {"icon": icon, "screenshots": shots} if icon else {"screenshots": shots}


async def contents(artefacts: Artefacts, shown: Json) -> list[Picture]:
    """The pictures themselves, for the checks."""
    named: list[tuple[Use, Json | None]] = [("icon", shown.get("icon"))]
    named += [("screenshot", one) for one in shown.get("screenshots", ())]
    found = []
    for use, one in named:
        if one is not None:
            _, content = await artefacts.content(one["sha256"])
            found.append(Picture(use, one["filename"], content))
    return found


def _name(use: str, media: str) -> str:
    """Its own name is of no use to anybody, and anything may stand in it."""
    kind = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}.get(media, "svg")
    return f"{use}.{kind}"
