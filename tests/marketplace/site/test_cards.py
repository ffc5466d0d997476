"""A card that stands on many pages is drawn once, for each language and each level of its heading."""

from __future__ import annotations

from pathlib import Path

import pytest

from callboard.marketplace.site import shown
from callboard.marketplace.site.build.build import TEMPLATES
from callboard.marketplace.site.charts import short
from callboard.marketplace.site.links import Links
from callboard.marketplace.site.made import Site
from callboard.web.assets import Assets
from callboard.web.contributions import Languages, Templates
from callboard.web.language import Texts
from callboard.web.templating import environment
from tests.web.test_language import compiled

PAGE = """
{% import "market/parts/cards.html" as market with context %}{{ market.tiles([card], level) }}
"""


@pytest.fixture
def card() -> shown.Card:
    return shown.Card(
        "listing:default/tides", "/marketplace/plugins/default/tides", "Tides", "Shows the tide.",
        shown.Icon("", "T", 1), None, (), "active", "", 1200, None, 80, new=True,
    )  # fmt: skip


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    path = tmp_path / "de" / "LC_MESSAGES" / "callboard.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(compiled({"": "Content-Type: text/plain; charset=UTF-8\n", "New": "Neu"}))
    return Texts([Languages(tmp_path)])


def test_a_card_looks_as_its_page_wants_it_whatever_was_drawn_before(card: shown.Card, texts: Texts) -> None:
    template = environment([Templates("market", TEMPLATES)], Assets()).from_string(PAGE)

    def drawn(language: str, level: int) -> str:
        texts.use(language)
        site = Site("Market", Links(), language)
        return template.render(site=site, card=card, level=level, short=short)

    english, german = drawn("en", 3), drawn("de", 3)
    assert ">New<" in english
    assert "<h3>" in english
    assert ">Neu<" in german
    assert "<h2>" in drawn("de", 2)
    assert drawn("en", 3) == english
    assert set(card.drawn) == {("en", 3), ("de", 3), ("de", 2)}
