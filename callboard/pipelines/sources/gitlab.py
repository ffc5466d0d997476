"""Facts of a repository in the shape of GitLab's REST API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from callboard.core.errors import NotFoundError
from callboard.pipelines.sources.client import Client
from callboard.pipelines.sources.fields import an_object, count, moment
from callboard.pipelines.sources.repositories import counted, days_to_close, entries


class GitLabFacts:
    """A project is named by its whole path, groups included."""

    async def read(self, client: Client, api: str, path: str, now: datetime) -> dict[str, Any]:
        base = f"{api}/projects/{quote(path, safe='')}"
        url = f"{base}?license=true"
        body = an_object((await client.get(url)).json(), url)
        license = body.get("license")
        since = now.replace(hour=0, minute=0, second=0, microsecond=0)
        commits = {
            f"commits_{days}d": await counted(
                client, f"{base}/repository/commits?per_page=1&since={_written(since - timedelta(days=days))}"
            )
            for days in (30, 90, 365)
        }
        ago = since - timedelta(days=90)
        closed = await entries(
            client, f"{base}/issues?state=closed&per_page=100&updated_after={_written(ago)}"
        )
        number, lasted = days_to_close(closed, ago)
        return {
            "stars": count(body, "star_count", url),
            "forks": count(body, "forks_count", url),
            # A project may have no issues at all, and then says nothing.
            "open_issues": count(body, "open_issues_count", url) if "open_issues_count" in body else None,
            "contributors": await counted(client, f"{base}/repository/contributors?per_page=1"),
            **commits,
            "issues_closed_90d": number,
            "median_days_to_close": lasted,
            "last_release_at": await self._released(client, base),
            "pushed_at": moment(body.get("last_activity_at")),
            "archived": body.get("archived") is True,
            "license": _spdx(license.get("key")) if isinstance(license, dict) else None,
        }

    async def _released(self, client: Client, base: str) -> datetime | None:
        try:
            found = await entries(client, f"{base}/releases?per_page=1", pages=1)
        except NotFoundError:
            return None
        return moment(found[0].get("released_at")) if found else None


def _spdx(key: object) -> str | None:
    """GitLab writes identifiers in lower case."""
    if not isinstance(key, str):
        return None
    return {"mit": "MIT", "unlicense": "Unlicense", "isc": "ISC"}.get(
        key,
        "-".join(
            part.capitalize() if part.isalpha() and len(part) > 3 else part.upper() for part in key.split("-")
        ),
    )


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
