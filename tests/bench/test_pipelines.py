"""The benchmark of the pipelines compares like with like."""

from __future__ import annotations

from pathlib import Path

import duckdb

from bench.pipelines_by_hand import MARTS, by_hand
from bench.pipelines_raw import TODAY, generate
from callboard.pipelines.engine import DuckDB, execute
from callboard.pipelines.lake import Lake
from callboard.pipelines.models import MODELS

WORDS = ("title", "reason")  # for people; the SQL by hand says less
EXACT = ("points", "most", "growth")


def test_the_marts_by_hand_hold_the_same_rows_as_those_of_the_models(tmp_path: Path) -> None:
    lake, out = tmp_path / "lake", tmp_path / "out"
    generate(Lake(lake), 14_000, days=70, packages=40)
    backend = DuckDB("512MB", 1)
    assert execute(Lake(lake), backend, MODELS, today=TODAY).problems == ()
    backend.close()
    assert by_hand(lake, out, 1, "512MB") == len(MARTS) == 12
    with duckdb.connect() as connection:
        for mart in MARTS:
            ours, theirs = f"{lake}/marts/{mart}/*/*.parquet", f"{out}/{mart}/*/*.parquet"
            made, hand = f"read_parquet('{ours}', hive_partitioning=false)", f"read_parquet('{theirs}')"
            known = connection.execute(f"DESCRIBE SELECT * FROM {made}").fetchall()
            names = [name for name, *_ in known if name not in WORDS]
            columns = ", ".join(
                f"{one}::VARCHAR" if one in ("day", "week") else f"{one}::DOUBLE" if one in EXACT else one
                for one in names
            )
            for one, other in ((made, hand), (hand, made)):
                query = f"SELECT {columns} FROM {one} EXCEPT ALL SELECT {columns} FROM {other}"
                assert connection.execute(f"SELECT count(*) FROM ({query})").fetchone() == (0,), mart
