"""Renders the Definition tab the way the portal does, without a server, and looks at the HTML."""

from __future__ import annotations

import asyncio
import json
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from callboard.core.config import Config, load_config
from callboard.portal.apidocs.pages import definition_tab
from callboard.portal.apidocs.plugin import PLUGIN
from callboard.web.assets import Assets
from callboard.web.contributions import Templates
from callboard.web.templating import environment
from callboard.web.view import View

EXAMPLE = Path(__file__).parents[3] / "callboard" / "example" / "systems"


class _AnyAsset(Assets):
    """Tests need no bundles."""

    def __init__(self) -> None:
        pass

    def url(self, name: str) -> str:
        return f"/assets/{name}"


TEMPLATES = environment([one for one in PLUGIN.contributions if isinstance(one, Templates)], _AnyAsset())


def config(*allow: str) -> Config:
    return load_config([], {"APP_CONFIG_apiDocs_tryIt_allow": json.dumps(allow)} if allow else {})


def api(kind: str, definition: object, **spec: Any) -> dict[str, Any]:
    return {
        "kind": "API",
        "metadata": {"name": "harbour", "namespace": "default"},
        "spec": {"type": kind, "definition": definition, **spec},
    }


def render(entity: dict[str, Any], *allow: str, **query: str) -> str:
    """The tab's HTML."""
    fake = SimpleNamespace(
        query=query,
        config=config(*allow),
        request=SimpleNamespace(url=SimpleNamespace(path="/catalog/default/api/harbour/definition")),
    )
    view = cast(View, fake)
    data = asyncio.run(cast(Any, definition_tab(view, entity)))
    return TEMPLATES.get_template("apidocs/definition.html").render(view=view, **data)


class Outline(HTMLParser):
    """What a test asks about HTML: its elements, ids, attributes and whole text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.labels: set[str] = set()
        self.handlers: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src", "action"):
                self.links.append(value or "")
            elif name == "for":
                self.labels.add(value or "")
            elif name.startswith("on") or name == "style":
                self.handlers.append(name)

    def handle_data(self, data: str) -> None:
        self.text += data
