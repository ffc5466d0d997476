"""Where each page stands. The live site asks with queries; the built one has files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import quote, urlencode

from callboard.marketplace.asked import Sort
from callboard.marketplace.site.asked import MAX_PAGE, Asked

ROOT = "/marketplace"
_UNSAFE = re.compile(r"[^a-z0-9]+")
FILES = tuple(f"{ROOT}/{name}" for name in ("feeds/", "badges/", "pictures/", "icons/", "search.json"))
"""How the paths begin at which there is no page."""
MOST_SORTED = 20
BUILT_SORTS: tuple[Sort, ...] = ("popular", "trending", "new", "updated", "healthiest", "name")


@dataclass(frozen=True, slots=True)
class Links:
    """`base` is the address of the public site without a slash at the end, empty where none is configured."""

    base: str = ""
    built: bool = False
    portal: str = ""
    """The address of the portal, for a built site that stands elsewhere; empty where both are one."""
    slugs: Mapping[str, str] = field(default_factory=dict, hash=False)
    """How categories are written in paths of a built site, by their names in lower case; see `slugs_of`."""

    def absolute(self, path: str) -> str:
        """The address by which others find a page."""
        return f"{self.base}{path}"

    @property
    def home(self) -> str:
        return ROOT

    def browse(self, asked: Asked | None = None) -> str:
        """The list of all listings, as asked for; on the built site the nearest page that there is.

        What it has no page for stands in the query, and is filtered by the browser.
        """
        asked = asked or Asked()
        if not self.built:
            return f"{ROOT}/browse{asked.query}"
        path = f"{ROOT}/browse"
        if categories := asked.values("category"):
            path += f"/category/{self.slugs.get(categories[0].lower()) or slug(categories[0])}"
        elif asked.sort in BUILT_SORTS[1:]:
            path += f"/by/{asked.sort}"
        elif asked.chosen:
            return f"{path}{Asked(chosen=asked.chosen).query}"
        return f"{path}/page/{min(asked.page, self.most_pages(asked))}" if asked.page > 1 else path

    def most_pages(self, asked: Asked) -> int:
        """How many pages of a list there are at most: few on the built site in an unusual order."""
        usual = not self.built or asked.values("category") or asked.sort not in BUILT_SORTS[1:]
        return MAX_PAGE if usual else MOST_SORTED

    def listing(self, ref: str) -> str:
        return f"{ROOT}/plugins/{path_of(ref)}"

    def publisher(self, ref: str) -> str:
        return f"{ROOT}/publishers/{path_of(ref)}"

    def publishers(self, page: int = 1) -> str:
        """The list of all publishers."""
        path = f"{ROOT}/publishers"
        if page == 1:
            return path
        return f"{path}-{page}" if self.built else f"{path}?page={page}"

    def collection(self, ref: str) -> str:
        return f"{ROOT}/collections/{path_of(ref)}"

    @property
    def collections(self) -> str:
        return f"{ROOT}/collections"

    def compare(self, refs: list[str]) -> str:
        """Two or three listings side by side; on the built site the browser puts them there."""
        query = urlencode([("with", path_of(ref)) for ref in refs])
        return f"{ROOT}/compare?{query}" if query else f"{ROOT}/compare"

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

    def icon(self, ref: str, name: str) -> str:
        """The icon of a listing. Its name changes with the picture, so that it may be kept for ever."""
        return f"{ROOT}/icons/{path_of(ref)}/{name}"

    def badge(self, ref: str, name: str) -> str:
        return f"{ROOT}/badges/{path_of(ref)}/{name}.svg"


@lru_cache(20_000)
def path_of(ref: str) -> str:
    """`listing:default/tides` as `default/tides`, quoted for a URL."""
    namespace, _, name = ref.partition(":")[2].rpartition("/")
    return f"{quote(namespace or 'default', safe='')}/{quote(name, safe='')}"


def slug(text: str) -> str:
    """A text as a part of a path: `CI/CD` is `ci-cd`."""
    return _UNSAFE.sub("-", text.lower()).strip("-") or "other"


def slugs_of(names: Iterable[str]) -> dict[str, str]:
    """A slug for each name, by the name in lower case, and no two alike.

    Of names whose slugs would be the same (`CI/CD`, `CI CD`) the first by the alphabet has it, and the others
    add a number that follows from their name alone.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted({name.lower() for name in names}):
        one = slug(name)
        length = 6
        while one in taken:
            one = f"{slug(name)}-{blake2b(name.encode('utf-8', 'replace')).hexdigest()[:length]}"
            length += 2
        found[name] = one
        taken.add(one)
    return found


def is_page(path: str) -> bool:
    """Whether there is a page at a path, and no file, which is the same in every language."""
    return not path.startswith(FILES)
