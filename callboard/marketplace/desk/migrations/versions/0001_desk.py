"""Publishers, submissions, releases and what belongs to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "market_publishers",
        sa.Column("name", sa.String(63), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("applied_by", sa.String(300), nullable=False),
        sa.Column("applied_at", sa.Float, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    )
    op.create_table(
        "market_domains",
        sa.Column("publisher", sa.String(63), primary_key=True),
        sa.Column("name", sa.String(253), primary_key=True),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("verified_at", sa.Float),
        sa.Column("method", sa.String(10), nullable=False),
    )
    op.create_table(
        "market_members",
        sa.Column("publisher", sa.String(63), primary_key=True),
        sa.Column("member", sa.String(300), primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("added_by", sa.String(300), nullable=False),
        sa.Column("added_at", sa.Float, nullable=False),
    )
    op.create_table(
        "market_listings",
        sa.Column("name", sa.String(63), primary_key=True),
        sa.Column("publisher", sa.String(63), nullable=False),
        sa.Column("distribution", sa.String(200), nullable=False, unique=True),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("pictures", sa.Text, nullable=False),
        sa.Column("needs", sa.Text, nullable=False),
        sa.Column("lifecycle", sa.String(20), nullable=False),
        sa.Column("replaced_by", sa.String(300), nullable=False),
        sa.Column("taken_down", sa.Text, nullable=False),
        sa.Column("transfer_to", sa.String(63), nullable=False),
        sa.Column("added_at", sa.Float, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    )
    op.create_table(
        "market_submissions",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("publisher", sa.String(63), nullable=False),
        sa.Column("listing", sa.String(63), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("pictures", sa.Text, nullable=False),
        sa.Column("filename", sa.String(300), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("changelog", sa.Text, nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_by", sa.String(300), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
    )
    op.create_table(
        "market_releases",
        sa.Column("listing", sa.String(63), primary_key=True),
        sa.Column("version", sa.String(100), primary_key=True),
        sa.Column("distribution", sa.String(200), nullable=False),
        sa.Column("filename", sa.String(300), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("requires_python", sa.String(200), nullable=False),
        sa.Column("supports", sa.Text, nullable=False),
        sa.Column("changelog", sa.Text, nullable=False),
        sa.Column("released_by", sa.String(300), nullable=False),
        sa.Column("released_at", sa.Float, nullable=False),
        sa.Column("yanked_at", sa.Float),
        sa.Column("yanked_reason", sa.Text, nullable=False),
        sa.UniqueConstraint("distribution", "version", name="market_releases_once"),
    )
    op.create_table(
        "market_artefacts",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("filename", sa.String(300), nullable=False),
        sa.Column("media", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("added_at", sa.Float, nullable=False),
        sa.Column("content", sa.LargeBinary),
    )
    op.create_table(
        "market_tokens",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("publisher", sa.String(63), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("listing", sa.String(63), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("created_by", sa.String(300), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.Column("used_at", sa.Float),
    )
    op.create_table(
        "market_reports",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("listing", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("reporter", sa.String(300), nullable=False),
        sa.Column("reported_at", sa.Float, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("decided_by", sa.String(300), nullable=False),
        sa.Column("decided_at", sa.Float),
    )
    op.create_table(
        "market_events",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("actor", sa.String(300), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "market_outbox",
        sa.Column("id", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.Float, nullable=False),
    )
    op.create_index("ix_market_listings_publisher", "market_listings", ["publisher"])
    op.create_index("ix_market_submissions_publisher", "market_submissions", ["publisher"])
    op.create_index("ix_market_submissions_listing", "market_submissions", ["listing"])
    op.create_index("ix_market_submissions_state", "market_submissions", ["state"])
    op.create_index("ix_market_tokens_publisher", "market_tokens", ["publisher"])
    op.create_index("ix_market_reports_listing", "market_reports", ["listing"])
    op.create_index("market_events_of", "market_events", ["subject", "id"])
    op.create_index("ix_market_outbox_due_at", "market_outbox", ["due_at"])
