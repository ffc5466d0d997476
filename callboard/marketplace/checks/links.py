"""The addresses of a listing: which ones may stand there. Whether they lead anywhere is asked elsewhere.

One rule for all that a page would link: `https:` to a host that everybody can reach. Mail addresses may stand
in texts and as a contact; an address within the same text (`#usage`) leads nowhere else.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

from callboard.core.mail import is_address
from callboard.marketplace.checks.declared import Declared
from callboard.marketplace.checks.findings import Finding, error

_RENDER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_URLS = {
    "href", "src", "action", "formaction", "poster", "background", "data", "cite", "srcset", "xlink:href",
}  # fmt: skip
_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:\S")
_PRIVATE = (
    ".local", ".internal", ".intranet", ".localhost", ".localdomain", ".lan", ".home", ".corp", ".home.arpa",
    ".test", ".invalid", ".onion",
)  # fmt: skip
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
MOST_TOLD = 10
"""Addresses of one text that are told."""


def urls_of(declared: Declared) -> list[tuple[str, str]]:
    """Every address of the web that has a field of its own, with it."""
    found = [(f"links[{at}].url", link.url) for at, link in enumerate(declared.links)]
    further = [("price.url", declared.price.url), ("support.contact", declared.support.contact)]
    return [*found, *((field, text) for field, text in further if _SCHEME.match(text) and not _is_mail(text))]


def check_links(declared: Declared) -> Iterator[Finding]:
    """Scheme, host and form of each address, in fields and in texts."""
    fields = [(f"links[{at}].url", wrong_url(link.url), link.url) for at, link in enumerate(declared.links)]
    if url := declared.price.url:
        fields.append(("price.url", wrong_url(url), url))
    contact = declared.support.contact
    for field, wrong, text in [*fields, ("support.contact", wrong_contact(contact), contact)]:
        if wrong is not None:
            yield error("link-refused", f"{text[:200]} {wrong}", field)
    yield from check_text_links(declared.description, "description")
    yield from check_text_links(declared.installation, "installation")
    for at, chapter in enumerate(declared.documentation):
        yield from check_text_links(chapter.markdown, f"documentation[{at}]")
    for at, highlight in enumerate(declared.highlights):
        yield from check_text_links(highlight, f"highlights[{at}]")


def check_text_links(text: str, field: str) -> Iterator[Finding]:
    """The addresses that a Markdown text links, or shows pictures from; each once."""
    told = 0
    for url in dict.fromkeys(addresses_in(text)):
        if (wrong := wrong_linked(url)) is not None:
            yield error("link-refused", f"{url[:200]} {wrong}", field)
            told += 1
            if told == MOST_TOLD:
                return


def addresses_in(text: str) -> list[str]:
    """What a Markdown text links, also by its own HTML."""
    if not any(mark in text for mark in ("](", "]:", "<")):
        return []  # most texts link nothing, and parsing takes its time
    seen = _Addresses()
    seen.feed(_RENDER.render(text))
    seen.close()
    return seen.found


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "srcset":
                self.found += [one.split()[0] for one in (value or "").split(",") if one.split()]
            elif name in _URLS and value:
                self.found.append(value)


def wrong_linked(url: str) -> str | None:
    """Why an address may not be linked in a text, where mail and places of the same text may be."""
    folded = re.sub(r"[\x00-\x20]", "", url)
    if _is_mail(folded):
        return None
    outside = unquote(folded).replace("\\", "/").startswith("//")
    return wrong_url(url) if outside or _SCHEME.match(folded) else None


def wrong_contact(text: str) -> str | None:
    """Why a text may not be a contact: it is mail, an address of the web, or words."""
    if not text or is_address(text) or _is_mail(text):
        return None
    looks_like_one = _SCHEME.match(text) or text.replace("\\", "/").startswith("//")
    return wrong_url(text) if looks_like_one else None


def _is_mail(url: str) -> bool:
    """Whether it is `mailto:` with one plain address; a subject may follow."""
    if not url.lower().startswith("mailto:"):
        return False
    return is_address(unquote(url[len("mailto:") :].partition("?")[0]))


def wrong_url(url: str) -> str | None:
    """Why an address may not be linked; None for one that may."""
    try:
        parts = urlsplit(url)
        host = _host(parts.hostname or "")
        _ = parts.port
    except ValueError:
        return "is no address"
    if parts.scheme.lower() != "https":
        return f"must begin with https:, not {parts.scheme.lower() or 'without a scheme'}"
    if "\\" in url:
        return "must hold no backslash, which browsers read as a slash"
    if parts.username is not None or parts.password is not None:
        return "must hold no name or password"
    try:
        ipaddress.ip_address(host)
        return "must name its host, not an address of one"
    except ValueError:
        pass
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return "must name its host, not an address of one"
    if not host or "." not in host or host.endswith(_PRIVATE):
        return "leads to a host that only some networks know"
    return None


def _host(text: str) -> str:
    """A host as browsers read it: escapes and wide letters are undone, and a dot at its end says nothing."""
    folded = unicodedata.normalize("NFKC", unquote(text)).replace("\u3002", ".").lower()
    return folded.removesuffix(".")
