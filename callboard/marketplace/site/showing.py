"""Makes what the pages show of what the shelf holds: cards and the parts of a listing's page. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import date, timedelta

from callboard.marketplace import asked
from callboard.marketplace.model import Listing, Price, Release
from callboard.marketplace.site import shown
from callboard.marketplace.site.charts import chart
from callboard.marketplace.site.icons import icon_name
from callboard.marketplace.site.links import Links
from callboard.marketplace.site.prose import line, plain, prose
from callboard.web.templating import safe_url

NEW_DAYS = 100
MAX_VERSIONS = 50
GROUNDS = 6
MARKS = ("first-party", "verified-partner", "community")
_PRICES = {"free": "Free", "included": "Included", "contact": "On request"}
_LEVELS = {
    "generally-available": "Generally available",
    "tech-preview": "Technical preview",
    "dev-preview": "Developer preview",
    "community": "Community",
    "none": "None",
}
_SOURCES = {
    "extensions": "Descriptors of the extension kinds",
    "directory": "Backstage's open directory",
    "wheel": "A package index",
    "submission": "Its publisher",
}
_UNITS = ((1_000_000, "MB"), (1_000, "kB"))


def icon_of(source: str, title: str) -> shown.Icon:
    """The picture by its path; without one the first letter of the title, on a ground that it decides."""
    letter = next((sign.upper() for sign in title if sign.isalnum()), "?")
    return shown.Icon(source, letter, zlib.crc32(title.encode("utf-8", "replace")) % GROUNDS)


def card_of(item: asked.Item, maker: shown.Maker | None, links: Links, today: date) -> shown.Card:
    """A listing as it stands in lists."""
    one, figures = item.listing, item.figures
    return shown.Card(
        ref=one.ref,
        path=links.listing(one.ref),
        title=line(one.title, 100),
        summary=line(one.summary, 240) or plain(one.description, 160),
        icon=icon_of(links.icon(one.ref, icon_name(one.icon)) if one.icon else "", one.title),
        maker=maker,
        categories=tuple(line(text, 40) for text in one.categories[:5]),
        lifecycle=one.lifecycle,
        price=line(one.price.text, 40) or _PRICES.get(one.price.model, ""),
        downloads=figures.downloads_30d if figures else None,
        growth=figures.growth if figures else None,
        health=figures.health if figures else None,
        new=one.added is not None and timedelta(0) <= today - one.added < timedelta(NEW_DAYS),
    )


def price_text(price: Price) -> str:
    """A price in words; what nobody stated is said to be so."""
    return line(price.text, 60) or _PRICES.get(price.model, "not stated")


def level_text(level: str) -> str:
    return _LEVELS.get(level, line(level, 40))


def source_text(listing: Listing) -> str:
    return _SOURCES.get(listing.source_type, "")


def version_of(release: Release) -> shown.Version:
    """A release in the table of versions."""
    yanked = release.yanked
    return shown.Version(
        package=release.package.name if release.package else "",
        version=line(release.version, 60),
        date=release.date.isoformat() if release.date else "",
        callboard=line(release.supports_callboard, 60),
        backstage=line(release.supports_backstage, 60),
        yanked="" if yanked is None else line(yanked.reason, 200) or "no reason given",
        size=_size(release.artefact.size),
        sha256=line(release.artefact.sha256, 64),
        attested=bool(release.artefact.attestation),
        changelog=prose(release.changelog[:8000], 3) if release.changelog else prose(""),
    )


def contributions_of(release: Release | None) -> tuple[str, ...]:
    """What a release adds, by kind of contribution and title, as its manifest names them."""
    if release is None:
        return ()
    found = []
    for one in release.contributions[:60]:
        kind = str(one.get("kind") or one.get("type") or "contribution")
        name = one.get("title") or one.get("id") or one.get("name") or one.get("path") or ""
        found.append(line(f"{kind}: {name}" if name else kind, 80))
    return tuple(found)


def steps_of(listing: Listing, latest: Release | None) -> tuple[shown.Step, ...]:
    """How each package is installed: Callboard's own by its command, npm packages by npm or Yarn."""
    callboard = [one.name for one in listing.packages if one.ecosystem == "pypi"]
    npm = [one for one in listing.packages if one.ecosystem == "npm"]
    steps = []
    if callboard:
        code = "\n".join(f"callboard plugins install {line(name, 214)}" for name in callboard)
        steps.append(
            shown.Step(
                "In Callboard", "The plan is shown first; nothing is installed before you agree.", code
            )
        )
    if npm:
        names = [line(one.name, 214) for one in npm]
        back = [name for name in names if "backend" in name or name.endswith("-node")]
        front = [name for name in names if name not in back]
        for where, those in (("packages/app", front), ("packages/backend", back)):
            if those:
                words = " ".join(those)
                code = f"yarn --cwd {where} add {words}\n# or\nnpm install --prefix {where} {words}"
                side = "app" if where.endswith("app") else "backend"
                steps.append(shown.Step(f"In Backstage's {side}", "", code))
    return tuple(steps)


def shots_of(listing: Listing) -> tuple[shown.Shot, ...]:
    """Screenshots. Those that stand elsewhere are linked: showing them would tell others who reads."""
    found = []
    for number, one in enumerate(listing.screenshots[:12], 1):
        ours = one.url.startswith("data:") or (one.url.startswith("/") and not one.url.startswith("//"))
        alt = line(one.alt, 200) or f"Screenshot {number}"
        found.append(shown.Shot(one.url if ours else "", safe_url(one.url), alt, line(one.caption, 300)))
    return tuple(found)


def sections_of(listing: Listing) -> tuple[shown.Section, ...]:
    """The chapters of the documentation, without those that the page shows anyway."""
    found = []
    for number, one in enumerate(listing.documentation[:20], 1):
        if one.markdown in (listing.description, listing.installation):
            continue
        title = line(one.title, 100) or one.type.capitalize() or f"Part {number}"
        found.append(shown.Section(f"chapter-{number}", title, prose(one.markdown)))
    return tuple(found)


def detail_of(
    one: asked.Detail, card: shown.Card, related: Iterable[shown.Card], links: Links
) -> shown.Detail:
    """Everything on the page of a listing."""
    listing, figures, latest = one.listing, one.figures, one.latest
    dates = [release.date for release in one.releases if release.date and release.yanked is None]
    replaced = one.replaced_by
    pypi = next((package.name for package in listing.packages if package.ecosystem == "pypi"), "")
    return shown.Detail(
        card=card,
        version=line(latest.version, 60) if latest else "",
        updated=max(dates).isoformat() if dates else "",
        about=prose(listing.description),
        description=line(listing.summary, 155) or plain(listing.description),
        sections=sections_of(listing),
        highlights=tuple(line(text, 200) for text in listing.highlights[:20]),
        shots=shots_of(listing),
        versions=tuple(version_of(release) for release in one.releases[:MAX_VERSIONS]),
        more_versions=max(0, len(one.releases) - MAX_VERSIONS),
        steps=steps_of(listing, latest),
        installation=prose(listing.installation),
        asks=tuple(
            shown.Ask(line(need.name, 60), line(need.why, 300)) for need in (latest.needs if latest else ())
        ),
        contributions=contributions_of(latest),
        declares=latest is not None and bool(latest.plugin),
        chart=chart(figures.weeks) if figures else None,
        health_parts=figures.health_parts if figures else (),
        installs=figures.installs if figures else None,
        ranks=figures.ranks if figures else (),
        license=line(listing.license, 60),
        price_text=price_text(listing.price),
        price_url=safe_url(listing.price.url) if listing.price.url else "",
        support=line(listing.support.provider, 80),
        support_level=level_text(listing.support.level),
        support_contact=line(listing.support.contact, 200),
        links=tuple(
            shown.Link(line(link.title, 120), url)
            for link in listing.links[:20]
            if (url := safe_url(link.url))
        ),
        packages=tuple((package.ecosystem, line(package.name, 214)) for package in listing.packages[:40]),
        missing=tuple(line(name, 214) for name in listing.missing_packages[:20]),
        tags=tuple(line(tag, 63) for tag in listing.tags[:40]),
        related=tuple(related),
        collections=tuple(
            shown.Link(line(two.title, 100), links.collection(two.ref)) for two in one.collections
        ),
        replaced_by=shown.Link(line(replaced.title, 100), links.listing(replaced.ref)) if replaced else None,
        source=source_text(listing),
        added=listing.added.isoformat() if listing.added else "",
        install_source=pypi,
    )


def _size(size: int | None) -> str:
    if size is None:
        return ""
    for least, unit in _UNITS:
        if size >= least:
            return f"{size / least:.1f} {unit}"
    return f"{size} B"
