"""Settings, installations, data and tasks of plugins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    revision_table = op.create_table(
        "plugin_revision",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(revision_table, [{"id": 1, "number": 0}])
    op.create_table(
        "plugin_settings",
        sa.Column("plugin", sa.String(60), primary_key=True),
        sa.Column("enabled", sa.Boolean),
        sa.Column("config", sa.Text),
        sa.Column("changed_by", sa.String(300), nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    )
    op.create_table(
        "plugin_installations",
        sa.Column("plugin", sa.String(60), primary_key=True),
        sa.Column("distribution", sa.String(200), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("artifacts", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("verified", sa.Text, nullable=False),
        sa.Column("installed_by", sa.String(300), nullable=False),
        sa.Column("installed_at", sa.Float, nullable=False),
    )
    op.create_table(
        "plugin_artifacts",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("filename", sa.String(300), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "plugin_data",
        sa.Column("plugin", sa.String(60), primary_key=True),
        sa.Column("key", sa.String(500), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    )
    op.create_table(
        "plugin_tasks",
        sa.Column("plugin", sa.String(60), primary_key=True),
        sa.Column("task", sa.String(100), primary_key=True),
        sa.Column("next_run_at", sa.Float, nullable=False),
        sa.Column("leased_until", sa.Float),
        sa.Column("last_started_at", sa.Float),
        sa.Column("last_finished_at", sa.Float),
        sa.Column("last_error", sa.Text),
    )
