"""What the pages show, ready for templates: every text cut and cleaned, every address made. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from callboard.marketplace.figures import HealthPart
from callboard.marketplace.site.charts import Chart


@dataclass(frozen=True, slots=True)
class Icon:
    """A picture by its path, or a letter on one of six grounds where a listing has none."""

    source: str
    letter: str
    ground: int


@dataclass(frozen=True, slots=True)
class Maker:
    """A publisher beside its listings. `mark` is first-party, verified-partner or community."""

    ref: str
    name: str
    path: str
    mark: str


@dataclass(frozen=True, slots=True)
class Card:
    """A listing in a list. Dates are YYYY-MM-DD or empty; a number that nobody measured is None."""

    ref: str
    path: str
    title: str
    summary: str
    icon: Icon
    maker: Maker | None
    categories: tuple[str, ...]
    lifecycle: str
    price: str
    downloads: int | None
    growth: float | None
    health: int | None
    new: bool
    drawn: dict[tuple[str, int], Markup] = field(default_factory=dict, compare=False, repr=False)
    """How it looks by language and level of its heading: templates keep here what they drew."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet with its count and the address of the list with it chosen or not."""

    value: str
    text: str
    count: int
    chosen: bool
    path: str


@dataclass(frozen=True, slots=True)
class Facet:
    """`more` are how many values there are beyond those shown."""

    name: str
    title: str
    choices: tuple[Choice, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """A release in the table of a listing. `yanked` is the reason, empty when it is not."""

    package: str
    version: str
    date: str
    callboard: str
    backstage: str
    yanked: str
    size: str
    sha256: str
    attested: bool
    changelog: Markup


@dataclass(frozen=True, slots=True)
class Ask:
    """Something a plugin asks for, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """One way to install: a heading and the commands for it."""

    title: str
    about: str
    code: str


@dataclass(frozen=True, slots=True)
class Shot:
    """A screenshot: shown when it is ours or travels with the listing, else an address to open."""

    source: str
    url: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class Link:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the documentation of a listing."""

    id: str
    title: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything on the page of a listing."""

    card: Card
    version: str
    updated: str
    about: Markup
    description: str
    sections: tuple[Section, ...]
    highlights: tuple[str, ...]
    shots: tuple[Shot, ...]
    versions: tuple[Version, ...]
    more_versions: int
    steps: tuple[Step, ...]
    installation: Markup
    asks: tuple[Ask, ...]
    contributions: tuple[str, ...]
    declares: bool
    """Whether the newest release says what it asks for and adds: npm packages do not."""
    chart: Chart | None
    health_parts: Sequence[HealthPart]
    installs: int | None
    ranks: tuple[tuple[str, int], ...]
    license: str
    price_text: str
    price_url: str
    support: str
    support_level: str
    support_contact: str
    links: tuple[Link, ...]
    packages: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    """Packages that its source names and that do not exist."""
    tags: tuple[str, ...]
    related: tuple[Card, ...]
    collections: tuple[Link, ...]
    replaced_by: Link | None
    source: str
    added: str
    install_source: str
    """What the portal's installer takes; empty for what it cannot install."""


@dataclass(frozen=True, slots=True)
class Collected:
    """A collection with its listings."""

    ref: str
    path: str
    title: str
    summary: str
    about: Markup
    cards: tuple[Card, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Published:
    """A publisher with its listings."""

    maker: Maker
    summary: str
    about: Markup
    url: str
    domains: tuple[tuple[str, str], ...]
    contact: str
    cards: tuple[Card, ...]
    count: int
    icon: Icon


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the list of listings."""

    cards: tuple[Card, ...]
    total: int
    facets: tuple[Facet, ...]
    page: int
    pages: int
