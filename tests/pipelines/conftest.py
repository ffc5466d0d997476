"""The engines that the tests of models run on: DuckDB, and one Spark session for the whole run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from callboard.pipelines.engine import Backend, DuckDB, Spark


@pytest.fixture(scope="session")
def spark() -> Iterator[Spark]:
    """Small: one core, one partition a shuffle; starting it takes longer than most tests."""
    from pyspark.sql import SparkSession

    # The first python3 on PATH may be another one, without what the models import.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder
    session = (
        builder.master("local[1]")
        .appName("callboard-tests")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.driver.memory", "1g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    backend = Spark(session=session)
    yield backend
    backend.close()
    session.stop()


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.xdist_group("spark"))])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Each test that asks for it runs once on either engine."""
    if request.param == "spark":
        yield request.getfixturevalue("spark")
        return
    backend = DuckDB("256MB", 1)
    yield backend
    backend.close()
