"""npm: packuments and counts of downloads, from a server that answers as the registry does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from callboard.pipelines.lake import Lake
from callboard.pipelines.settings import Limits
from callboard.pipelines.sources.collect import collect
from callboard.pipelines.sources.contract import Outcome, Work
from callboard.pipelines.sources.npm import NpmPackages
from callboard.pipelines.sources.npm_downloads import NpmDownloads, groups, spans
from tests.core.reader.servers import Server, answer
from tests.pipelines.sources.answers import as_json, counts, in_turn, recorded
from tests.pipelines.sources.conftest import NOW, Worker

TODAY = NOW.date()
QUAY = "/@backstage-community%2Fplugin-quay"


async def read_packages(work: Work, server: Server) -> Outcome:
    outcome = Outcome("npm")
    await NpmPackages(server.url("")).collect(work, outcome)
    return outcome


async def read_downloads(work: Work, server: Server, history: int = 4) -> Outcome:
    outcome = Outcome("npm-downloads")
    await NpmDownloads(server.url(""), history).collect(work, outcome)
    return outcome


def stored(lake: Lake, dataset: str) -> list[dict[str, object]]:
    table = lake.read("raw", dataset)
    return [] if table is None else table.to_pylist()


async def test_a_packument_becomes_a_row_with_what_models_read(
    server: Server, lake: Lake, work_of: Worker
) -> None:
    server.routes[QUAY] = recorded("npm-plugin-quay")
    outcome = await read_packages(work_of("npm:@backstage-community/plugin-quay"), server)
    assert not outcome.problems
    (row,) = stored(lake, "packages")
    assert (row["day"], row["ecosystem"], row["package"]) == (
        TODAY,
        "npm",
        "@backstage-community/plugin-quay",
    )
    document = json.loads(str(row["document"]))
    assert document["dist-tags"] == {"latest": "1.24.0"}
    assert document["versions"]["1.24.0"]["backstage"]["role"] == "frontend-plugin"


async def test_what_did_not_change_is_not_sent_again(server: Server, lake: Lake, work_of: Worker) -> None:
    server.routes["/left-pad"] = recorded("npm-left-pad")
    await read_packages(work_of("npm:left-pad"), server)
    before = lake.partitions("raw", "packages")
    work = work_of("npm:left-pad")
    await read_packages(work, server)
    assert server.seen[-1].headers["if-none-match"] == '"one"'
    assert work.client.unchanged == 1
    assert lake.partitions("raw", "packages") == before


async def test_an_answer_of_a_moment_ago_is_not_even_asked_for(server: Server, work_of: Worker) -> None:
    """So a collection that was killed goes on where it stopped."""
    server.routes["/left-pad"] = recorded("npm-left-pad")
    limits = Limits(per_second=100, fresh_for=3600)
    for _ in range(2):
        await read_packages(work_of("npm:left-pad", limits=limits), server)
    assert len(server.seen) == 1


async def test_a_broken_package_hides_no_other_and_says_url_and_field(
    server: Server, lake: Lake, work_of: Worker
) -> None:
    server.routes["/left-pad"] = recorded("npm-left-pad")
    server.routes["/is-odd"] = recorded("npm-is-odd", versions=None)
    server.routes["/cut"] = answer(b'{"name": "cut", "vers')
    work = work_of("npm:left-pad", "npm:is-odd", "npm:cut", "npm:gone")
    outcome = await read_packages(work, server)
    assert [row["package"] for row in stored(lake, "packages")] == ["left-pad"]
    assert [(one.source, one.url, one.field) for one in outcome.problems] == [
        ("npm", server.url("/is-odd"), "versions"),
        ("npm", server.url("/cut"), ""),
        ("npm", server.url("/gone"), ""),
    ]
    assert "is no whole JSON" in outcome.problems[1].message


async def test_a_host_that_asks_for_a_pause_gets_it(server: Server, lake: Lake, work_of: Worker) -> None:
    server.routes["/left-pad"] = in_turn(answer(status=429, Retry_After="1"), recorded("npm-left-pad"))
    work = work_of("npm:left-pad")
    outcome = await read_packages(work, server)
    assert not outcome.problems
    assert work.client.asked == 2
    assert len(stored(lake, "packages")) == 1


async def test_a_host_that_asks_for_a_long_pause_is_left_alone(server: Server, work_of: Worker) -> None:
    server.routes["/left-pad"] = answer(status=429, Retry_After="7200")
    work = work_of("npm:left-pad", limits=Limits(per_second=100, tries=5, longest_wait=2))
    outcome = await read_packages(work, server)
    assert work.client.asked == 1
    assert "retry after 7200" in outcome.problems[0].message


async def test_a_host_that_falters_is_asked_again(server: Server, lake: Lake, work_of: Worker) -> None:
    server.routes["/left-pad"] = in_turn(answer(status=503), recorded("npm-left-pad"))
    outcome = await read_packages(work_of("npm:left-pad"), server)
    assert not outcome.problems
    assert len(stored(lake, "packages")) == 1


async def test_a_host_that_is_not_allowed_is_never_asked(server: Server, lake: Lake, work_of: Worker) -> None:
    outcome = Outcome("npm")
    await NpmPackages("http://localhost:1").collect(work_of("npm:left-pad"), outcome)
    assert "backend.reading.allow" in outcome.problems[0].message
    assert not server.seen


def test_plain_names_are_asked_about_together_and_scoped_ones_alone() -> None:
    plain = [f"package-{number:03d}" for number in range(130)]
    found = list(groups([*plain, "@a/b", "@a/c"]))
    assert [len(one) for one in found] == [128, 2, 1, 1]
    assert found[2:] == [("@a/b",), ("@a/c",)]


def test_a_question_is_about_a_year_at_most() -> None:
    found = list(spans(date(2024, 1, 1), date(2026, 1, 1)))
    assert all((end - start).days < 365 for start, end in found)
    assert found[0][0] == date(2024, 1, 1)
    assert found[-1][1] == date(2026, 1, 1)
    assert all(one[1] + timedelta(days=1) == two[0] for one, two in pairwise(found))


async def test_counts_go_to_the_days_they_are_about(server: Server, lake: Lake, work_of: Worker) -> None:
    server.routes["/downloads/range/2026-03-08:2026-03-11/is-odd,left-pad"] = as_json(
        {
            "is-odd": counts("is-odd", "2026-03-08", [1, 2, 3, 4]),
            "left-pad": counts("left-pad", "2026-03-08", [10, 20, 30, 40]),
        }
    )
    outcome = await read_downloads(work_of("npm:is-odd", "npm:left-pad"), server)
    assert not outcome.problems
    assert lake.days("raw", "downloads") == [date(2026, 3, day) for day in range(8, 12)]
    assert [row["downloads"] for row in stored(lake, "downloads")] == [1, 10, 2, 20, 3, 30, 4, 40]


async def test_the_next_day_only_what_is_new_or_may_be_late_is_asked_for(
    server: Server, lake: Lake, work_of: Worker
) -> None:
    server.routes["/downloads/range/2026-03-08:2026-03-11/left-pad"] = as_json(
        counts("left-pad", "2026-03-08", [1, 2, 3, 0])
    )
    server.routes["/downloads/range/2026-03-09:2026-03-12/left-pad"] = as_json(
        counts("left-pad", "2026-03-09", [2, 3, 4, 5])
    )
    await read_downloads(work_of("npm:left-pad"), server)
    outcome = await read_downloads(work_of("npm:left-pad", now=NOW + timedelta(days=1)), server)
    assert not outcome.problems
    assert [row["downloads"] for row in stored(lake, "downloads")] == [1, 2, 3, 4, 5]


async def test_a_backfill_asks_for_its_days_and_leaves_the_state(
    server: Server, lake: Lake, work_of: Worker
) -> None:
    path = "/downloads/range/2025-01-01:2025-01-02/left-pad"
    server.routes[path] = as_json(counts("left-pad", "2025-01-01", [7, 8]))
    work = work_of("npm:left-pad", since=date(2025, 1, 1), until=date(2025, 1, 2))
    assert not (await read_downloads(work, server)).problems
    assert lake.days("raw", "downloads") == [date(2025, 1, 1), date(2025, 1, 2)]
    assert await work.state.of("npm-downloads") == {}


async def test_a_wrong_count_stops_its_package_and_no_other(
    server: Server, lake: Lake, work_of: Worker
) -> None:
    future = counts("d", "2026-03-10", [1, 2, 3])
    renamed = {**counts("c", "2026-03-08", [1]), "downloads": [{"date": "2026-03-08", "downloads": 1}]}
    server.routes["/downloads/range/2026-03-08:2026-03-11/a,b,c,d,e"] = as_json(
        {
            "a": counts("a", "2026-03-08", [5, 5, 5, 5]),
            "b": counts("b", "2026-03-08", [-1]),
            "c": renamed,
            "d": future,
            "e": None,
        }
    )
    outcome = await read_downloads(work_of(*(f"npm:{name}" for name in "abcde")), server)
    assert {row["package"] for row in stored(lake, "downloads")} == {"a"}
    assert [(one.message.split(":")[0], one.field) for one in outcome.problems] == [
        ("b", "downloads"),
        ("c", "day"),
        ("d", "day"),
        ("there are no downloads of e", ""),
    ]
    assert "date, downloads" in outcome.problems[1].message


async def test_one_source_that_fails_stops_no_other(server: Server, lake: Lake, work_of: Worker) -> None:
    class Broken:
        name = "broken"
        datasets: Sequence[str] = ("downloads",)

        async def collect(self, work: Work, outcome: Outcome) -> None:
            raise ZeroDivisionError("nothing left")

    class Fine:
        name = "fine"
        datasets: Sequence[str] = ("downloads",)

        async def collect(self, work: Work, outcome: Outcome) -> None:
            outcome.wrote("downloads", TODAY, 1)

    broken, fine = await collect([Broken(), Fine()], work_of())
    assert str(broken.problems[0]) == "broken: ZeroDivisionError: nothing left"
    assert fine.rows == {"downloads": 1}
    assert not fine.problems
