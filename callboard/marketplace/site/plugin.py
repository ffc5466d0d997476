"""What the site of the Marketplace contributes: its pages and files, and which of them everyone may read."""

from __future__ import annotations

from pathlib import Path

from callboard.access.identity.public_paths import PublicPaths
from callboard.marketplace.site.files import FILES
from callboard.marketplace.site.links import ROOT
from callboard.marketplace.site.pages import PAGES
from callboard.marketplace.site.quick import KeptRoute
from callboard.marketplace.site.service import ID
from callboard.marketplace.site.settings import is_public
from callboard.plugins import Need, Plugin
from callboard.plugins.contributions import Router
from callboard.web.contributions import NavigationItem, Templates

SECTIONS = (
    "pages",
    "plugins",
    "publishers",
    "collections",
    "learn",
    "blog",
    "feeds",
    "badges",
    "pictures",
    "icons",
)
SINGLE = (
    "browse",
    "publishers",
    "collections",
    "compare",
    "learn",
    "blog",
    "partners",
    "about",
    "faq",
    "terms",
    "search.json",
)

PLUGIN = Plugin(
    id=ID,
    title="Marketplace: the site",
    description="The pages on which plugins are looked for, in the portal and for everyone.",
    needs=(
        Need("catalog.read", "Shows listings, releases, publishers and collections."),
        Need("identity", "Says beside a listing what of it is installed."),
    ),
    contributions=(
        *PAGES,
        *FILES,
        Router(lambda context: (KeptRoute(context),), root=True, first=True),
        PublicPaths(
            (
                ROOT,
                *(f"{ROOT}/{name}" for name in SINGLE),
                *(f"{ROOT}/{name}/**" for name in SECTIONS),
                "/sitemap.xml",
                "/sitemap-*.xml",
            ),
            when=is_public,
        ),
        PublicPaths(("/robots.txt",)),
        NavigationItem("Marketplace", ROOT, "market", order=40),
        Templates("market", Path(__file__).parent / "templates"),
    ),
)
