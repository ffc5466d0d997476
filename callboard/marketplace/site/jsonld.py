"""What search engines read of a page: schema.org data as JSON-LD. Pure."""

from __future__ import annotations

from typing import Any

from callboard.marketplace.site import shown
from callboard.marketplace.site.links import ROOT, Links

CONTEXT = "https://schema.org"


def listing_data(one: shown.Detail, links: Links) -> dict[str, Any]:
    """A listing as SoftwareApplication. Values are JSON, hence Any; what nobody knows is left out."""
    card = one.card
    ecosystems = {package.ecosystem for package in one.packages}
    hosts = [host for key, host in (("pypi", "Callboard"), ("npm", "Backstage")) if key in ecosystems]
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "SoftwareApplication",
        "name": card.title,
        "description": one.description,
        "url": links.absolute(card.path),
        "applicationCategory": card.categories[0] if card.categories else "DeveloperApplication",
        "operatingSystem": ", ".join(hosts),
        "softwareVersion": one.version,
        "dateModified": one.updated,
        "license": one.license,
        "keywords": ", ".join(one.tags),
    }
    if card.maker is not None:
        url = links.absolute(card.maker.path) if card.maker.path else ""
        found["author"] = {"@type": "Organization", "name": card.maker.name, **({"url": url} if url else {})}
    if card.price == "Free":
        found["offers"] = {"@type": "Offer", "price": "0", "priceCurrency": "USD"}
    return {key: value for key, value in found.items() if value}


def site_data(title: str, links: Links) -> dict[str, Any]:
    """The site with its search."""
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "WebSite",
        "name": title,
        "url": links.absolute(ROOT),
        "potentialAction": {
            "@type": "SearchAction",
            "target": links.absolute(f"{ROOT}/browse") + "?q={search_term_string}",
            "query-input": "required name=search_term_string",
        },
    }
    return found
