"""Preferences, stars and visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("owner", sa.String(300), primary_key=True),
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "stars",
        sa.Column("owner", sa.String(300), primary_key=True),
        sa.Column("entity_ref", sa.String, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "visits",
        sa.Column("owner", sa.String(300), primary_key=True),
        sa.Column("entity_ref", sa.String, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", sa.Float, nullable=False),
    )
    op.create_index("visits_latest", "visits", ["owner", "last_at"])
