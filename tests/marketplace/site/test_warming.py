"""Cards are made before somebody asks for them, and anew after a change of the shelf."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callboard.marketplace.site import warming
from callboard.marketplace.site.service import Public, public_of, public_shop
from callboard.marketplace.site.shop import Shop
from callboard.testing.portal import PortalUnderTest, opened
from tests.marketplace.site.conftest import CONFIG, listing, shelf

COUNT = warming.PORTION * 2 + 1


@pytest.fixture
async def market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PortalUnderTest]:
    monkeypatch.setattr(warming, "AFTER", 0.0)
    monkeypatch.setattr(warming, "SHARE", 1.0)
    async with opened(tmp_path, (), CONFIG) as portal:
        await portal.give(*shelf(), *(listing(f"buoy-{number}") for number in range(COUNT)))
        yield portal


async def warmed(market: PortalUnderTest) -> Public:
    """The public site once a page was asked for and all is made that is made ahead."""
    await market.page("/marketplace/about")
    public = public_of(market.host.services)
    assert public.warming is not None
    await public.warming
    return public


def drawn(public: Public) -> list[str]:
    """The titles of the cards that are drawn for lists, by name."""
    shop = public_shop(public)
    known = public.cards.of((shop.shelf.state, shop.today))
    return sorted(one.title for one in known.values() if ("en", 2) in one.drawn)


async def test_every_card_is_drawn_after_the_first_page(
    market: PortalUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = await warmed(market)
    titles = ["Ropes", "Tides", *(f"buoy-{number}" for number in range(COUNT))]
    assert drawn(public) == titles, "and none that was taken down"
    monkeypatch.setattr(Shop, "card", lambda *_: pytest.fail("a card is made again"))
    html = await market.page("/marketplace/browse")
    assert all(f"<bdi>{title}</bdi>" in html for title in titles)


async def test_a_change_of_the_shelf_warms_anew_and_nothing_else_does(market: PortalUnderTest) -> None:
    public = await warmed(market)
    first = public.warming
    await market.page("/marketplace/faq")
    assert public.warming is first
    before = drawn(public)
    await market.give(listing("lighthouse"))
    assert (await warmed(market)).warming is not first
    assert drawn(public) == sorted([*before, "lighthouse"])


async def test_what_fails_ahead_fails_no_page(
    market: PortalUnderTest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: object) -> None:
        raise OSError("the database is away")

    with monkeypatch.context() as during:
        during.setattr(Shop, "cards_at", broken)
        assert drawn(await warmed(market)) == []
    assert "could not be made ahead" in capsys.readouterr().out
    assert "buoy-1" in await market.page("/marketplace/browse")
