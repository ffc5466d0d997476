"""The tables of runs. The migrations beside this file create the same.

What was made is known from the lake alone; these tables say who did it when, and what did not work.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

runs = Table(
    "pipeline_runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("lake", String(500), nullable=False),
    Column("trigger", String(20), nullable=False),  # run, backfill, schedule
    Column("engine", String(20), nullable=False),
    Column("since", String(10)),  # days, of a backfill
    Column("until", String(10)),
    Column("holder", String(300), nullable=False),
    Column("status", String(20), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("finished_at", Float),
    Column("made", Integer, nullable=False),  # partitions
    Column("rows", BigInteger, nullable=False),
    Column("problems", Integer, nullable=False),  # partitions that were not made
    Column("error", Text),
)
Index("pipeline_runs_started", runs.c.started_at)

steps = Table(
    "pipeline_steps",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("layer", String(20), nullable=False),
    Column("dataset", String(100), nullable=False),
    Column("status", String(20), nullable=False),  # made, blocked, failed
    Column("first", String(10), nullable=False),
    Column("last", String(10), nullable=False),
    Column("partitions", Integer, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("finished_at", Float, nullable=False),
    Column("error", Text),
    Column("warnings", Text),  # JSON list
)

leases = Table(
    "pipeline_leases",
    metadata,
    Column("lake", String(500), primary_key=True),
    Column("holder", String(300), nullable=False),
    Column("run", String(32), nullable=False),
    Column("until", Float, nullable=False),
)
