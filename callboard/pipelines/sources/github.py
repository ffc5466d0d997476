"""Facts of a repository in the shape of GitHub's REST API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from callboard.core.errors import NotFoundError
from callboard.pipelines.sources.client import Client
from callboard.pipelines.sources.fields import an_object, count, moment
from callboard.pipelines.sources.repositories import counted, days_to_close, entries

ACCEPT = "application/vnd.github+json"


class GitHubFacts:
    """Some ten questions a repository; most are answered with "not modified" the next time."""

    async def read(self, client: Client, api: str, path: str, now: datetime) -> dict[str, Any]:
        base = f"{api}/repos/{path}"
        body = an_object((await client.get(base, accept=ACCEPT)).json(), base)
        license = body.get("license")
        since = _midnight(now)
        commits = {
            f"commits_{days}d": await counted(
                client, f"{base}/commits?per_page=1&since={_written(since - timedelta(days=days))}"
            )
            for days in (30, 90, 365)
        }
        ago = since - timedelta(days=90)
        closed = await entries(client, f"{base}/issues?state=closed&per_page=100&since={_written(ago)}")
        # Pull requests are issues to GitHub.
        number, lasted = days_to_close([one for one in closed if "pull_request" not in one], ago)
        return {
            "stars": count(body, "stargazers_count", base),
            "forks": count(body, "forks_count", base),
            "open_issues": count(body, "open_issues_count", base),
            "contributors": await counted(client, f"{base}/contributors?per_page=1&anon=true"),
            **commits,
            "issues_closed_90d": number,
            "median_days_to_close": lasted,
            "last_release_at": await self._released(client, base),
            "pushed_at": moment(body.get("pushed_at")),
            "archived": body.get("archived") is True,
            "license": license.get("spdx_id") if isinstance(license, dict) else None,
        }

    async def _released(self, client: Client, base: str) -> datetime | None:
        try:
            found = await entries(client, f"{base}/releases?per_page=1", pages=1)
        except NotFoundError:
            return None
        return moment(found[0].get("published_at")) if found else None


def _midnight(now: datetime) -> datetime:
    """Times in URLs stay the same for a day, so that what was answered can be used again."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
