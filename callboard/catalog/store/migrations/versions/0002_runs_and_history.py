"""Runs of providers, the time of each entity's last run, and indexes to look through the history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

DELETED = sa.text("cause <> 'changed'")


def upgrade() -> None:
    op.create_table(
        "provider_runs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("provider", sa.String, nullable=False, index=True),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("finished_at", sa.Float, nullable=False),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("updated", sa.Integer, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
    )
    op.add_column("refresh_state", sa.Column("processed_at", sa.Float))
    op.create_index("ix_final_entities_updated_at", "final_entities", ["updated_at"])
    op.drop_index("ix_entity_history_entity_ref", "entity_history")
    op.create_index("entity_history_ref_from", "entity_history", ["entity_ref", "valid_from"])
    op.create_index(
        "entity_history_deleted",
        "entity_history",
        ["valid_to"],
        sqlite_where=DELETED,
        postgresql_where=DELETED,
    )


def downgrade() -> None:
    op.drop_index("entity_history_deleted", "entity_history")
    op.drop_index("entity_history_ref_from", "entity_history")
    op.create_index("ix_entity_history_entity_ref", "entity_history", ["entity_ref"])
    op.drop_index("ix_final_entities_updated_at", "final_entities")
    op.drop_column("refresh_state", "processed_at")
    op.drop_table("provider_runs")
