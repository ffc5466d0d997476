"""A plugin that adds a tab to components: which other entities have the same owner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callboard.catalog.query.conditions import OneOf
from callboard.plugins import Plugin
from callboard.web.contributions import Entity, EntityTab, Templates
from callboard.web.view import View


def is_component(entity: Entity) -> bool:
    return str(entity["kind"]).lower() == "component"


async def siblings(view: View, entity: Entity) -> Mapping[str, Any]:
    owners = [one["targetRef"] for one in entity["relations"] if one["type"] == "ownedBy"]
    rows = view.queries.rows(OneOf("relations.ownedby", tuple(owners))) or ()
    return {"siblings": [view.index.ref(row) for row in rows]}


PLUGIN = Plugin(
    id="harbour",
    title="Harbour",
    contributions=(
        EntityTab("siblings", "Siblings", "harbour/tab.html", siblings, is_component, order=60),
        Templates("harbour", Path(__file__).parent / "templates"),
    ),
)
