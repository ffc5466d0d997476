"""Facts of repositories, in the shapes of GitHub's and GitLab's APIs."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from callboard.pipelines.lake import Lake
from callboard.pipelines.sources.contract import Outcome, Work
from callboard.pipelines.sources.github import GitHubFacts
from callboard.pipelines.sources.gitlab import GitLabFacts
from callboard.pipelines.sources.repositories import Repositories
from tests.core.reader.servers import Server, answer
from tests.pipelines.sources.answers import as_json
from tests.pipelines.sources.conftest import Worker

GITHUB = {
    "stargazers_count": 120,
    "forks_count": 30,
    "open_issues_count": 9,
    "archived": False,
    "pushed_at": "2026-03-11T07:00:00Z",
    "license": {"spdx_id": "Apache-2.0"},
}


async def read(work: Work) -> Outcome:
    outcome = Outcome("repositories")
    await Repositories({"github": GitHubFacts(), "gitlab": GitLabFacts()}).collect(work, outcome)
    return outcome


def issue(opened: str, closed: str, **more: Any) -> dict[str, Any]:
    return {"created_at": f"{opened}T00:00:00Z", "closed_at": f"{closed}T00:00:00Z", **more}


def github(server: Server, **repository: Any) -> tuple[dict[str, Any], str]:
    """A host with one repository: the configuration that knows it, and the repository's URL."""
    api = "/api/v3/repos/acme/tide"

    def commits(number: int) -> Any:
        def send(handler: BaseHTTPRequestHandler) -> None:
            last = server.url(f"{api}/commits?per_page=1&page={number}")
            as_json([{}], Link=f'<{last}>; rel="last"')(handler)

        return send

    server.routes[api] = as_json({**GITHUB, **repository})
    for since, number in (("2026-02-10", 4), ("2025-12-12", 15), ("2025-03-12", 80)):
        server.routes[f"{api}/commits?per_page=1&since={since}T00:00:00Z"] = commits(number)
    first = f"{api}/issues?state=closed&per_page=100&since=2025-12-12T00:00:00Z"
    second = f"{api}/issues?page=2"
    server.routes[first] = as_json(
        [issue("2026-03-01", "2026-03-03"), issue("2026-03-01", "2026-03-02", pull_request={})],
        Link=f'<{server.url(second)}>; rel="next", <{server.url(second)}>; rel="last"',
    )
    server.routes[second] = as_json([issue("2026-02-01", "2026-02-11"), issue("2024-01-01", "2024-02-01")])
    server.routes[f"{api}/contributors?per_page=1&anon=true"] = as_json([{"login": "one"}])
    server.routes[f"{api}/releases?per_page=1"] = as_json([{"published_at": "2026-02-20T10:00:00Z"}])
    config = {
        "github": [
            {"host": server.host, "apiBaseUrl": server.url("/api/v3"), "token": "a-token-of-the-tests"}
        ]
    }
    return config, f"http://{server.host}/acme/tide"


async def test_facts_are_put_together_from_the_answers_of_github(
    server: Server, lake: Lake, work_of: Worker
) -> None:
    config, url = github(server)
    outcome = await read(work_of(repositories=(url,), integrations=config))
    assert [str(one) for one in outcome.problems] == []
    table = lake.read("raw", "repositories")
    assert table is not None
    (row,) = table.to_pylist()
    assert (row["stars"], row["forks"], row["open_issues"], row["contributors"]) == (120, 30, 9, 1)
    assert (row["commits_30d"], row["commits_90d"], row["commits_365d"]) == (4, 15, 80)
    assert (row["issues_closed_90d"], row["median_days_to_close"]) == (2, 6.0)
    assert row["last_release_at"].isoformat() == "2026-02-20T10:00:00+00:00"
    assert row["license"] == "Apache-2.0"


async def test_the_token_of_the_integration_goes_to_its_api_only(server: Server, work_of: Worker) -> None:
    config, url = github(server)
    await read(work_of(repositories=(url,), integrations=config))
    assert {one.headers.get("authorization") for one in server.seen} == {"Bearer a-token-of-the-tests"}


async def test_a_renamed_field_is_named(server: Server, lake: Lake, work_of: Worker) -> None:
    config, url = github(server, stargazers_count=None)
    outcome = await read(work_of(repositories=(url,), integrations=config))
    assert [one.field for one in outcome.problems] == ["stargazers_count"]
    assert lake.read("raw", "repositories") is None


async def test_a_repository_of_an_unknown_host_is_told(server: Server, work_of: Worker) -> None:
    outcome = await read(work_of(repositories=("https://elsewhere.example/a/b",)))
    assert outcome.problems[0].url == "https://elsewhere.example/a/b"
    assert not server.seen


async def test_facts_are_put_together_from_the_answers_of_gitlab(
    server: Server, lake: Lake, work_of: Worker
) -> None:
    api = "/api/v4/projects/acme%2Fsea%2Ftide"
    body = {
        "star_count": 5,
        "forks_count": 1,
        "open_issues_count": 2,
        "archived": True,
        "last_activity_at": "2026-03-01T00:00:00Z",
        "license": {"key": "apache-2.0"},
    }

    def send(handler: BaseHTTPRequestHandler) -> None:
        asked = urlsplit(handler.path)
        if asked.path == api:
            as_json(body)(handler)
        elif asked.path == f"{api}/repository/commits":
            since = parse_qs(asked.query)["since"][0]
            as_json([{}] * 1, X_Total={"2026-02-10T00:00:00Z": "3"}.get(since, "11"))(handler)
        elif asked.path == f"{api}/repository/contributors":
            as_json([{}], X_Total="6")(handler)
        elif asked.path == f"{api}/issues":
            as_json([issue("2026-03-01", "2026-03-05")])(handler)
        else:
            answer(b"no releases", 404)(handler)

    server.routes = _Every(send)
    config = {
        "gitlab": [{"host": server.host, "baseUrl": server.url(""), "apiBaseUrl": server.url("/api/v4")}]
    }
    outcome = await read(work_of(repositories=(f"http://{server.host}/acme/sea/tide",), integrations=config))
    assert [str(one) for one in outcome.problems] == []
    table = lake.read("raw", "repositories")
    assert table is not None
    (row,) = table.to_pylist()
    assert (row["stars"], row["contributors"], row["commits_30d"], row["commits_365d"]) == (5, 6, 3, 11)
    assert (row["issues_closed_90d"], row["median_days_to_close"], row["archived"]) == (1, 4.0, True)
    assert (row["last_release_at"], row["license"]) == (None, "Apache-2.0")


class _Every(dict[str, Any]):
    def __init__(self, route: Any) -> None:
        super().__init__()
        self._route = route

    def get(self, key: str, default: Any = None) -> Any:
        return self._route
