"""Usage events: what the capture spooled becomes rows of the days on which it happened."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import orjson
import pyarrow as pa

from callboard.pipelines.capture.spool import waiting
from callboard.pipelines.lake import Lake
from callboard.pipelines.records import EVENTS
from callboard.pipelines.sources.contract import Outcome, Work
from callboard.pipelines.sources.writing import Row, table_of

MOST = 500  # files that are taken together


class UsageEvents:
    """Files are removed once their rows are in the lake; read twice, they give the same rows once."""

    name = "usage"
    datasets: Sequence[str] = ("events",)

    async def collect(self, work: Work, outcome: Outcome) -> None:
        paths = await asyncio.to_thread(waiting, work.lake)
        for start in range(0, len(paths), MOST):
            await asyncio.to_thread(_take, work.lake, paths[start : start + MOST], outcome)


def _take(lake: Lake, paths: Sequence[str], outcome: Outcome) -> None:
    by_day: dict[date, list[Row]] = defaultdict(list)
    for path in paths:
        for number, line in enumerate(lake.fs.cat_file(path).splitlines(), 1):
            try:
                row = _row(orjson.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                outcome.failed(f"line {number} is no event: {error}", path)
            else:
                by_day[row["day"]].append(row)
    for day, rows in sorted(by_day.items()):
        table = table_of("events", rows)
        there = lake.read("raw", "events", day, day)
        if there is not None:
            table = pa.concat_tables([there.cast(EVENTS), table])
        whole = table.group_by(table.column_names, use_threads=False).aggregate([]).select(EVENTS.names)
        lake.write("raw", "events", day, whole.cast(EVENTS))
        outcome.wrote("events", day, len(rows))
    for path in paths:
        lake.fs.rm_file(path)


def _row(body: dict[str, Any]) -> Row:
    at = datetime.fromisoformat(body["at"])
    return {**{name: body[name] for name in EVENTS.names}, "day": at.date(), "at": at}
