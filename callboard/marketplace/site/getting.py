"""Says how a listing is installed and where the files of its releases are. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from callboard.marketplace.model import Listing, Release
from callboard.marketplace.obtain import source_of
from callboard.marketplace.site import shown
from callboard.marketplace.site.links import Links
from callboard.marketplace.site.prose import line
from callboard.web.templating import safe_url

_WHEEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{1,198}\.whl")


def file_of(release: Release | None, links: Links) -> tuple[str, str]:
    """The address of a release's file as a link, or else as a text to copy; both may be empty.

    Files of this machine are nobody's business.
    """
    url = release.artefact.url if release is not None else ""
    if not url or url.lower().startswith("file:"):
        return "", ""
    if url.startswith("/") and not url.startswith(("//", "/\\")):
        return f"{links.portal}{url}", ""
    if urlsplit(safe_url(url)).scheme in ("http", "https"):
        return url, ""
    return "", line(url, 500)


def install_source(listing: Listing, latest: Release | None) -> str:
    """What the portal's installer takes for a listing; empty where there is nothing to install."""
    return source_of(listing) if latest is not None else ""


def steps_of(listing: Listing, latest: Release | None, links: Links) -> tuple[shown.Step, ...]:
    """How each package is installed: Callboard's own by its command, npm packages by npm or Yarn.

    A package of Callboard is never named alone: whose it would be depends on the index that is asked.
    """
    steps = []
    callboard = any(one.ecosystem == "pypi" for one in listing.packages)
    if source := install_source(listing, latest):
        about = "The plan is shown first; nothing is installed before you agree."
        steps.append(
            shown.Step("In the portal of this Marketplace", about, f"callboard plugins install {source}")
        )
    url, _ = file_of(latest, links)
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    if callboard and _WHEEL.fullmatch(name):
        title = "In another portal" if source else "In Callboard"
        about = "Download the file and compare its hash with the one below."
        steps.append(shown.Step(title, about, f"callboard plugins install ./{name}", url))
    elif callboard and not source and not listing.installation:
        about = "Nothing here says where its wheel is to be had; ask its publisher."
        steps.append(shown.Step("In Callboard", about, ""))
    npm = [line(one.name, 214) for one in listing.packages if one.ecosystem == "npm"]
    back = [name for name in npm if "backend" in name or name.endswith("-node")]
    front = [name for name in npm if name not in back]
    for side, those in (("app", front), ("backend", back)):
        if those:
            words, where = " ".join(those), f"packages/{side}"
            code = f"yarn --cwd {where} add {words}\n# or\nnpm install --prefix {where} {words}"
            steps.append(shown.Step(f"In Backstage's {side}", "", code))
    return tuple(steps)
