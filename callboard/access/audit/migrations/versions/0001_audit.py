"""The audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("plugin", sa.String(100), nullable=False),
        sa.Column("event", sa.String(300), nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("actor", sa.String(500), nullable=False),
        sa.Column("via", sa.String(500), nullable=False),
        sa.Column("means", sa.String(20), nullable=False),
        sa.Column("ip", sa.String(100), nullable=False),
        sa.Column("user_agent", sa.Text, nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("http_status", sa.Integer),
        sa.Column("error", sa.String(300), nullable=False),
        sa.Column("meta", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_events_at", "audit_events", ["at"])
    for column in ("actor", "event", "plugin", "ip"):
        op.create_index(f"audit_events_{column}", "audit_events", [column, "id"])
