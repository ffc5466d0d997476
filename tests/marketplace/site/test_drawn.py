"""Badges, charts, pictures, feeds and the sitemap say what they should in the form they should."""

from __future__ import annotations

import io
from datetime import date, timedelta
from xml.etree import ElementTree

import orjson
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from callboard.marketplace.site.badges import badge
from callboard.marketplace.site.charts import chart, short
from callboard.marketplace.site.feeds import Entry, Feed, atom, json_feed
from callboard.marketplace.site.pictures import Card, picture
from callboard.marketplace.site.sitemap import MOST, Address, robots, sitemaps

ATOM = "{http://www.w3.org/2005/Atom}"


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_badge_is_well_formed_whatever_it_says(label: str, value: str) -> None:
    root = ElementTree.fromstring(badge(label, value))
    assert root.get("role") == "img"
    assert {one.tag.rpartition("}")[2] for one in root.iter()} <= {
        "svg",
        "title",
        "clipPath",
        "rect",
        "g",
        "text",
    }


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_picture_is_drawn_of_any_words(title: str, summary: str) -> None:
    image = Image.open(io.BytesIO(picture(Card(title, summary, "by somebody", "Market"))))
    assert image.format == "PNG"
    assert image.size == (800, 420)


def test_a_chart_stands_on_its_foot_and_no_bar_leaves_it() -> None:
    weeks = [(date(2026, 1, 5) + timedelta(weeks=at), at * 137) for at in range(60)]
    made = chart(weeks)
    assert made is not None
    assert len(made.bars) == 53
    assert all(bar.y >= 0 and abs(bar.y + bar.height - made.foot) < 0.05 for bar in made.bars)
    assert made.total == sum(count for _, count in weeks[-53:])
    assert chart([(date(2026, 1, 5), 0)]) is None


def test_numbers_are_short_on_cards() -> None:
    assert [short(one) for one in (None, 0, 950, 1234, 34_500, 5_600_000)] == [
        "",
        "0",
        "950",
        "1.2k",
        "34k",
        "5.6M",
    ]


def test_feeds_hold_what_was_said_even_what_xml_may_not_hold() -> None:
    entry = Entry(
        "https://x.example/a",
        "https://x.example/a?b=1&c=2",
        "A <b>\x00 \ud800",
        "S",
        "2026-05-01T00:00:00Z",
        "B",
    )
    feed = Feed("News", "https://x.example/new.atom", "https://x.example", [entry])
    root = ElementTree.fromstring(atom(feed))
    assert root.findtext(f"{ATOM}updated") == "2026-05-01T00:00:00Z"
    assert root.findtext(f"{ATOM}entry/{ATOM}title") == "A <b> "
    safe = Feed("News", feed.url, feed.home, [Entry("a", "b", "A <b>", "S", entry.moment, "B")])
    assert orjson.loads(json_feed(safe))["items"][0]["title"] == "A <b>"


def test_a_large_sitemap_becomes_an_index() -> None:
    few = sitemaps([Address("https://x.example/?a&b", "2026-05-01")], "https://x.example")
    assert list(few) == ["sitemap.xml"]
    many = sitemaps([Address(f"https://x.example/{at}") for at in range(MOST + 1)], "https://x.example")
    assert list(many) == ["sitemap.xml", "sitemap-1.xml", "sitemap-2.xml"]
    assert many["sitemap.xml"].count(b"<sitemap>") == 2
    assert many["sitemap-2.xml"].count(b"<url>") == 1
    for body in (*few.values(), many["sitemap.xml"]):
        ElementTree.fromstring(body)


def test_robots_keep_out_where_there_is_no_public_site() -> None:
    assert b"Disallow: /\n" in robots("", public=False)
    assert b"Sitemap: https://x.example/sitemap.xml" in robots("https://x.example", public=True)
