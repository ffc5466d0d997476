"""`/insights`: every report with its picture, its table and its rows to take away."""

from __future__ import annotations

from starlette.responses import Response

from callboard.insights.api import INSIGHTS_READ, days_of, rows_of
from callboard.insights.charts import drawn, written
from callboard.insights.reports import DAYS, REPORTS
from callboard.insights.source import InsightSource
from callboard.web.view import View

ID = "insights"
MOST_ROWS = 400  # of a table


async def insights(view: View) -> Response:
    """All reports over the last `days`."""
    await view.require(INSIGHTS_READ)
    days = days_of(view.query.get("days"))
    source = view.plugin(ID).get(InsightSource)
    shown = []
    for report in REPORTS:
        rows = await rows_of(source, report, days)
        newest_first = rows[::-1] if report.columns[0].type == "day" else rows
        table = [
            [written(row[one.name], one.type) for one in report.columns] for row in newest_first[:MOST_ROWS]
        ]
        shown.append((report, drawn(report, rows), table, len(rows)))
    return await view.page(
        "insights/insights.html",
        title=view.text("Insights"),
        reports=shown,
        days=days,
        spans=[
            (f"/insights?days={one}", view.text("%(days)s days") % {"days": one}, one == days) for one in DAYS
        ],
        sample=source.is_sample(),
        empty=not any(rows for *_, rows in shown),
    )
