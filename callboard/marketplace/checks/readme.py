"""Whether a README, or any other Markdown of a publisher, is only text: what pages would cut out is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from callboard.marketplace.checks.findings import Finding, error, warning

MAX_README = 512 * 1024
_RENDER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_RUNS = {
    "script", "iframe", "object", "embed", "applet", "form", "input", "button", "style", "link", "meta",
    "base", "svg", "math", "frame", "frameset", "template", "noscript", "portal", "dialog",
}  # fmt: skip
_URLS = {
    "href",
    "src",
    "action",
    "formaction",
    "poster",
    "background",
    "data",
    "cite",
    "srcset",
    "xlink:href",
}
_SCHEMES = ("http:", "https:", "mailto:")
_RAW = re.compile(r"\]\(\s*<?\s*((?:java|vb)script|data|file)\s*:", re.IGNORECASE)


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _RUNS:
            self.found.append(f"the element <{tag}>")
        for name, value in attrs:
            if name.startswith("on"):
                self.found.append(f"the event handler {name} of <{tag}>")
            elif name == "style":
                self.found.append(f"a style of <{tag}>")
            elif name in _URLS and not is_plain_url(value or ""):
                self.found.append(f"an address of <{tag}> that pages cannot have")


def is_plain_url(text: str) -> bool:
    """Whether an address is one of the web, of mail, or relative; browsers ignore blanks within a scheme."""
    folded = re.sub(r"[\x00-\x20]", "", text).lower()
    scheme = re.match(r"[a-z][a-z0-9+.-]*:", folded)
    return scheme is None or scheme[0] in _SCHEMES


def check_readme(text: str | None, kind: str | None) -> Iterator[Finding]:
    """`text` is the long description in METADATA, `kind` its content type."""
    if not text or not text.strip():
        yield error("readme-missing", "The wheel has no README: it is what people read first", "METADATA")
        return
    if len(text) < 200:
        yield warning(
            "readme-short", f"The README has {len(text)} characters; say what it is for", "METADATA"
        )
    if kind and kind.partition(";")[0].strip().lower() not in ("text/markdown", "text/plain"):
        yield warning(
            "readme-type", f"The README is {kind[:60]}; only Markdown is shown with its form", "METADATA"
        )
    yield from check_markdown(text, "README")


def check_markdown(text: str, field: str) -> Iterator[Finding]:
    """What of a Markdown text a page would not show."""
    if len(text) > MAX_README:
        yield error("text-large", f"The text is longer than {MAX_README // 1024} KiB", field)
        return
    seen = _Seen()
    seen.feed(_RENDER.render(text))
    seen.close()
    for what in list(dict.fromkeys(seen.found))[:5]:
        yield error("text-active", f"The text holds {what}. Write plain Markdown", field)
    if (raw := _RAW.search(text)) is not None:
        yield error("text-active", f"The text links to {raw[1].lower()}:, which pages do not open", field)
