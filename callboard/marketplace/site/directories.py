"""Makes the pages that list who publishes and what was collected."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.marketplace.asked import Browse
from callboard.marketplace.site import showing, shown
from callboard.marketplace.site.charts import short
from callboard.marketplace.site.made import Made
from callboard.marketplace.site.prose import line
from callboard.marketplace.site.shop import Shop
from callboard.web.language import translated as _

PER_PAGE = 120
MOST_COLLECTIONS = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A publisher in the list of all. `count` are its listings that are not archived."""

    maker: shown.Maker
    icon: shown.Icon
    summary: str
    count: int


async def publishers(shop: Shop, page: int = 1) -> Made:
    """All publishers by their names, those with listings that are not archived first."""
    found = await shop.shelf.find(Browse(size=1))
    counts = {
        one.value.lower(): one.count
        for facet in found.facets
        if facet.name == "publisher"
        for one in facet.values
    }
    every = sorted(await shop.shelf.publishers(), key=lambda one: one.ref not in counts)
    pages = max(1, -(-len(every) // PER_PAGE))
    page = min(max(1, page), pages)
    rows = []
    for one in every[(page - 1) * PER_PAGE : page * PER_PAGE]:
        path, mark = shop.links.publisher(one.ref), showing.mark_of(one)
        maker = shown.Maker(one.ref, line(one.title, 100), path, mark)
        rows.append(
            Row(maker, showing.icon_of("", one.title), line(one.summary, 200), counts.get(one.ref, 0))
        )
    title = _("Publishers")
    return Made(
        "market/publishers.html",
        title if page == 1 else f"{title}, {_('page')} {page}",
        _("Everyone who publishes plugins here, with who has proved their domain."),
        shop.links.publishers(page),
        {
            "rows": rows,
            "total": len(every),
            "page_number": page,
            "pages": pages,
            "before": shop.links.publishers(page - 1) if page > 1 else "",
            "after": shop.links.publishers(page + 1) if page < pages else "",
        },
        indexed=bool(rows),
    )


async def collections(shop: Shop) -> Made:
    """All collections that hold something."""
    found = await shop.collections(MOST_COLLECTIONS)
    about = _("Plugins that go well together, chosen by people.")
    context = {"collections": found, "short": short}
    return Made(
        "market/collections.html",
        _("Collections"),
        about,
        shop.links.collections,
        context,
        indexed=bool(found),
    )
