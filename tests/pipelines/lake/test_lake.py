"""The lake: atomic, deterministic partitions that are seen through manifests only."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callboard.pipelines.lake import Lake, LakeError
from callboard.pipelines.lake.parquet import encoded, ordered

DAY = date(2026, 3, 2)


def table(*rows: tuple[str, int]) -> pa.Table:
    return pa.table({"name": [name for name, _ in rows], "count": [count for _, count in rows]})


@pytest.fixture(params=["folder", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    if request.param == "folder":
        return Lake(tmp_path / "lake")
    return Lake(f"memory://{tmp_path.name}/lake")


def test_rows_come_back_as_they_were_written(lake: Lake) -> None:
    written = lake.write("raw", "things", DAY, table(("b", 2), ("a", 1)), keys=["name"])
    read = lake.read("raw", "things")
    assert read is not None
    assert read.to_pylist() == [{"name": "a", "count": 1}, {"name": "b", "count": 2}]
    assert lake.partition("raw", "things", DAY) == written
    assert lake.days("raw", "things") == [DAY]
    assert lake.datasets("raw") == ["things"]


def test_a_write_replaces_the_whole_partition(lake: Lake) -> None:
    lake.write("raw", "things", DAY, table(("a", 1)))
    lake.write("raw", "things", DAY, table(("b", 2)))
    read = lake.read("raw", "things")
    assert read is not None
    assert read.to_pylist() == [{"name": "b", "count": 2}]


def test_the_same_rows_in_another_order_give_the_same_partition(lake: Lake) -> None:
    first = lake.write("raw", "things", DAY, table(("a", 1), ("b", 2), ("a", 0)), keys=["name"])
    second = lake.write("raw", "things", DAY, table(("a", 0), ("a", 1), ("b", 2)), keys=["name"])
    assert first.dumped() == second.dumped()
    assert first.hash == second.hash


def test_only_days_in_between_are_listed(lake: Lake) -> None:
    for back in range(5):
        lake.write("raw", "things", DAY - timedelta(days=back), table(("a", back)))
    found = lake.partitions("raw", "things", DAY - timedelta(days=2), DAY - timedelta(days=1))
    assert [one.day for one in found] == [DAY - timedelta(days=2), DAY - timedelta(days=1)]
    assert len(lake.files("raw", "things", since=DAY)) == 1


def test_a_file_that_no_manifest_names_is_invisible_and_collected_when_it_is_old(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write("raw", "things", DAY, table(("a", 1)))
    lake.write("raw", "things", DAY, table(("b", 2)))
    folder = tmp_path / "raw" / "things" / f"day={DAY}"
    (folder / ".unfinished.parquet.1").write_bytes(b"half")
    assert lake.collect() == 0
    assert lake.collect(now=datetime.now(UTC) + timedelta(hours=2)) == 2
    read = lake.read("raw", "things")
    assert read is not None
    assert read.to_pylist() == [{"name": "b", "count": 2}]


def test_a_folder_without_manifest_is_no_partition(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    folder = tmp_path / "raw" / "things" / f"day={DAY}"
    folder.mkdir(parents=True)
    (folder / "x.parquet").write_bytes(encoded(table(("a", 1))))
    assert lake.days("raw", "things") == []
    assert lake.read("raw", "things") is None


def test_a_removed_partition_is_absent(lake: Lake) -> None:
    lake.write("raw", "things", DAY, table(("a", 1)))
    lake.remove("raw", "things", DAY)
    assert lake.days("raw", "things") == []


@pytest.mark.parametrize("name", ["../etc", "A", "", "a/b"])
def test_a_name_cannot_lead_out_of_the_lake(lake: Lake, name: str) -> None:
    with pytest.raises(LakeError):
        lake.write("raw", name, DAY, table(("a", 1)))


def test_an_unknown_scheme_is_said(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="nowhere://x"):
        Lake("nowhere://x")


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(-5, 5))), st.randoms(use_true_random=False))
def test_any_order_and_chunking_of_rows_gives_the_same_bytes(
    rows: list[tuple[str, int]], chance: random.Random
) -> None:
    schema = pa.schema([("name", pa.string()), ("count", pa.int64())])
    shuffled = chance.sample(rows, len(rows))
    cut = len(rows) // 2

    def made(of: list[tuple[str, int]]) -> pa.Table:
        return pa.Table.from_pylist([{"name": n, "count": c} for n, c in of], schema=schema)

    whole = encoded(ordered(made(rows), ["name"]))
    parts = encoded(ordered(pa.concat_tables([made(shuffled[:cut]), made(shuffled[cut:])]), ["name"]))
    assert whole.equals(parts)
