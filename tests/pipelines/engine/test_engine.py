"""The engine: it makes what is stale, no more, and what is wrong stops only its own partitions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from callboard.pipelines.declaration import Given, Input, Model, Newest, Same
from callboard.pipelines.engine import DuckDB, Outcome, StepReport, execute
from callboard.pipelines.engine.order import downstream, in_order
from callboard.pipelines.lake import Lake, LakeError
from callboard.pipelines.models import MODELS
from callboard.pipelines.models.shapes import days, shape, text, whole
from tests.pipelines.made import PACKAGES, TODAY, Row, at, downloads, put

ONLY = ("downloads_daily", "downloads_weekly")
FEW = tuple(model for model in MODELS if model.name in ONLY)
DAY = timedelta(days=1)
MONDAY = date(2026, 3, 16)


@pytest.fixture(scope="module")
def duckdb() -> Iterator[DuckDB]:
    backend = DuckDB("256MB", 1)
    yield backend
    backend.close()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Downloads of two whole weeks."""
    lake = Lake(tmp_path / "lake")
    for number in range(14):
        put(lake, "downloads", MONDAY + DAY * number, plain(number))
    return lake


def plain(number: int) -> list[Row]:
    return downloads(MONDAY, dict.fromkeys(PACKAGES, 10 + number))


def run(lake: Lake, backend: DuckDB, **more: object) -> Outcome:
    models = more.pop("models", FEW)
    return execute(lake, backend, models, today=TODAY, **more)  # type: ignore[arg-type] # passed on


def content(lake: Lake) -> dict[str, bytes]:
    """Every file of the lake but the raw ones."""
    root = Path(lake.url)
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] != "raw"
    }


def test_a_second_run_changes_nothing(lake: Lake, duckdb: DuckDB) -> None:
    first = run(lake, duckdb)
    assert (first.made, first.problems) == (16, ())
    before = content(lake)
    assert run(lake, duckdb).made == 0
    assert content(lake) == before


def test_only_what_a_changed_partition_feeds_is_made_again(lake: Lake, duckdb: DuckDB) -> None:
    run(lake, duckdb)
    put(lake, "downloads", MONDAY + DAY * 8, plain(99))
    steps: list[StepReport] = []
    run(lake, duckdb, report=steps.append)
    assert [(one.dataset, one.first, one.partitions) for one in steps] == [
        ("downloads_daily", MONDAY + DAY * 8, 1),
        ("downloads_weekly", MONDAY + DAY * 7, 1),
    ]


def test_raw_data_that_is_written_anew_with_the_same_rows_is_not_stale(lake: Lake, duckdb: DuckDB) -> None:
    run(lake, duckdb)
    put(lake, "downloads", MONDAY, list(reversed(plain(0))))
    assert run(lake, duckdb).made == 0


def test_a_day_that_comes_late_completes_its_week(lake: Lake, duckdb: DuckDB) -> None:
    lake.remove("raw", "downloads", MONDAY + DAY * 13)
    run(lake, duckdb)
    assert lake.days("marts", "downloads_weekly") == [MONDAY]
    put(lake, "downloads", MONDAY + DAY * 13, plain(13))
    assert run(lake, duckdb).made == 2
    assert lake.days("marts", "downloads_weekly") == [MONDAY, MONDAY + DAY * 7]


def test_marts_do_not_depend_on_the_order_in_which_days_came(
    lake: Lake, duckdb: DuckDB, tmp_path: Path
) -> None:
    run(lake, duckdb)
    other = Lake(tmp_path / "other")
    for number in (13, 3, 7, 0, 1, 2, 4, 5, 6, 8, 9, 10, 11, 12):
        put(other, "downloads", MONDAY + DAY * number, plain(number))
        if number in (7, 4):
            run(other, duckdb)
    run(other, duckdb)
    assert content(other) == content(lake)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([*plain(5), plain(5)[0]], "duplicated rows: 1 repeat a key, such as npm, @acme/plugin-cost"),
        (downloads(MONDAY, {PACKAGES[0]: -3}), "`downloads` is negative: -3"),
        ([{"ecosystem": "npm", "package": "a"}], "`downloads` is null in 1 rows"),
    ],
)
def test_a_poisoned_day_stops_itself_and_its_week_and_says_why(
    lake: Lake, duckdb: DuckDB, rows: list[Row], why: str
) -> None:
    put(lake, "downloads", MONDAY + DAY * 2, rows)
    outcome = run(lake, duckdb)
    assert outcome.made == 14
    daily, weekly = outcome.problems
    assert (daily.dataset, daily.first, daily.error) == ("downloads_daily", MONDAY + DAY * 2, why)
    assert (weekly.dataset, weekly.status, weekly.first) == ("downloads_weekly", "blocked", MONDAY)
    assert weekly.error == f"marts.downloads_daily of {MONDAY + DAY * 2}: {why}"


def test_a_missing_day_is_said_and_stops_its_week_only(lake: Lake, duckdb: DuckDB) -> None:
    lake.remove("raw", "downloads", MONDAY + DAY * 9)
    outcome = run(lake, duckdb)
    assert outcome.problems[0].error == f"raw.downloads has no {MONDAY + DAY * 9}"
    assert lake.days("marts", "downloads_weekly") == [MONDAY]
    assert len(lake.days("marts", "downloads_daily")) == 13


def test_a_renamed_field_is_named(lake: Lake, duckdb: DuckDB) -> None:
    table = lake.read("raw", "downloads", MONDAY, MONDAY)
    assert table is not None
    renamed = table.rename_columns(["day", "ecosystem", "package", "count"])
    lake.write("raw", "downloads", MONDAY, renamed)
    first = run(lake, duckdb).problems[0]
    assert first.error == f"raw.downloads of {MONDAY} has no column `downloads`; it has `count` instead"
    assert len(lake.days("marts", "downloads_daily")) == 13


def test_a_field_of_another_type_is_named(lake: Lake, duckdb: DuckDB) -> None:
    table = lake.read("raw", "downloads", MONDAY, MONDAY)
    assert table is not None
    texts = table.set_column(3, "downloads", table["downloads"].cast(pa.string()))
    lake.write("raw", "downloads", MONDAY, texts)
    first = run(lake, duckdb).problems[0]
    assert first.error == f"raw.downloads of {MONDAY}: column `downloads` is string, not int64"


def test_a_day_of_the_future_stops_only_itself(lake: Lake, duckdb: DuckDB) -> None:
    late = TODAY + timedelta(days=400)
    put(lake, "downloads", late, plain(1))
    outcome = run(lake, duckdb)
    assert outcome.problems[0].error == f"{late} is in the future: today is {TODAY} (UTC)"
    assert (outcome.made, len(lake.days("marts", "downloads_daily"))) == (16, 14)


def test_rows_of_another_day_than_their_partition_stop_it(lake: Lake, duckdb: DuckDB) -> None:
    table = lake.read("raw", "downloads", MONDAY, MONDAY)
    assert table is not None
    lake.write("raw", "downloads", MONDAY + DAY, table)
    outcome = run(lake, duckdb)
    assert outcome.problems[0].error == f"raw.downloads of {MONDAY + DAY} holds rows of {MONDAY}"
    assert len(lake.days("marts", "downloads_daily")) == 13


def test_a_time_after_its_day_stops_the_events_of_the_day(tmp_path: Path, duckdb: DuckDB) -> None:
    lake = Lake(tmp_path)
    event: Row = {"action": "navigate", "subject": "/", "attributes": "{}", "context": "{}"}
    put(lake, "events", MONDAY, [event | {"at": at(MONDAY)}])
    put(lake, "events", MONDAY + DAY, [event | {"at": at(MONDAY + DAY * 3)}])
    models = [one for one in MODELS if one.name in ("events", "usage_by")]
    outcome = run(lake, duckdb, models=models)
    assert (
        outcome.problems[0].error
        == f"`at` is {at(MONDAY + DAY * 3).isoformat()}, after the day {MONDAY + DAY}"
    )
    assert lake.days("marts", "usage_by") == [MONDAY]


def test_a_broken_file_stops_only_its_own_day(lake: Lake, duckdb: DuckDB) -> None:
    Path(lake.files("raw", "downloads", MONDAY, MONDAY)[0]).write_bytes(b"PAR1 no more")
    outcome = run(lake, duckdb)
    assert "cannot be read" in (outcome.problems[0].error or "")
    assert len(lake.days("marts", "downloads_daily")) == 13


def test_a_mart_that_was_good_stays_while_its_source_is_poisoned(lake: Lake, duckdb: DuckDB) -> None:
    run(lake, duckdb)
    before = content(lake)
    put(lake, "downloads", MONDAY, downloads(MONDAY, {PACKAGES[0]: -1}))
    assert len(run(lake, duckdb).problems) == 2
    assert content(lake) == before
    put(lake, "downloads", MONDAY, plain(50))
    assert run(lake, duckdb).made == 2


def test_an_odd_number_of_rows_warns_and_stops_nothing(tmp_path: Path, duckdb: DuckDB) -> None:
    lake = Lake(tmp_path)
    for number, count in enumerate((300, 20)):
        rows = {("npm", f"p{n}"): 1 for n in range(count)}
        put(lake, "downloads", MONDAY + DAY * number, downloads(MONDAY, rows))
    steps: list[StepReport] = []
    assert run(lake, duckdb, report=steps.append).problems == ()
    assert steps[0].warnings == (f"{MONDAY + DAY}: 20 rows after 300 on {MONDAY}",)
    partition = lake.partition("marts", "downloads_daily", MONDAY + DAY)
    assert partition is not None
    assert [one.check for one in partition.checks if not one.passed] == ["row count"]


def test_check_results_are_kept_with_the_partition(lake: Lake, duckdb: DuckDB) -> None:
    run(lake, duckdb)
    partition = lake.partition("marts", "downloads_daily", MONDAY)
    assert partition is not None
    assert [(one.check, one.passed) for one in partition.checks] == [
        ("unique ecosystem, package, day", True),
        ("not null ecosystem, package, downloads", True),
        ("downloads from 0 to any", True),
        ("row count", True),
    ]


def test_a_backfill_makes_its_range_of_days_only(lake: Lake, duckdb: DuckDB) -> None:
    run(lake, duckdb, since=MONDAY + DAY, until=MONDAY + DAY * 3)
    assert lake.days("marts", "downloads_daily") == [MONDAY + DAY * n for n in (1, 2, 3)]
    assert run(lake, duckdb, since=MONDAY + DAY, until=MONDAY + DAY * 3, again=True).made == 3


def test_who_is_told_to_stop_stops_between_two_steps(lake: Lake, duckdb: DuckDB) -> None:
    outcome = run(lake, duckdb, go_on=lambda: False)
    assert outcome.stopped
    assert outcome.made == 0


def test_storage_that_fails_once_is_tried_again(
    lake: Lake, duckdb: DuckDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failures = Lake.write, [OSError("away"), OSError("away")]

    def failing(*given: object, **more: object) -> object:
        if failures:
            raise failures.pop()
        return write(*given, **more)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(sys.modules["callboard.pipelines.engine.attempts"], "PAUSE", 0)
    monkeypatch.setattr(Lake, "write", failing)
    outcome = run(lake, duckdb)
    assert (outcome.made, outcome.problems) == (16, ())


def test_a_day_that_cannot_be_written_stops_only_itself_and_its_week(
    lake: Lake, duckdb: DuckDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Lake.write

    def failing(self: Lake, layer: str, dataset: str, day: date, *given: object, **more: object) -> object:
        if day == MONDAY + DAY * 3:
            raise OSError("no room")
        return write(self, layer, dataset, day, *given, **more)  # type: ignore[arg-type] # passed on

    monkeypatch.setattr(sys.modules["callboard.pipelines.engine.attempts"], "PAUSE", 0)
    monkeypatch.setattr(Lake, "write", failing)
    outcome = run(lake, duckdb)
    daily, weekly = outcome.problems
    assert (daily.dataset, daily.status, daily.first) == ("downloads_daily", "failed", MONDAY + DAY * 3)
    assert daily.error == "OSError: no room"
    assert weekly.error == f"marts.downloads_daily of {MONDAY + DAY * 3}: OSError: no room"
    assert outcome.made == 14


def test_equal_keys_on_two_days_repeat_nothing(lake: Lake, duckdb: DuckDB) -> None:
    """A batch is looked at as a whole: its last row of a day stands before the first of the next."""
    for number in range(14):
        put(lake, "downloads", MONDAY + DAY * number, downloads(MONDAY, {PACKAGES[0]: 5}))
    outcome = run(lake, duckdb)
    assert (outcome.made, outcome.problems) == (16, ())


def _model(name: str, *inputs: Input) -> Model:
    def expression(given: Given) -> ir.Table:
        return given["downloads"].select("package", "day", "downloads")

    schema = shape(text("package"), days("day"), whole("downloads"))
    return Model(name, "staged", expression, schema, ("package",), inputs, grain="", description="")


def test_models_that_read_each_other_or_nothing_are_refused() -> None:
    with pytest.raises(LakeError, match="circle"):
        in_order([_model("a", Input("staged", "b")), _model("b", Input("staged", "a"))])
    with pytest.raises(LakeError, match=r"reads raw\.nothing"):
        in_order([_model("a", Input("raw", "nothing"))])
    with pytest.raises(LakeError, match="no model x"):
        downstream(MODELS, ["x"])


def test_a_bad_partition_of_a_batch_that_raises_stops_no_other(lake: Lake, duckdb: DuckDB) -> None:
    def expression(given: Given) -> ir.Table:
        if MONDAY in given.days:
            raise ValueError("not this one")
        return given["downloads"].select("package", "day", "downloads").distinct()

    schema = shape(text("package"), days("day"), whole("downloads"))
    inputs = (Input("raw", "downloads", Same()), Input("raw", "entities", Newest()))
    model = Model("m", "staged", expression, schema, ("package",), inputs, grain="", description="")
    outcome = run(lake, duckdb, models=[model])
    assert [(one.first, one.error) for one in outcome.problems] == [(MONDAY, "ValueError: not this one")]
    assert outcome.made == 13
