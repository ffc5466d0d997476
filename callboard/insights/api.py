"""The reports over HTTP: `/api/insights`, each as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from callboard.access.permissions import Permission, Permissions
from callboard.access.principals import principal_of
from callboard.core.errors import InputError, NotFoundError
from callboard.core.http import json_answer
from callboard.insights.reports import BY_ID, REPORTS, Report
from callboard.insights.source import InsightSource, Row
from callboard.plugins import PluginContext

INSIGHTS_READ = Permission("insights.read", "read")
MOST_DAYS = 1100
_PRIVATE = {"cache-control": "private, no-cache"}
# A spreadsheet takes a text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def insights_routes(context: PluginContext) -> Sequence[BaseRoute]:
    """Every route; each asks for the permission `insights.read`."""

    async def allowed(request: Request) -> None:
        await context.get(Permissions).require(principal_of(request), INSIGHTS_READ)

    async def listed(request: Request) -> Response:
        await allowed(request)
        return json_answer({"items": [_about(one) for one in REPORTS]}, headers=_PRIVATE)

    async def one(request: Request) -> Response:
        await allowed(request)
        report, days, rows = await _asked(context, request)
        body = {**_about(report), "days": days, "sample": context.get(InsightSource).is_sample()}
        return json_answer({**body, "rows": [shown(row) for row in rows]}, headers=_PRIVATE)

    async def as_csv(request: Request) -> Response:
        await allowed(request)
        report, _, rows = await _asked(context, request)
        disposition = f'attachment; filename="{report.id}.csv"'
        return Response(
            csv_of(report, rows),
            media_type="text/csv",
            headers={**_PRIVATE, "content-disposition": disposition},
        )

    return [
        Route("/api/insights", listed, methods=["GET"]),
        Route("/api/insights/{report}", one, methods=["GET"]),
        Route("/api/insights/{report}/rows.csv", as_csv, methods=["GET"]),
    ]


async def rows_of(source: InsightSource, report: Report, days: int) -> list[Row]:
    """The rows of a report; none while there are no marts."""
    marts = source.marts()
    return [] if marts is None else await report.rows(marts, days)


def csv_of(report: Report, rows: Sequence[Row]) -> str:
    """The rows as CSV with a line of names."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    names = [one.name for one in report.columns]
    writer.writerow(names)
    writer.writerows([_harmless(row[name]) for name in names] for row in rows)
    return file.getvalue()


def shown(row: Row) -> dict[str, Any]:
    """A row as JSON."""
    return {name: value.isoformat() if name == "day" else value for name, value in row.items()}


def days_of(text: str | None, usual: int = 90) -> int:
    """How many days are asked about. Raises InputError."""
    if text is None or text == "":
        return usual
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_DAYS):
        raise InputError(f"`days` must be a number from 1 to {MOST_DAYS}")
    return int(text)


async def _asked(context: PluginContext, request: Request) -> tuple[Report, int, list[Row]]:
    name = request.path_params["report"]
    report = BY_ID.get(name)
    if report is None:
        raise NotFoundError(f"There is no report {name[:60]}: {', '.join(BY_ID)}")
    days = days_of(request.query_params.get("days"))
    return report, days, await rows_of(context.get(InsightSource), report, days)


def _about(report: Report) -> dict[str, Any]:
    return {
        "id": report.id,
        "title": report.title,
        "description": report.about,
        "columns": [{"name": one.name, "title": one.title, "type": one.type} for one in report.columns],
    }


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
