"""Makes what the pages show of what the shelf holds: cards and the parts of a listing's page. Pure."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from datetime import date, timedelta

from callboard.marketplace import asked
from callboard.marketplace.figures import Ranking
from callboard.marketplace.model import Listing, Price, Publisher, Release
from callboard.marketplace.site import shown
from callboard.marketplace.site.charts import chart
from callboard.marketplace.site.configuring import configuration_of
from callboard.marketplace.site.getting import file_of, install_source, steps_of
from callboard.marketplace.site.icons import icon_name
from callboard.marketplace.site.links import Links
from callboard.marketplace.site.prose import line, plain, prose, said
from callboard.plugins.words import Added, added
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
    "extensions": "Descriptors of plugins for Backstage",
    "directory": "Backstage's open plugin directory",
    "submission": "Its publisher, after a review",
}
_RANKS: dict[Ranking, str] = {
    "popular": "Place by downloads",
    "trending": "Place by growth",
    "rising": "Place by places gained",
    "new": "Place among the new",
    "healthiest": "Place by health",
}
_CONTRACT = re.compile(r"contract (\d{1,4})")
_MAIL = re.compile(r"[^@\s:/<>]+@[^@\s:/<>]+")
_UNITS = ((1_000_000, "MB"), (1_000, "kB"))


def icon_of(source: str, title: str) -> shown.Icon:
    """The picture by its path; without one the first letter of the title, on a ground that it decides."""
    letter = next((sign.upper() for sign in title if sign.isalnum()), "?")
    return shown.Icon(source, letter, zlib.crc32(title.encode("utf-8", "replace")) % GROUNDS)


def mark_of(publisher: Publisher) -> str:
    """The mark of a publisher; a type that is not known is community."""
    return publisher.type if publisher.type in MARKS else "community"


def card_of(item: asked.Item, maker: shown.Maker | None, links: Links, today: date) -> shown.Card:
    """A listing as it stands in lists."""
    one, figures = item.listing, item.figures
    return shown.Card(
        ref=one.ref,
        path=links.listing(one.ref),
        title=line(one.title, 100),
        summary=said(one.summary, 240) or plain(one.description, 160),
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


def source_text(listing: Listing, latest: Release | None) -> str:
    if listing.source_type == "wheel":
        own = latest is not None and latest.artefact.url.startswith("file:")
        return "A folder of wheels" if own else "A package index"
    return _SOURCES.get(listing.source_type, "")


def role_text(role: str) -> str:
    """`frontend-plugin` as words; that Callboard's are plugins goes without saying."""
    return "" if role == "plugin" else line(role.replace("-", " "), 40)


def version_of(release: Release, links: Links) -> shown.Version:
    """A release in the table of versions."""
    yanked = release.yanked
    url, address = file_of(release, links)
    return shown.Version(
        package=release.package.name if release.package else "",
        version=line(release.version, 60),
        date=release.date.isoformat() if release.date else "",
        callboard=callboard_text(release.supports_callboard),
        backstage=line(release.supports_backstage, 60),
        yanked="" if yanked is None else line(yanked.reason, 200) or "no reason given",
        size=_size(release.artefact.size),
        sha256=line(release.artefact.sha256, 64),
        attested=release.artefact.attested or ("stated" if release.artefact.attestation else ""),
        attested_by=line(release.artefact.attested_by, 200),
        changelog=prose(release.changelog[:8000], 3) if release.changelog else prose(""),
        role=role_text(release.role),
        url=url,
        address=address,
    )


def contributions_of(release: Release | None) -> tuple[Added, ...]:
    """What a release adds, by kind of contribution, in words."""
    if release is None:
        return ()
    found = added({"id": release.plugin, "contributions": release.contributions[:60]})
    return tuple(
        Added(line(one.title, 60), tuple(text for item in one.items if (text := line(item, 80))), one.more)
        for one in found
    )


def newest_of(releases: Iterable[Release]) -> tuple[Release, ...]:
    """The newest release of each package that can be installed; a pre-release where there is no other."""
    found: dict[str, Release] = {}
    for one in releases:  # the newest first
        name = one.package.name if one.package else ""
        if one.yanked is None and (name not in found or (found[name].prerelease and not one.prerelease)):
            found[name] = one
    return tuple(found.values())


def hosts_of(listing: Listing, newest: Iterable[Release]) -> tuple[str, ...]:
    """What it works with, each with the versions that its newest releases name."""
    found = []
    for ecosystem, host in (("npm", "Backstage"), ("pypi", "Callboard")):
        named = dict.fromkeys(
            callboard_text(one.supports_callboard)
            if host == "Callboard"
            else line(one.supports_backstage, 60)
            for one in newest
        )
        versions = sorted(one for one in named if one)
        if versions or ecosystem in listing.ecosystems:
            found.append(f"{host} {', '.join(versions)}".strip())
    return tuple(found)


def callboard_text(supports: str) -> str:
    """Which versions of Callboard a release works with; the contract of plugins is no version."""
    contract = _CONTRACT.fullmatch(supports.strip())
    return f"with plugin contract {contract[1]}" if contract else line(supports, 60)


def contact_of(text: str) -> shown.Link | None:
    """A contact without the scheme of mail, and its address where that is one."""
    if not (contact := line(text, 200)):
        return None
    url = safe_url(contact)
    if not url and _MAIL.fullmatch(contact):
        url = f"mailto:{contact}"
    return shown.Link(contact.removeprefix("mailto:"), url)


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
    released = released_on(one)
    replaced = one.replaced_by
    newest = newest_of(one.releases)
    roles = {release.package.name: role_text(release.role) for release in newest if release.package}
    return shown.Detail(
        card=card,
        version=line(latest.version, 60) if latest else "",
        updated=released.isoformat() if released else "",
        about=prose(listing.description),
        description=said(listing.summary, 155) or plain(listing.description),
        sections=sections_of(listing),
        highlights=tuple(said(text, 200) for text in listing.highlights[:20]),
        shots=shots_of(listing),
        versions=tuple(version_of(release, links) for release in one.releases[:MAX_VERSIONS]),
        more_versions=max(0, len(one.releases) - MAX_VERSIONS),
        steps=steps_of(listing, latest, links),
        installation=prose(listing.installation),
        asks=tuple(
            shown.Ask(line(need.name, 60), line(need.why, 300)) for need in (latest.needs if latest else ())
        ),
        contributions=contributions_of(latest),
        configuration=configuration_of(newest),
        declares=latest is not None and bool(latest.plugin),
        chart=chart(figures.weeks) if figures else None,
        health_parts=figures.health_parts if figures else (),
        installs=figures.installs if figures else None,
        ranks=tuple((_RANKS[name], place) for name, place in figures.ranks) if figures else (),
        license=line(listing.license, 60),
        price_text=price_text(listing.price),
        price_url=safe_url(listing.price.url) if listing.price.url else "",
        support=line(listing.support.provider, 80),
        support_level=level_text(listing.support.level),
        support_contact=contact_of(listing.support.contact),
        authors=tuple(
            shown.Link(line(author.name, 80), safe_url(author.url) if author.url else "")
            for author in listing.authors[:20]
        ),
        certified_by=line(listing.certified_by, 80),
        verified_by=line(listing.verified_by, 80),
        hosts=hosts_of(listing, newest),
        deprecated=line(listing.deprecated_reason, 300),
        links=tuple(
            shown.Link(line(link.title, 120), url)
            for link in listing.links[:20]
            if (url := safe_url(link.url))
        ),
        packages=tuple(
            shown.Package(package.ecosystem, line(package.name, 214), roles.get(package.name, ""))
            for package in listing.packages[:40]
        ),
        missing=tuple(line(name, 214) for name in listing.missing_packages[:20]),
        tags=tuple(line(tag, 63) for tag in listing.tags[:40]),
        related=tuple(related),
        collections=tuple(
            shown.Link(line(two.title, 100), links.collection(two.ref)) for two in one.collections
        ),
        replaced_by=shown.Link(line(replaced.title, 100), links.listing(replaced.ref)) if replaced else None,
        source=source_text(listing, latest),
        added=listing.added.isoformat() if listing.added else "",
        lifecycle_from=listing.lifecycle_from,
        newest_published=str(listing.newest_published or ""),
        install_source=install_source(listing, latest),
    )


def released_on(one: asked.Detail) -> date | None:
    """The day of the last release: as the releases say, else as its intake or the figures found out."""
    dates = [release.date for release in one.releases if release.date and release.yanked is None]
    measured = one.figures.last_release if one.figures else None
    return max(dates) if dates else one.listing.newest_published or measured


def _size(size: int | None) -> str:
    if size is None:
        return ""
    for least, unit in _UNITS:
        if size >= least:
            return f"{size / least:.1f} {unit}"
    return f"{size} B"
