"""Runs of the pipelines, their steps, and who runs which lake."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "pipeline_runs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("lake", sa.String(500), nullable=False),
        sa.Column("trigger", sa.String(20), nullable=False),
        sa.Column("engine", sa.String(20), nullable=False),
        sa.Column("since", sa.String(10)),
        sa.Column("until", sa.String(10)),
        sa.Column("holder", sa.String(300), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("finished_at", sa.Float),
        sa.Column("made", sa.Integer, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("problems", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
    )
    op.create_index("pipeline_runs_started", "pipeline_runs", ["started_at"])
    op.create_table(
        "pipeline_steps",
        sa.Column("run", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("layer", sa.String(20), nullable=False),
        sa.Column("dataset", sa.String(100), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("first", sa.String(10), nullable=False),
        sa.Column("last", sa.String(10), nullable=False),
        sa.Column("partitions", sa.Integer, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("finished_at", sa.Float, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("warnings", sa.Text),
    )
    op.create_table(
        "pipeline_leases",
        sa.Column("lake", sa.String(500), primary_key=True),
        sa.Column("holder", sa.String(300), nullable=False),
        sa.Column("run", sa.String(32), nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
