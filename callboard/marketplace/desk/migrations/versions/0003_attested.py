"""What is stated about who built a release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("market_releases", sa.Column("attested", sa.Text, nullable=False, server_default="{}"))
