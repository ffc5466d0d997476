"""Recorded answers in place of registries and of people: what the example ships, and demonstrations use.

A folder holds gzipped JSON lines in the documented shapes: `npm-downloads` (answers of /downloads/range),
`packuments`, `osv` (records), `events` (Backstage's analytics events), and rows of `repositories`,
`installations` and `entities` (with `from` and `until`). `recording.json` says which day was its last.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from callboard.pipelines.capture.event import Event
from callboard.pipelines.lake import Lake
from callboard.pipelines.sources.contract import Outcome, SourceError, Work
from callboard.pipelines.sources.fields import day, moment
from callboard.pipelines.sources.npm_downloads import rows_of
from callboard.pipelines.sources.writing import Row, merge

YEAR = timedelta(days=364)  # so that Mondays stay Mondays
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+Z")


@dataclass(frozen=True, slots=True)
class Recording:
    """`shift` is how far its days are moved; after its end it is played again from a year before."""

    folder: Path
    first: date
    last: date
    shift: timedelta

    def lines(self, name: str) -> Iterator[Any]:
        """The lines of a file, JSON of any shape; none when the recording lacks it."""
        path = self.folder / f"{name}.jsonl.gz"
        if path.is_file():
            with gzip.open(path, "rb") as file:
                for line in file:
                    yield orjson.loads(line)

    def recorded(self, when: date) -> date | None:
        """The day of the recording that is played on a day; None before it begins."""
        found = when - self.shift
        while found > self.last:
            found -= YEAR
        return found if found >= self.first else None

    def moved(self, text: str) -> str:
        """A document with all its times moved."""
        return _TIME.sub(self._moved, text) if self.shift else text

    def _moved(self, match: re.Match[str]) -> str:
        at = moment(match[0])
        return match[0] if at is None else (at + self.shift).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Recorded:
    """With `shift` the last recorded day becomes the day before the first collection, and stays there."""

    name = "recorded"
    datasets: Sequence[str] = (
        "downloads",
        "packages",
        "repositories",
        "vulnerabilities",
        "entities",
        "events",
        "installations",
    )

    def __init__(self, folder: str, *, shift: bool = True) -> None:
        self._folder = Path(folder)
        self._shift = shift

    async def collect(self, work: Work, outcome: Outcome) -> None:
        state = await work.state.of(self.name)
        recording = await asyncio.to_thread(self._opened, work, state)
        until = min(work.until or work.yesterday, work.yesterday)
        since = work.since or (
            date.fromisoformat(state["last"]) + timedelta(days=1) if "last" in state else None
        )
        days = [one for one in _days(since or until - YEAR - YEAR, until) if recording.recorded(one)]
        played = {one: found for one in days if (found := recording.recorded(one))}
        if played:
            for dataset, by_day, keys in await asyncio.to_thread(_daily, recording, played):
                for when, rows in sorted(by_day.items()):
                    await merge(work.lake, outcome, dataset, when, rows, keys=keys)
        if work.since is None:
            await self._states(work, outcome, recording)
            await work.state.remember(self.name, {"shift": recording.shift.days, "last": until.isoformat()})

    def _opened(self, work: Work, state: dict[str, Any]) -> Recording:
        path = self._folder / "recording.json"
        try:
            told = orjson.loads(path.read_bytes())
            first, last = day(told, "first", str(path)), day(told, "last", str(path))
        except (OSError, orjson.JSONDecodeError) as error:
            raise SourceError(f"there is no recording: {error}", str(path)) from None
        moved = state.get("shift", (work.yesterday - last).days) if self._shift else 0
        return Recording(self._folder, first, last, timedelta(days=moved))

    async def _states(self, work: Work, outcome: Outcome, recording: Recording) -> None:
        """What is not about a day but as it is today: once a day, since it does not change."""
        for dataset, rows, keys in await asyncio.to_thread(_today, recording, work):
            if await asyncio.to_thread(_lacks, work.lake, dataset, work.today, rows, keys):
                await merge(work.lake, outcome, dataset, work.today, rows, keys=keys)


def _lacks(lake: Lake, dataset: str, when: date, rows: Sequence[Row], keys: tuple[str, ...]) -> bool:
    there = lake.read("raw", dataset, when, when)
    if there is None:
        return bool(rows)
    known = {tuple(row[key] for key in keys) for row in there.select(list(keys)).to_pylist()}
    return any(tuple(row[key] for key in keys) not in known for row in rows)


Daily = tuple[str, dict[date, list[Row]], tuple[str, ...]]


def _daily(recording: Recording, played: dict[date, date]) -> list[Daily]:
    """Rows of datasets that are about a day, with the columns that tell rows apart."""
    when: dict[date, list[date]] = defaultdict(list)
    for one, recorded in played.items():
        when[recorded].append(one)
    downloads: dict[date, list[Row]] = defaultdict(list)
    for answer in recording.lines("npm-downloads"):
        for row in rows_of(answer, answer["package"], "npm-downloads", recording.last):
            for one in when.get(row["day"], ()):
                downloads[one].append({**row, "day": one})
    events: dict[date, list[Row]] = defaultdict(list)
    for body in recording.lines("events"):
        for row in _events(body, when):
            events[row["day"]].append(row)
    entities: dict[date, list[Row]] = defaultdict(list)
    for body in recording.lines("entities"):
        since, until = day(body, "from", "entities"), date.fromisoformat(body.get("until") or "9999-12-31")
        row = {name: body[name] for name in ("entity", "kind", "type", "owned")}
        for recorded, ones in when.items():
            if since <= recorded <= until:
                for one in ones:
                    entities[one].append({**row, "day": one})
    installs: dict[date, list[Row]] = defaultdict(list)
    for body in recording.lines("installations"):
        for one in when.get(day(body, "day", "installations"), ()):
            installs[one].append({**body, "day": one})
    return [
        ("downloads", downloads, ("ecosystem", "package")),
        ("events", events, ("at", "visitor", "action", "subject")),
        ("entities", entities, ("entity",)),
        ("installations", installs, ("plugin", "version")),
    ]


def _events(body: dict[str, Any], when: dict[date, list[date]]) -> Iterator[Row]:
    at = moment(body["at"])
    assert at is not None
    context = dict(body.get("context") or {})
    event = Event(
        body["action"],
        body["subject"],
        at,
        body.get("value"),
        context.pop("pluginId", None),
        context.pop("routeRef", None),
        body.get("team"),
        body.get("visitor"),
        body.get("attributes") or {},
        context,
    )
    for one in when.get(at.date(), ()):
        yield {**event.row(), "day": one, "at": datetime.combine(one, at.timetz())}


def _today(recording: Recording, work: Work) -> list[tuple[str, list[Row], tuple[str, ...]]]:
    """Rows of datasets that are a state, for today."""
    common = {"day": work.today}
    packages: list[Row] = [
        {
            **common,
            "ecosystem": "npm",
            "package": body["name"],
            "document": recording.moved(orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()),
            "fetched_at": datetime.combine(work.today, datetime.min.time(), UTC),
        }
        for body in recording.lines("packuments")
    ]
    repositories: list[Row] = [
        {
            **body,
            **common,
            **{name: _at(body[name], recording) for name in ("last_release_at", "pushed_at")},
        }
        for body in recording.lines("repositories")
    ]
    advisories: list[Row] = [
        {
            **common,
            "id": body["id"],
            "ecosystem": "npm",
            "package": one["package"]["name"],
            "document": recording.moved(orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()),
            "modified": _at(body["modified"], recording),
        }
        for body in recording.lines("osv")
        for one in body["affected"]
    ]
    return [
        ("packages", packages, ("ecosystem", "package")),
        ("repositories", repositories, ("url",)),
        ("vulnerabilities", advisories, ("id", "ecosystem", "package")),
    ]


def _at(value: object, recording: Recording) -> datetime | None:
    at = moment(value)
    return None if at is None else at + recording.shift


def _days(since: date, until: date) -> list[date]:
    return [since + timedelta(days=number) for number in range((until - since).days + 1)]
