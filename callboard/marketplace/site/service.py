"""The public site of one process: what it shows, to whom, and the answers it keeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from weakref import WeakKeyDictionary

from jinja2 import Environment

from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import AllOf, Exists, Not, OneOf
from callboard.core.config import Config
from callboard.marketplace.service import shelves
from callboard.marketplace.shelf import Shelves
from callboard.marketplace.site.content import content
from callboard.marketplace.site.kept import Answers
from callboard.marketplace.site.links import Links
from callboard.marketplace.site.made import Made, Site, head_of
from callboard.marketplace.site.settings import PublicSettings, read_public
from callboard.marketplace.site.shop import Shop
from callboard.plugins import PluginContext
from callboard.web.services import Services
from callboard.web.view import CSP

ID = "marketplace-site"
PUBLIC_FRAME, PORTAL_FRAME = "market/public.html", "layout.html"
STATIC_CSP = CSP.replace("; frame-ancestors 'none'", "")
"""What a built page says of itself, as no server says it; who may frame it cannot be said there."""
SHOWN = AllOf(
    (
        OneOf("kind", ("listing", "release", "publisher", "plugincollection")),
        Not(Exists("spec.takendown")),
        Not(Exists("spec.takendown.reason")),
    )
)
"""What everyone on the internet may see of the catalog, whatever permissions say, and nothing else."""

Maker = Callable[[Shop], Awaitable[Made]]


@dataclass(eq=False, slots=True)
class Public:
    """`queries` ask about what everyone may see."""

    settings: PublicSettings
    queries: Queries
    shelves: Shelves
    answers: Answers = field(default_factory=Answers)

    def state(self, today: date) -> tuple[object, ...]:
        """Changes whenever any page may."""
        return self.queries.index.version, self.shelves.figures.version, today


_known: WeakKeyDictionary[PluginContext, Public] = WeakKeyDictionary()


def public_of(services: Services) -> Public:
    """The public site of the plugins that run."""
    context = services.live.contexts[ID]
    known = _known.get(context)
    if known is None:
        settings = read_public(context.get(Config))
        queries = services.queries.seen(SHOWN)
        known = _known[context] = Public(settings, queries, shelves(context))
    return known


def shop_of(shelves: Shelves, queries: Queries, links: Links, title: str) -> Shop:
    """The shelf of one visitor, as pages ask it today."""
    return Shop(shelves.of(queries), queries.index, content(), links, title, today())


def today() -> date:
    return datetime.now(UTC).date()


def rendered(templates: Environment, made: Made, site: Site) -> str:
    """A whole page of the public site."""
    text: str = templates.get_template(made.template).render(
        layout=PUBLIC_FRAME,
        site=site,
        page=head_of(made, site),
        title=made.title,
        csp=STATIC_CSP,
        here=made.path.partition("?")[0],
        **made.context,
    )
    return text
