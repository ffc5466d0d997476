"""Where each page stands. The live site asks with queries; the built one has files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from callboard.marketplace.asked import Sort
from callboard.marketplace.site.asked import MAX_PAGE, Asked

ROOT = "/marketplace"
_UNSAFE = re.compile(r"[^a-z0-9]+")
MOST_SORTED = 20
BUILT_SORTS: tuple[Sort, ...] = ("popular", "trending", "new", "updated", "healthiest", "name")


@dataclass(frozen=True, slots=True)
class Links:
    """`base` is the address of the public site without a slash at the end, empty where none is configured."""

    base: str = ""
    built: bool = False
    portal: str = ""
    """The address of the portal, for a built site that stands elsewhere; empty where both are one."""

    def absolute(self, path: str) -> str:
        """The address by which others find a page."""
        return f"{self.base}{path}"

    @property
    def home(self) -> str:
        return ROOT

    def browse(self, asked: Asked | None = None) -> str:
        """The list of all listings, as asked for; on the built site the nearest page that there is."""
        asked = asked or Asked()
        if not self.built:
            return f"{ROOT}/browse{asked.query}"
        path = f"{ROOT}/browse"
        if categories := asked.values("category"):
            path += f"/category/{slug(categories[0])}"
        elif asked.sort in BUILT_SORTS[1:]:
            path += f"/by/{asked.sort}"
        return f"{path}/page/{min(asked.page, self.most_pages(asked))}" if asked.page > 1 else path

    def most_pages(self, asked: Asked) -> int:
        """How many pages of a list there are at most: few on the built site in an unusual order."""
        usual = not self.built or asked.values("category") or asked.sort not in BUILT_SORTS[1:]
        return MAX_PAGE if usual else MOST_SORTED

    def listing(self, ref: str) -> str:
        return f"{ROOT}/plugins/{path_of(ref)}"

    def publisher(self, ref: str) -> str:
        return f"{ROOT}/publishers/{path_of(ref)}"

    def collection(self, ref: str) -> str:
        return f"{ROOT}/collections/{path_of(ref)}"

    def compare(self, refs: list[str]) -> str:
        """Two or three listings side by side; the built site cannot."""
        return f"{ROOT}/compare?{urlencode([('with', path_of(ref)) for ref in refs])}"

    def install(self, source: str) -> str:
        return f"/admin/plugins/install?{urlencode({'source': source})}"

    def report(self, ref: str) -> str:
        """Where a listing is reported: a form of the portal, wherever the page is shown."""
        return f"{self.portal}{ROOT}/desk/report?{urlencode({'listing': path_of(ref)})}"

    @property
    def apply(self) -> str:
        return f"{self.portal}{ROOT}/desk/apply"

    def picture(self, ref: str) -> str:
        """The picture that is shown beside links to a listing."""
        return f"{ROOT}/pictures/{path_of(ref)}.png"

    def badge(self, ref: str, name: str) -> str:
        return f"{ROOT}/badges/{path_of(ref)}/{name}.svg"


def path_of(ref: str) -> str:
    """`listing:default/tides` as `default/tides`, quoted for a URL."""
    namespace, _, name = ref.partition(":")[2].rpartition("/")
    return f"{quote(namespace or 'default', safe='')}/{quote(name, safe='')}"


def slug(text: str) -> str:
    """A text as a part of a path: `CI/CD` is `ci-cd`."""
    return _UNSAFE.sub("-", text.lower()).strip("-") or "other"
