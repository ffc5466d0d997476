"""The form of a listing: what is typed into it as the fields of `checks.declared`, and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from callboard.core.errors import InputError
from callboard.marketplace.checks.declared import Screenshot, read_screenshot
from callboard.marketplace.checks.licenses import canonical
from callboard.marketplace.desk_pages.multipart import Parts

Json = dict[str, Any]
"""JSON, hence Any."""
NAMES = (
    "name", "title", "summary", "categories", "tags", "license", "description", "installation", "highlights",
    "links", "documentation", "related", "price", "price-text", "price-url", "support", "support-level",
    "support-contact", "changelog", "alts", "captions",
)  # fmt: skip
OURS = "listing:default/"
_HEADING = re.compile(r"# +(.+?)(?: +#+)? *")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_TYPES = ("about", "usage", "installation", "configuration")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def fields_of(typed: Mapping[str, str]) -> Json:
    """The listing that a form describes. Raises InputError for lines that cannot be read."""
    return {
        "name": typed["name"],
        "title": typed["title"],
        "summary": typed["summary"],
        "description": typed["description"],
        "installation": typed["installation"],
        "highlights": _split(typed["highlights"], "\n"),
        "categories": _split(typed["categories"], ","),
        "tags": _split(typed["tags"], ","),
        "license": canonical(typed["license"]) or typed["license"],
        "links": links_of(typed["links"]),
        "documentation": chapters_of(typed["documentation"]),
        "related": _split(typed["related"].replace("\n", ","), ","),
        "price": {
            "model": typed["price"] or "free",
            "text": typed["price-text"],
            "url": typed["price-url"],
        },
        "support": {
            "provider": typed["support"],
            "level": typed["support-level"] or "community",
            "contact": typed["support-contact"],
        },
    }


def typed_of(fields: Mapping[str, Any], changelog: str) -> dict[str, str]:
    """The other way around (`fields` is JSON, hence Any)."""
    price, support = fields.get("price", {}), fields.get("support", {})
    chapters = fields.get("documentation", ())
    return {
        **{name: str(fields.get(name, "")) for name in ("name", "title", "summary", "license")},
        **{name: str(fields.get(name, "")) for name in ("description", "installation")},
        "categories": ", ".join(fields.get("categories", ())),
        "tags": ", ".join(fields.get("tags", ())),
        "highlights": "\n".join(fields.get("highlights", ())),
        "links": "\n".join(f"{one['title']}: {one['url']}" for one in fields.get("links", ())),
        "documentation": "\n\n".join(f"# {one['title']}\n\n{one['markdown']}" for one in chapters),
        "related": ", ".join(one.removeprefix(OURS) for one in fields.get("related", ())),
        "price": price.get("model", ""),
        "price-text": price.get("text", ""),
        "price-url": price.get("url", ""),
        "support": support.get("provider", ""),
        "support-level": support.get("level", ""),
        "support-contact": support.get("contact", ""),
        "changelog": changelog,
    }


def links_of(text: str) -> list[Json]:
    """Links from lines `Title: address`; of an address alone, its host is the title."""
    found = []
    for at, line in enumerate((one.strip() for one in text.split("\n")), 1):
        if not line:
            continue
        if _ADDRESS.fullmatch(line):
            title, url = re.sub(r"^[a-z]+:/*", "", line, flags=re.IGNORECASE).partition("/")[0], line
        else:
            title, separator, url = (one.strip() for one in line.rpartition(": "))
            if not separator or not title or not _ADDRESS.fullmatch(url):
                raise InputError(
                    f"Line {at} of the links, “{line[:80]}”, has no address: write a title, a colon and the "
                    "address, such as Source: https://code.example.org/tides"
                )
        found.append({"title": title, "url": url})
    return found


def chapters_of(text: str) -> list[Json]:
    """Chapters from one Markdown text, in which each heading `# …` of the first level begins one."""
    chapters: list[tuple[str, list[str]]] = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        heading = None if fence or mark else _HEADING.fullmatch(line)
        if heading is not None:
            chapters.append((heading[1], []))
        elif chapters:
            chapters[-1][1].append(line)
        elif line.strip():
            raise InputError("Begin the documentation with the heading of a chapter, such as # Usage")
    return [
        {
            "title": title,
            "markdown": "\n".join(lines).strip(),
            "type": title.lower() if title.lower() in _TYPES else "",
        }
        for title, lines in chapters
    ]


def screenshots_of(parts: Parts) -> list[Screenshot] | None:
    """The screenshots that stay, with what the form says of them; None where it shows none."""
    if "shot" not in parts.fields:
        return None
    drop = set(parts.fields.get("shot-drop", ()))
    alts, captions = parts.fields.get("shot-alt", []), parts.fields.get("shot-caption", [])
    return [
        read_screenshot({"sha256": sha256, "alt": _at(alts, at), "caption": _at(captions, at)})
        for at, sha256 in enumerate(parts.fields["shot"])
        if sha256 not in drop
    ]


def lines_of(text: str) -> list[str]:
    """One text for each file, an empty line for one of which nothing is said."""
    return [one.strip() for one in text.split("\n")]


def _at(texts: list[str], at: int) -> str:
    return texts[at].strip() if at < len(texts) else ""


def _split(text: str, by: str) -> list[str]:
    return list(_filled(text.split(by)))


def _filled(texts: Iterable[str]) -> Iterable[str]:
    return filter(None, (one.strip() for one in texts))
