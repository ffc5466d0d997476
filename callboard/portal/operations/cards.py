"""The cards that plugins contribute to the overview of the operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from callboard.web.contributions import Alert, OperationsCard
from callboard.web.view import View

SECONDS = 5.0  # for the data of one card


async def contributed(view: View) -> list[tuple[OperationsCard, Mapping[str, Any]]]:
    """Each card with its data (whatever its template needs, hence Any), in order.

    One that has nothing to show is left out, and one that fails as well: its plugin is shown as unhealthy.
    """
    found: list[tuple[OperationsCard, Mapping[str, Any]]] = []
    owned = view.registry.owned(OperationsCard)
    for plugin, card in sorted(owned, key=lambda each: each[1].order):
        try:
            data = await view.health.guarded(plugin.id, f"the card {card.id}", card.data(view), SECONDS)
        except Exception:  # noted by `guarded`; the page is there for those who look for what is wrong
            data = None
        if data is not None:
            found.append((card, data))
    return found


def alerts(found: Sequence[tuple[OperationsCard, Mapping[str, Any]]]) -> list[Alert]:
    """What of these cards needs attention."""
    return [one for card, data in found for one in card.alerts(data) if one.count]
