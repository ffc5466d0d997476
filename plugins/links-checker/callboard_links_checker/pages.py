"""The card of an entity, and the page of all broken links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from callboard.plugins.storage import PluginStorage
from callboard.web.contributions import Entity
from callboard.web.view import View
from callboard_links_checker.results import Results, links_of

ID = "links-checker"
SHOWN = 200
SHOWN_ENTITIES = 10


def has_links(entity: Entity) -> bool:
    return bool(links_of(entity))


async def card(view: View, entity: Entity) -> Mapping[str, Any]:
    """Each link in its order, with how it is. One that was not looked at yet has the state `waiting`."""
    urls = links_of(entity)
    known = await _results(view).of(urls)
    titles = _titles(entity)
    links = [{"url": url, "title": titles.get(url) or url, "result": known.get(url)} for url in urls]
    return {"links": links, "broken": sum(1 for one in known.values() if one.state == "broken")}


async def overview(view: View) -> Response:
    """Broken links of entities that the visitor may see."""
    rows = []
    for result, refs in await _results(view).broken():
        seen = [ref for ref in refs if view.index.row(ref) is not None]
        if seen:
            rows.append(
                {
                    "result": result,
                    "refs": seen[:SHOWN_ENTITIES],
                    "more": len(seen) - SHOWN_ENTITIES,
                    "owners": _owners(view, seen),
                    "host": _host(result.url),
                }
            )
    return await view.page(
        "links-checker/broken.html", title=view.text("Broken links"), rows=rows[:SHOWN], total=len(rows)
    )


def _results(view: View) -> Results:
    return Results(view.plugin(ID).get(PluginStorage))


def _titles(entity: Entity) -> dict[str, str]:
    items = entity["metadata"].get("links") or ()
    return {
        str(item["url"]).strip(): str(item.get("title") or "")
        for item in items
        if isinstance(item, Mapping) and item.get("url")
    }


def _owners(view: View, refs: list[str]) -> list[str]:
    """Who owns one of these entities, of what the visitor may see."""
    found: dict[str, None] = {}
    for ref in refs:
        row = view.index.row(ref)
        for owner in view.index.values_of(row, "relations.ownedby") if row is not None else ():
            if not view.hides(owner):
                found[owner.lower()] = None
    return list(found)[:SHOWN_ENTITIES]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url
