"""Usage events: what is kept of them and of visitors, and that nobody waits for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from callboard.catalog.runtime import MIGRATIONS
from callboard.core.database import Database
from callboard.core.errors import InputError
from callboard.pipelines.capture import Capture
from callboard.pipelines.capture.capture import Visitor
from callboard.pipelines.capture.event import impersonal, read_events
from callboard.pipelines.capture.spool import waiting
from callboard.pipelines.lake import Lake
from callboard.pipelines.settings import Usage
from callboard.plugins.settings import PluginSettings
from callboard.web.usage import agrees

NOW = datetime(2026, 3, 31, 23, 0, tzinfo=UTC)
JANE = Visitor("user:default/jane", ("group:default/tide",))


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.migrate(MIGRATIONS)
    await PluginSettings(database).migrate()
    yield database
    await database.close()


async def told(capture: Capture, lake: Lake) -> list[dict[str, object]]:
    await capture.flush()
    return [orjson.loads(line) for path in waiting(lake) for line in lake.fs.cat_file(path).splitlines()]


@pytest.mark.parametrize("identify", ["none", "pseudonymous", "named"])
async def test_visitors_are_known_as_far_as_the_settings_say(
    database: Database, tmp_path: Path, identify: str
) -> None:
    lake, capture = Lake(tmp_path / "lake"), Capture(database, clock=Clock())
    usage = Usage.model_validate({"enabled": True, "identify": identify})
    await capture.follow(usage, lambda: lake)
    for _ in range(2):
        capture.note(JANE, "navigate", "/catalog/default/user/jane?x=1", plugin="entity", page="/p")
    first, second = await told(capture, lake)
    await capture.stop()
    assert first["visitor"] == second["visitor"]
    assert first["subject"] == "/catalog/default/user/-"
    if identify == "named":
        assert (first["visitor"], first["team"]) == (JANE.owner, "group:default/tide")
    else:
        assert "jane" not in orjson.dumps(first).decode()
        assert (first["visitor"] is None) == (identify == "none")


async def test_nodes_share_a_key_and_the_next_month_has_another(database: Database, tmp_path: Path) -> None:
    lake, clock = Lake(tmp_path / "lake"), Clock()
    seen = []
    for month in (3, 3, 4):
        clock.now = NOW.replace(month=month, day=1)
        capture = Capture(database, clock=clock)
        await capture.follow(Usage(enabled=True), lambda: lake)
        capture.note(JANE, "navigate", "/")
        await capture.stop()
    for path in waiting(lake):
        seen.append(orjson.loads(lake.fs.cat_file(path)))
    by_month = [{one["visitor"] for one in seen if one["day"][5:7] == month} for month in ("03", "04")]
    assert [len(one) for one in by_month] == [1, 1]
    assert by_month[0] != by_month[1]


async def test_a_full_queue_drops_and_counts(database: Database, tmp_path: Path) -> None:
    lake, capture = Lake(tmp_path / "lake"), Capture(database)
    await capture.follow(Usage(enabled=True, queue=10), lambda: lake)
    for _ in range(13):
        capture.note(JANE, "navigate", "/")
    assert (capture.counts.taken, capture.counts.dropped) == (10, 3)
    await capture.stop()
    assert capture.counts.written == 10


async def test_nothing_is_taken_unless_it_is_enabled_and_the_visitor_agrees(
    database: Database, tmp_path: Path
) -> None:
    lake, capture = Lake(tmp_path / "lake"), Capture(database)
    capture.note(JANE, "navigate", "/")
    await capture.follow(Usage(enabled=True), lambda: lake)
    capture.note(Visitor("user:default/jane", agrees=False), "navigate", "/")
    await capture.stop()
    assert capture.counts.taken == 0
    assert waiting(lake) == []


def test_a_browser_or_a_setting_can_say_no() -> None:
    assert agrees({}, None)
    assert not agrees({"dnt": "1"}, None)
    assert not agrees({"sec-gpc": "1"}, None)
    assert not agrees({}, "no")


def test_events_of_backstage_are_read_without_what_tells_of_people() -> None:
    (event,) = read_events(
        [
            {
                "action": "click",
                "subject": "user:default/jane",
                "value": 2,
                "attributes": {"to": "/catalog/default/user/jane?a=b"},
                "context": {"pluginId": "catalog", "routeRef": "entity", "userRef": "user:default/jane"},
            }
        ],
        NOW,
    )
    assert (event.plugin, event.page, event.value) == ("catalog", "entity", 2.0)
    assert "jane" not in orjson.dumps(event.row()).decode()
    assert impersonal("/catalog/default/component/x#y") == "/catalog/default/component/x"
    with pytest.raises(InputError):
        read_events([{"subject": "/"}], NOW)
