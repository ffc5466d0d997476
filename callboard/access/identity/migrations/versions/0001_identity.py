"""Signing keys, users, sessions and personal tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(100), primary_key=True),
        sa.Column("algorithm", sa.String(20), nullable=False),
        sa.Column("private_key", sa.Text, nullable=False),
        sa.Column("signs_from", sa.Float, nullable=False),
        sa.Column("signs_until", sa.Float, nullable=False),
        sa.Column("published_until", sa.Float, nullable=False),
    )
    op.create_table(
        "user_info",
        sa.Column("sub", sa.String(300), primary_key=True),
        sa.Column("owns", sa.Text, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("valid_from", sa.Float, nullable=False),
        sa.Column("updated", sa.Float, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(30), primary_key=True),
        sa.Column("user_ref", sa.String(300), nullable=False),
        sa.Column("provider", sa.String(100), nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("before", sa.String(64)),
        sa.Column("before_until", sa.Float),
        sa.Column("rotated", sa.Float, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("last_seen", sa.Float, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
        sa.Column("user_agent", sa.String(300), nullable=False),
        sa.Column("ip", sa.String(64), nullable=False),
    )
    op.create_index("sessions_by_user", "sessions", ["user_ref"])
    op.create_index("sessions_by_end", "sessions", ["expires"])
    op.create_table(
        "personal_tokens",
        sa.Column("id", sa.String(30), primary_key=True),
        sa.Column("user_ref", sa.String(300), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
        sa.Column("last_used", sa.Float),
    )
    op.create_index("personal_tokens_by_user", "personal_tokens", ["user_ref"])
