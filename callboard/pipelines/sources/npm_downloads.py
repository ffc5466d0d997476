"""npm's download counts by day: many names in one question, but scoped names one by one.

The registry documents its limits: 128 names and 365 days a question, and nothing before 2015-01-10.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from callboard.core.errors import NotFoundError
from callboard.pipelines.sources.contract import FIRST_DAY, Outcome, SourceError, Work
from callboard.pipelines.sources.fields import a_list, an_object, count, day, text
from callboard.pipelines.sources.npm import escaped
from callboard.pipelines.sources.writing import Row, merge

MOST_NAMES = 128
MOST_DAYS = 365
LATE = 3  # days that are asked again, because counts come late


class NpmDownloads:
    """`history` is how many days are read of a package that was never read before."""

    name = "npm-downloads"
    datasets: Sequence[str] = ("downloads",)

    def __init__(self, url: str, history: int) -> None:
        self._url = url.rstrip("/")
        self._history = history

    async def collect(self, work: Work, outcome: Outcome) -> None:
        """A step is a question: what it gave is in the lake before the state says so."""
        state = await work.state.of(self.name)
        last: dict[str, str] = state.setdefault("last", {})
        for since, names in sorted(self._wanted(work, last).items()):
            for start, end in spans(since, work.until or work.yesterday):
                for group in groups(names):
                    read = await self._step(work, outcome, group, start, end)
                    if work.since is None and read:
                        last.update(dict.fromkeys(read, end.isoformat()))
                        await work.state.remember(self.name, state)

    def _wanted(self, work: Work, last: dict[str, str]) -> dict[date, list[str]]:
        """Names by the first day that is to be read."""
        found: dict[date, list[str]] = defaultdict(list)
        for name in work.shelf.of("npm"):
            since = work.since
            if since is None and name in last:
                since = date.fromisoformat(last[name]) - timedelta(days=LATE - 1)
            elif since is None:
                since = work.today - timedelta(days=self._history)
            found[max(since, FIRST_DAY)].append(name)
        return found

    async def _step(
        self, work: Work, outcome: Outcome, names: Sequence[str], start: date, end: date
    ) -> list[str]:
        """Ask, and write what is answered; gives the names that were read."""
        url = f"{self._url}/downloads/range/{start}:{end}/{','.join(map(escaped, names))}"
        read: list[str] = []
        by_day: dict[date, list[Row]] = defaultdict(list)
        try:
            body = an_object((await work.client.get(url, cached=False)).json(), url)
        except NotFoundError:
            outcome.failed(f"there are no downloads of {', '.join(names)}", url)
            return []
        except SourceError as error:
            outcome.failed(error.message, error.url or url, error.field)
            return []
        for name in names:
            one = body if len(names) == 1 else body.get(name)
            if one is None:
                outcome.failed(f"there are no downloads of {name}", url)
                continue
            try:
                for row in rows_of(one, name, url, end):
                    by_day[row["day"]].append(row)
                read.append(name)
            except SourceError as error:
                outcome.failed(f"{name}: {error.message}", url, error.field)
        for when, rows in sorted(by_day.items()):
            await merge(work.lake, outcome, "downloads", when, rows, keys=("ecosystem", "package"))
        return read


def rows_of(answer: Any, package: str, url: str, end: date) -> list[Row]:
    """The rows of one package (JSON, hence Any). Raises SourceError: of a wrong answer nothing is taken."""
    body = an_object(answer, url)
    if text(body, "package", url) != package:
        raise SourceError(f"is about another package than {package}", url, "package")
    rows: dict[date, Row] = {}
    for one in a_list(body, "downloads", url):
        entry = an_object(one, url, "downloads")
        when, number = day(entry, "day", url), count(entry, "downloads", url)
        if when > end:
            raise SourceError(f"is after {end}, the last day that was asked for: {when}", url, "day")
        if when in rows and rows[when]["downloads"] != number:
            raise SourceError(f"stands there twice with different counts: {when}", url, "day")
        rows[when] = {"day": when, "ecosystem": "npm", "package": package, "downloads": number}
    return list(rows.values())


def groups(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Names that may be asked about together."""
    ordered = sorted(names)
    plain = [one for one in ordered if not one.startswith("@")]
    for start in range(0, len(plain), MOST_NAMES):
        yield tuple(plain[start : start + MOST_NAMES])
    yield from ((one,) for one in ordered if one.startswith("@"))


def spans(since: date, until: date) -> Iterator[tuple[date, date]]:
    """First and last days of questions that cover `since` to `until`."""
    while since <= until:
        end = min(until, since + timedelta(days=MOST_DAYS - 1))
        yield since, end
        since = end + timedelta(days=1)
