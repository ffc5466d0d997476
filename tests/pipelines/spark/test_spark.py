"""Every model gives the same bytes on DuckDB and on Spark."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from callboard.pipelines.engine import DuckDB, Spark, execute
from callboard.pipelines.lake import Lake
from callboard.pipelines.models import MODELS
from tests.pipelines.made import TODAY, fill


@pytest.mark.xdist_group("spark")
def test_every_partition_of_every_model_is_the_same_on_both_engines(spark: Spark, tmp_path: Path) -> None:
    ours, theirs = Lake(tmp_path / "duckdb"), Lake(tmp_path / "spark")
    fill(ours, days=64, snapshots=2)
    shutil.copytree(ours.url, theirs.url)
    duckdb = DuckDB("256MB", 1)
    assert execute(ours, duckdb, MODELS, today=TODAY).problems == ()
    duckdb.close()
    assert execute(theirs, spark, MODELS, today=TODAY).problems == ()
    for model in MODELS:
        expected = {one.day: one.dumped() for one in ours.partitions(*model.dataset)}
        assert {one.day: one.dumped() for one in theirs.partitions(*model.dataset)} == expected, model.name
        assert expected, model.name
    rankings = theirs.read("marts", "rankings", TODAY)
    assert rankings is not None
    assert rankings["growth"].null_count < rankings.num_rows, "the sample must have growth"
