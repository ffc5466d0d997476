"""The public site of one process: what it shows, to whom, and the answers it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from weakref import WeakKeyDictionary

from jinja2 import Environment
from starlette.types import Scope

from callboard.catalog.index import Index
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
from callboard.web.language import Texts
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

MOST_LANGUAGES = 1024
"""Values of Accept-Language that are remembered: there are few, unless somebody plays."""

Maker = Callable[[Shop], Awaitable[Made]]


@dataclass(eq=False, slots=True)
class Public:
    """`queries` ask about what everyone may see."""

    settings: PublicSettings
    queries: Queries
    shelves: Shelves
    texts: Texts
    index: Index
    """The whole catalog. Only why listings were taken down is looked up in it."""
    answers: Answers = field(default_factory=Answers)
    cards: Cards = field(default_factory=Cards)
    warming: asyncio.Task[None] | None = None
    warmed: object = None
    """What makes cards ahead, and of which state of the shelf; see `warming`."""
    _languages: dict[str, str] = field(default_factory=dict)

    def language(self, accepted: str) -> str:
        """The language of a page, by the value of Accept-Language."""
        known = self._languages.get(accepted)
        if known is None:
            if len(self._languages) >= MOST_LANGUAGES:
                self._languages.clear()
            known = self._languages[accepted] = self.texts.chosen(None, accepted)
        return known

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


def forget_public(context: PluginContext) -> None:
    """Keep nothing of what was made with the plugins that ran before."""
    _known.pop(context, None)


def public_of(services: Services) -> Public:
    """The public site of the plugins that run."""
    context = services.live.contexts[ID]
    known = _known.get(context)
    if known is None or known.texts is not services.texts:  # plugins that changed may bring languages
        settings = read_public(context.get(Config))
        queries = services.queries.seen(SHOWN)
        known = _known[context] = Public(
            settings, queries, shelves(context), services.texts, services.queries.index
        )
    return known


def shop_of(
    shelves: Shelves, queries: Queries, links: Links, settings: PublicSettings, cards: Cards | None = None
) -> Shop:
    """The shelf of one visitor, as pages ask it today."""
    texts = content(settings.content)
    return Shop(shelves.of(queries), queries.index, texts, links, settings.title, today(), cards)


def public_shop(public: Public) -> Shop:
    """The shelf of everyone."""
    settings = public.settings
    shop = shop_of(public.shelves, public.queries, Links(settings.url), settings, public.cards)
    return replace(shop, taken_down=partial(taken_down, public.index))


def taken_down(index: Index, ref: str) -> str:
    """Why a listing was taken down, for those who are not shown it; empty for all others."""
    row = index.row(ref) if ref.startswith("listing:") else None
    return "" if row is None else next(iter(index.values_of(row, "spec.takendown.reason")), "")


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
