"""What people read on a page, and what a browser would send of its forms."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any


def main_of(html: str) -> str:
    """What a page holds besides the frame of all pages."""
    return html.partition("<main")[2].partition("</main>")[0]


def text_of(html: str) -> str:
    """What a person reads, without the markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main_of(html))).split())


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        if tag == "input" and given.get("name"):
            if given.get("type") not in ("checkbox", "radio"):
                fields[given["name"]] = given.get("value") or ""
            elif "checked" in given:
                fields[given["name"]] = given["value"]
        elif tag == "textarea":
            self._area = given["name"]
            fields[given["name"]] = ""
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and ("selected" in given or self._select not in fields):
            fields[self._select] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area:
            fields = self.forms[-1][1]
            fields[self._area] += data.removeprefix("\n") if not fields[self._area] else data


def form_of(html: str, action: str) -> dict[str, str]:
    """What a browser sends of the first form with this address when nothing is changed."""
    parser = _Forms()
    parser.feed(main_of(html))
    return next(fields for path, fields in parser.forms if path == action)
