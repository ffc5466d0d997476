"""The reports: what each of them asks the marts, and which rows and columns come out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from callboard.insights.source import Dimension, Marts, Row

DAYS = (30, 90, 180, 365)
"""Spans that can be chosen."""
MOST_KINDS = 6  # lines of a chart that people can tell apart


@dataclass(frozen=True, slots=True)
class Column:
    """`type` says how a value is written; `title` is for people, `name` for programs."""

    name: str
    title: str
    type: Literal["day", "text", "number", "percent"] = "number"


@dataclass(frozen=True, slots=True)
class Report:
    """`chart` is how it is drawn: `lines` over the days, a line a `series` (a column of numbers, or where
    `split` names a column, one of its values), or `bars`, one a row.
    """

    id: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: Callable[[Marts, int], Awaitable[list[Row]]]
    chart: Literal["lines", "bars"]
    series: tuple[str, ...]
    split: str = ""


async def _usage(marts: Marts, days: int) -> list[Row]:
    return _every_day(await marts.usage(days), ("daily_users", "weekly_users", "monthly_users", "events"))


def _every_day(rows: Sequence[Row], numbers: Sequence[str]) -> list[Row]:
    """Days on which nothing happened have zeros, and the spans of the day before."""
    known = {row["day"]: row for row in rows}
    if not known:
        return []
    first, last = min(known), max(known)
    found: list[Row] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        spans = {name: found[-1][name] for name in ("weekly_users", "monthly_users")} if found else {}
        found.append(known.get(day) or {**dict.fromkeys(numbers, 0), **spans, "day": day})
    return found


def _by(dimension: Dimension) -> Callable[[Marts, int], Awaitable[list[Row]]]:
    async def rows(marts: Marts, days: int) -> list[Row]:
        return await marts.usage_by(dimension, days, 25)

    return rows


async def _searches(marts: Marts, days: int) -> list[Row]:
    return await marts.searches_without_result(days, 25)


async def _growth(marts: Marts, days: int) -> list[Row]:
    return await marts.catalog_growth(days)


async def _ownership(marts: Marts, days: int) -> list[Row]:
    """The newest day: the share of each kind that has an owner, the largest kinds first."""
    rows = await marts.ownership()
    owned = [{**row, "share": row["owned"] / row["total"] if row["total"] else 0.0} for row in rows]
    return sorted(owned, key=lambda row: (-row["total"], row["kind"]))


async def _adoption(marts: Marts, days: int) -> list[Row]:
    """Installations of each plugin by day, whatever their versions."""
    summed: dict[tuple[date, str], int] = {}
    for row in await marts.adoption(days=days):
        key = row["day"], row["plugin"]
        summed[key] = summed.get(key, 0) + row["installs"]
    return [
        {"day": day, "plugin": plugin, "installs": installs}
        for (day, plugin), installs in sorted(summed.items())
    ]


async def _versions(marts: Marts, days: int) -> list[Row]:
    """The versions in use on the newest day."""
    rows = await marts.adoption()
    return [
        {"name": f"{row['plugin']} {row['version']}", "installs": row["installs"]}
        for row in sorted(rows, key=lambda row: (-row["installs"], row["plugin"], row["version"]))
    ]


_DAY = Column("day", "Day", "day")


def _used(id: str, title: str, about: str, dimension: Dimension) -> Report:
    columns = (
        Column("key", dimension.capitalize(), "text"),
        Column("events", "Events"),
        Column("most_users", "Most users of a day"),
    )
    return Report(id, title, about, columns, _by(dimension), "bars", ("events",))


REPORTS: tuple[Report, ...] = (
    Report(
        "users",
        "People who use the portal",
        "Different visitors of each day, of the seven days and of the thirty days that end with it.",
        (
            _DAY,
            Column("daily_users", "Daily"),
            Column("weekly_users", "Weekly"),
            Column("monthly_users", "Monthly"),
            Column("events", "Events"),
        ),
        _usage,
        "lines",
        ("daily_users", "weekly_users", "monthly_users"),
    ),
    _used("pages", "Most used pages", "Visits, by the pattern of the page's address.", "page"),
    _used("plugins", "Most used plugins", "Visits of the pages of each plugin.", "plugin"),
    _used("teams", "Teams that use it", "Visits by the team of the visitor, where it is known.", "team"),
    Report(
        "searches",
        "Searched and not found",
        "Terms for which nothing was found: what people expect here and do not find.",
        (Column("term", "Term", "text"), Column("searches", "Searches")),
        _searches,
        "bars",
        ("searches",),
    ),
    Report(
        "catalog",
        "Growth of the catalog",
        "Entities by kind.",
        (_DAY, Column("kind", "Kind", "text"), Column("entities", "Entities")),
        _growth,
        "lines",
        ("entities",),
        split="kind",
    ),
    Report(
        "ownership",
        "Ownership",
        "The share of the entities of each kind whose owner is in the catalog, on the newest day.",
        (
            Column("kind", "Kind", "text"),
            Column("share", "Owned", "percent"),
            Column("owned", "With an owner"),
            Column("total", "All"),
        ),
        _ownership,
        "bars",
        ("share",),
    ),
    Report(
        "adoption",
        "Adoption of plugins",
        "Installations of each plugin, of this portal and of those that report to it.",
        (_DAY, Column("plugin", "Plugin", "text"), Column("installs", "Installations")),
        _adoption,
        "lines",
        ("installs",),
        split="plugin",
    ),
    Report(
        "versions",
        "Versions in use",
        "Installations by version on the newest day.",
        (Column("name", "Version", "text"), Column("installs", "Installations")),
        _versions,
        "bars",
        ("installs",),
    ),
)
BY_ID = {one.id: one for one in REPORTS}
