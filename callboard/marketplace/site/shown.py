"""What the pages show, ready for templates: every text cut and cleaned, every address made. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from callboard.marketplace.figures import HealthPart
from callboard.marketplace.site.charts import Chart
from callboard.plugins.words import Added


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
    """`rest` are those that are opened, and `more` how many values there are even beyond these."""

    name: str
    title: str
    choices: tuple[Choice, ...]
    rest: tuple[Choice, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """A release in the table of a listing. `yanked` is the reason, empty when it is not; `attested` is
    verified, stated or empty.

    `url` is where its file can be had; `address` is a place that no link can lead to, such as one of a
    registry of images.
    """

    package: str
    version: str
    date: str
    callboard: str
    backstage: str
    yanked: str
    size: str
    sha256: str
    attested: str
    changelog: Markup
    role: str
    url: str
    address: str
    attested_by: str = ""

    @property
    def file(self) -> bool:
        return bool(self.size or self.sha256 or self.attested or self.url or self.address)


@dataclass(frozen=True, slots=True)
class Ask:
    """Something a plugin asks for, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """One way to install: a heading, the commands for it, and the file that they need."""

    title: str
    about: str
    code: str
    url: str = ""


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
class Option:
    """One field of a configuration. `type` and `default` are in words, empty where nothing is said."""

    name: str
    type: str
    required: bool
    default: str
    about: str


@dataclass(frozen=True, slots=True)
class Example:
    """A configuration as one would write it, in YAML. `package` is empty where there is only one."""

    title: str
    package: str
    code: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """How the newest release is configured. `unneeded`: its source says that it needs none."""

    options: tuple[Option, ...]
    examples: tuple[Example, ...]
    unneeded: bool

    def __bool__(self) -> bool:
        return bool(self.options or self.examples or self.unneeded)


@dataclass(frozen=True, slots=True)
class Package:
    """`role` is the part that it plays, in words."""

    ecosystem: str
    name: str
    role: str


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
    contributions: tuple[Added, ...]
    configuration: Configuration
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
    support_contact: Link | None
    """The address is empty where it is none."""
    authors: tuple[Link, ...]
    certified_by: str
    verified_by: str
    hosts: tuple[str, ...]
    """What it works with, and in which versions."""
    deprecated: str
    """Why nobody develops it any more, in the words of its publisher."""
    links: tuple[Link, ...]
    packages: tuple[Package, ...]
    missing: tuple[str, ...]
    """Packages that its source names and that do not exist."""
    tags: tuple[str, ...]
    related: tuple[Card, ...]
    collections: tuple[Link, ...]
    replaced_by: Link | None
    source: str
    added: str
    lifecycle_from: str
    """What told the state: publishing, missing or file; empty where its source has no such rule."""
    newest_published: str
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
