"""Texts of the operator stand in the place of ours; publishers and collections have lists of their own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from callboard.core.errors import ConfigError
from callboard.marketplace.site.build.build import build
from callboard.marketplace.site.build.frozen import freeze
from callboard.marketplace.site.content import content
from callboard.marketplace.site.directories import PER_PAGE
from callboard.marketplace.site.service import public_of, today
from callboard.testing.portal import PortalUnderTest, opened
from tests.marketplace.site.conftest import CONFIG, URL, listing, shelf

ATOM = "{http://www.w3.org/2005/Atom}"
TEXTS = {
    "pages/terms.md": "---\ntitle: Our terms\nsummary: What holds at the harbour.\n---\nNo pirates.\n",
    "pages/imprint.md": "---\ntitle: Imprint\nsummary: Who runs this site.\n---\nHarbour Works, Quay 1.\n",
    "blog/open.md": "---\ntitle: We are open\nsummary: Come in.\ndate: 2026-03-04\n---\nCome **in**.\n",
    "learn/knots/course.md": "---\ntitle: Knots\nsummary: Tie them.\n---\n",
    "learn/knots/1-bowline.md": "---\ntitle: Bowline\nsummary: The first.\n---\nMake a loop.\n",
}


def write(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def with_texts(folder: Path) -> dict[str, Any]:
    public = {**CONFIG["marketplace"]["public"], "content": str(folder)}
    return {**CONFIG, "marketplace": {"public": public}}


async def test_texts_of_the_operator_stand_in_the_place_of_ours(tmp_path: Path) -> None:
    own = write(tmp_path / "texts", TEXTS)
    async with opened(tmp_path, (), with_texts(own)) as portal:
        await portal.give(*shelf())
        assert "No pirates." in await portal.page("/marketplace/terms")
        assert "<h1>" in await portal.page("/marketplace/about")  # ours, as they wrote none
        imprint = await portal.page("/marketplace/pages/imprint")
        assert "Quay 1" in imprint
        assert 'href="/marketplace/pages/imprint"' in await portal.page("/marketplace")
        blog = await portal.page("/marketplace/blog")
        assert "We are open" in blog
        assert "callboard-0-1-0" not in blog
        learn = await portal.page("/marketplace/learn")
        assert "Knots" in learn
        assert "write-a-plugin" not in learn.partition("<main")[2].partition("</main")[0]
        assert f"{URL}/marketplace/pages/imprint" in (await portal.client.get("/sitemap.xml")).text

        services = portal.host.services
        public = public_of(services)
        frozen = await freeze(services.queries, public.shelves.figures, public.settings, today())
        await asyncio.to_thread(build, frozen, tmp_path / "out")
        built = tmp_path / "out/marketplace"
        assert "Quay 1" in (built / "pages/imprint/index.html").read_text()
        assert (built / "learn/knots/bowline/index.html").is_file()
        assert "We are open" in (built / "feeds/blog.atom").read_text()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no front matter", "terms.md: needs a first line"),
        ("---\nsummary: x\n---\nText\n", "terms.md: title: is missing"),
        ("---\n- a\n---\nText\n", "terms.md: has a front matter that is no mapping"),
        ("---\ntitle: a\nsummary: b\ndate: someday\n---\nText\n", "terms.md: date: is not as it should be"),
        ("---\ntitle: a\nsummary: b\ncheck: [{question: q}]\n---\nText\n", "terms.md: answers: is missing"),
    ],
)
def test_a_text_that_cannot_be_read_is_named_with_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    own = write(tmp_path, {"pages/terms.md": text})
    with pytest.raises(ConfigError) as error:
        content(own)
    assert told in str(error.value)


async def test_a_folder_of_texts_that_is_none_is_told(tmp_path: Path) -> None:
    async with opened(tmp_path, (), with_texts(tmp_path / "nowhere")) as portal:
        with pytest.raises(ConfigError, match="must be a folder"):
            public_of(portal.host.services)


async def test_posts_have_feeds(market: PortalUnderTest) -> None:
    root = ElementTree.fromstring((await market.client.get("/marketplace/feeds/blog.atom")).content)
    links = [one.get("href") for one in root.iter(f"{ATOM}link") if one.get("rel") == "alternate"]
    assert f"{URL}/marketplace/blog/callboard-0-1-0" in links
    made = (await market.client.get("/marketplace/feeds/blog.json")).json()
    assert [one["url"] for one in made["items"]] == [
        f"{URL}/marketplace/blog/{one.slug}" for one in content().posts
    ]


async def test_publishers_and_collections_are_listed(market: PortalUnderTest) -> None:
    page = await market.page("/marketplace/publishers")
    assert "Harbour Works" in page
    assert "2 listings" in page
    assert "Verified partner" in page
    page = await market.page("/marketplace/collections")
    assert "Afloat" in page
    assert 'href="/marketplace/collections/default/afloat"' in page


async def test_many_publishers_take_several_pages(market: PortalUnderTest, tmp_path: Path) -> None:
    publisher = {"apiVersion": "callboard.io/v1alpha1", "kind": "Publisher"}
    names = [f"p-{number:03}" for number in range(PER_PAGE + 5)]
    await market.give(
        *({**publisher, "metadata": {"name": one}, "spec": {"type": "community"}} for one in names),
        listing("buoys", publisher=names[-1]),
    )
    first = await market.page("/marketplace/publishers")
    second = await market.page("/marketplace/publishers?page=2")
    assert f">{names[-1]}<" in first  # it publishes something, so it stands before those that do not
    assert 'href="/marketplace/publishers?page=2"' in first
    assert f">{names[-2]}<" in second
    assert f">{names[0]}<" not in second
    services = market.host.services
    public = public_of(services)
    frozen = await freeze(services.queries, public.shelves.figures, public.settings, today())
    await asyncio.to_thread(build, frozen, tmp_path)
    assert 'href="/marketplace/publishers-2"' in (tmp_path / "marketplace/publishers/index.html").read_text()
    assert f">{names[-2]}<" in (tmp_path / "marketplace/publishers-2/index.html").read_text()
