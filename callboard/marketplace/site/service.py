"""The public site of one process: what it shows, to whom, and the answers it keeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from weakref import WeakKeyDictionary

from jinja2 import Environment
from starlette.types import Scope

from callboard.catalog.query import Queries
from callboard.catalog.query.conditions import AllOf, Exists, Not, OneOf
from callboard.core.config import Config
from callboard.marketplace.items import state_of
from callboard.marketplace.service import shelves
from callboard.marketplace.shelf import Shelves
from callboard.marketplace.site.content import content
from callboard.marketplace.site.kept import Answers, Kept
from callboard.marketplace.site.links import Links, is_page
from callboard.marketplace.site.made import Made, Site, head_of
from callboard.marketplace.site.settings import PublicSettings, read_public
from callboard.marketplace.site.shop import Cards, Shop
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
    language: Callable[[str], str]
    """The language of a page, by the value of Accept-Language."""
    answers: Answers = field(default_factory=Answers)
    cards: Cards = field(default_factory=Cards)

    def state(self, today: date) -> tuple[object, ...]:
        """Changes whenever any page may."""
        return state_of(self.queries.index, self.shelves.figures), today

    def kept(self, today: date, language: str, scope: Scope) -> Kept | None:
        """What is kept for a request, if anything is."""
        return self.answers.get(self.state(today), key_of(language, scope))


def key_of(language: str, scope: Scope) -> object:
    """Under what the answer to a request is kept: files are the same in every language."""
    path: str = scope["path"]
    return (language if is_page(path) else ""), path, scope.get("query_string", b"")


_known: WeakKeyDictionary[PluginContext, Public] = WeakKeyDictionary()
known_public = _known.get
"""The public site of a plugin that runs, once somebody asked for a page of it."""


def public_of(services: Services) -> Public:
    """The public site of the plugins that run."""
    context = services.live.contexts[ID]
    known = _known.get(context)
    if known is None:
        settings = read_public(context.get(Config))
        queries = services.queries.seen(SHOWN)
        texts = services.texts
        language = lru_cache(1024)(lambda accepted: texts.chosen(None, accepted))
        known = _known[context] = Public(settings, queries, shelves(context), language)
    return known


def shop_of(shelves: Shelves, queries: Queries, links: Links, title: str, cards: Cards | None = None) -> Shop:
    """The shelf of one visitor, as pages ask it today."""
    return Shop(shelves.of(queries), queries.index, content(), links, title, today(), cards)


def public_shop(public: Public) -> Shop:
    """The shelf of everyone."""
    settings = public.settings
    return shop_of(public.shelves, public.queries, Links(settings.url), settings.title, public.cards)


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
