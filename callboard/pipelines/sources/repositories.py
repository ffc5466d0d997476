"""Facts of source repositories, asked from the API of the host that each lies on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from callboard.core.errors import NotFoundError
from callboard.core.integrations import Integration
from callboard.pipelines.sources.client import Client, Got
from callboard.pipelines.sources.contract import Outcome, SourceError, Work
from callboard.pipelines.sources.fields import an_object, moment
from callboard.pipelines.sources.writing import merge

PAGES = 10  # of closed issues that are read; a repository with more has a median all the same
LIST = 100  # entries of a page


class Facts(Protocol):
    """Asks one kind of host. `columns` are all of a row but its day and URL."""

    async def read(self, client: Client, api: str, path: str, now: datetime) -> dict[str, Any]: ...


class Repositories:
    """`kinds` are the kinds of hosts by the type of their integration."""

    name = "repositories"
    datasets: Sequence[str] = ("repositories",)

    def __init__(self, kinds: dict[str, Facts]) -> None:
        self._kinds = kinds

    async def collect(self, work: Work, outcome: Outcome) -> None:
        """A row is written as soon as it is known: facts of a repository take several questions."""
        for url in work.shelf.repositories:
            integration = work.client.reader.integrations.by_url(url)
            facts = self._kinds.get(integration.type) if integration else None
            if integration is None or facts is None:
                outcome.failed("no integration with the API of GitHub or GitLab is configured for it", url)
                continue
            try:
                found = await facts.read(work.client, _api(integration), _path(url), work.now)
            except NotFoundError:
                outcome.failed("there is no such repository, or the token may not read it", url)
                continue
            except SourceError as error:
                outcome.failed(error.message, error.url or url, error.field)
                continue
            await merge(
                work.lake,
                outcome,
                "repositories",
                work.today,
                [{"day": work.today, "url": url, **found}],
                keys=("url",),
            )


def _api(integration: Integration) -> str:
    if not integration.api_base_url:
        raise SourceError("the integration has no apiBaseUrl", integration.base_url)
    return integration.api_base_url.rstrip("/")


def _path(url: str) -> str:
    return urlsplit(url).path.strip("/")


async def counted(client: Client, url: str) -> int:
    """How many entries a list has, without reading it: with one a page, the last page's number says so."""
    got = await client.get(url)
    if got.total.isdigit():
        return int(got.total)
    last = got.link("last")
    if last is not None:
        number = parse_qs(urlsplit(last).query).get("page", [""])[0]
        if number.isdigit():
            return int(number)
    if got.link("next") is None:
        return len(_entries(got))
    # Some lists name only the next page. They are short, or they are counted as far as they are read.
    return len(await entries(client, url.replace("per_page=1", f"per_page={LIST}", 1)))


async def entries(client: Client, url: str, pages: int = PAGES) -> list[dict[str, Any]]:
    """The entries of a list, page after page as `Link` leads, for at most so many pages."""
    found: list[dict[str, Any]] = []
    following: str | None = url
    for _ in range(pages):
        if following is None:
            break
        got = await client.get(following)
        found += _entries(got)
        following = got.link("next")
    return found


def days_to_close(issues: Sequence[dict[str, Any]], since: datetime) -> tuple[int, float | None]:
    """How many issues were closed since then, and the median of the days that they were open."""
    lasted = []
    for one in issues:
        opened, closed = moment(one.get("created_at")), moment(one.get("closed_at"))
        if opened is not None and closed is not None and closed >= since and closed >= opened:
            lasted.append((closed - opened) / timedelta(days=1))
    return len(lasted), round(median(lasted), 2) if lasted else None


def _entries(got: Got) -> list[dict[str, Any]]:
    body = got.json()
    if not isinstance(body, list):
        raise SourceError("must be an array", got.url)
    return [dict(an_object(one, got.url)) for one in body]
