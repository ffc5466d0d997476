"""What the links checker contributes."""

from __future__ import annotations

from pathlib import Path

from callboard.catalog.contributions import EntityProcessor
from callboard.plugins import Need, Plugin
from callboard.plugins.contributions import ScheduledTask
from callboard.web.contributions import EntityCard, NavigationItem, Page, Templates
from callboard_links_checker import pages, processor, task
from callboard_links_checker.settings import Settings

PLUGIN = Plugin(
    id=pages.ID,
    title="Links checker",
    description="Tells which links of entities lead nowhere: on a card, and on a page with the owners.",
    config=Settings,
    config_key="linksChecker",
    needs=(
        Need(
            "network", "Asks the hosts that may be read whether the links of entities still lead somewhere."
        ),
        Need("catalog.read", "Forgets the links of entities that are gone."),
    ),
    contributions=(
        EntityProcessor("LinksChecker", processor.made, priority=90, reads=True),
        ScheduledTask("check", task.check_links, task.EVERY, "Check links", task.TIMEOUT),
        EntityCard(
            "links-checker", "Links checked", "links-checker/card.html", pages.card, pages.has_links, 31
        ),
        Page("/links-checker", pages.overview),
        NavigationItem("Broken links", "/links-checker", "link", order=60),
        Templates("links-checker", Path(__file__).parent / "templates"),
    ),
)
