"""Listings of other sources can be taken down, and a deprecation keeps its reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "market_listings", sa.Column("deprecated_reason", sa.Text, nullable=False, server_default="")
    )
    op.create_table(
        "market_takedowns",
        sa.Column("ref", sa.String(400), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("taken_by", sa.String(300), nullable=False),
        sa.Column("taken_at", sa.Float, nullable=False),
    )
    if op.get_context().dialect.name == "postgresql":  # SQLite keeps texts of any length
        op.alter_column("market_events", "subject", type_=sa.String(400))
