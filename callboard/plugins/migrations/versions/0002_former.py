"""The version of each plugin that was replaced last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "plugin_former",
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
