"""Makes the cards of listings before somebody asks for them: a search shows others each time.

It begins with the first page that is asked for, and anew after a change of the shelf. It takes but a small
part of the time of the processor, and stops when what it makes is no longer wanted.
"""

from __future__ import annotations

import asyncio
from time import perf_counter

import structlog

from callboard.marketplace.asked import MAX_PAGE_SIZE, Browse
from callboard.marketplace.site.made import Site
from callboard.marketplace.site.service import Public, public_shop, today
from callboard.marketplace.site.shop import Cards
from callboard.web.services import Services

log = structlog.get_logger(__name__)
AFTER = 2.0
"""Seconds without a look at the shelf; who changes one listing often changes more."""
PORTION = 4
SHARE = 0.2
"""The most of the processor's time that is taken."""


def begin(services: Services, public: Public, state: object) -> None:
    """Warm the cards of this state of the shelf, unless that was done or others are being made."""
    if public.warmed != state and (public.warming is None or public.warming.done()):
        public.warmed = state
        public.warming = asyncio.create_task(_warm(services, public, state))


async def _warm(services: Services, public: Public, state: object) -> None:
    try:
        await asyncio.sleep(AFTER)
        shop, language = public_shop(public), public.language("")
        site = Site(public.settings.title, shop.links, language)
        template = services.templates.get_template("market/parts/drawn.html")
        page = pages = 1
        while page <= min(pages, Cards.most // MAX_PAGE_SIZE):
            found = await shop.shelf.find(Browse(page=page, size=MAX_PAGE_SIZE))
            page, pages = page + 1, found.pages
            for at in range(0, len(found.items), PORTION):
                if public.state(today()) != state:
                    return
                begun = perf_counter()
                services.texts.use(language)
                template.render(site=site, cards=await shop.cards_at(found.items[at : at + PORTION]))
                await asyncio.sleep((perf_counter() - begun) / SHARE)
    except Exception:  # pages draw what they need all the same
        log.exception("the cards of listings could not be made ahead")
