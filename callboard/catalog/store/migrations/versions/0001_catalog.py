"""The catalog's first tables and the change feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "refresh_state",
        sa.Column("entity_id", sa.String(36), primary_key=True),
        sa.Column("entity_ref", sa.String, nullable=False, unique=True),
        sa.Column("unprocessed", sa.Text, nullable=False),
        sa.Column("unprocessed_hash", sa.String(40), nullable=False),
        sa.Column("processed", sa.Text),
        sa.Column("result_hash", sa.String(40)),
        sa.Column("errors", sa.Text, nullable=False),
        sa.Column("cache", sa.Text),
        sa.Column("next_update_at", sa.Float, index=True),
        sa.Column("last_discovery_at", sa.Float, nullable=False),
        sa.Column("location_key", sa.String),
    )
    op.create_table(
        "refresh_references",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("source_key", sa.String, index=True),
        sa.Column("source_ref", sa.String, index=True),
        sa.Column("target_ref", sa.String, nullable=False, index=True),
        sa.Column("origin", sa.String, nullable=False),
    )
    op.create_table(
        "relations",
        sa.Column("originating_id", sa.String(36), nullable=False, index=True),
        sa.Column("source_ref", sa.String, nullable=False, index=True),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("target_ref", sa.String, nullable=False),
    )
    op.create_table(
        "final_entities",
        sa.Column("entity_id", sa.String(36), primary_key=True),
        sa.Column("entity_ref", sa.String, nullable=False, unique=True),
        sa.Column("hash", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("parents", sa.Text, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
    )
    op.create_table(
        "entity_history",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("entity_ref", sa.String, nullable=False, index=True),
        sa.Column("entity_id", sa.String(36), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Float, nullable=False),
        sa.Column("valid_to", sa.Float, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
    )
    op.create_table("stitch_queue", sa.Column("entity_ref", sa.String, primary_key=True))
    op.create_table(
        "refresh_keys",
        sa.Column("entity_id", sa.String(36), nullable=False, index=True),
        sa.Column("key", sa.String, nullable=False, index=True),
    )
    op.create_table(
        "locations",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("presence", sa.String(10), nullable=False),
        sa.Column("entity_ref", sa.String, nullable=False),
    )
    op.create_index("locations_type_target", "locations", ["type", "target"], unique=True)
    op.create_table(
        "conflicts",
        sa.Column("entity_ref", sa.String, primary_key=True),
        sa.Column("location_key", sa.String, primary_key=True),
        sa.Column("existing_location_key", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False, index=True),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "held_back",
        sa.Column("provider", sa.String, primary_key=True),
        sa.Column("known", sa.BigInteger, nullable=False),
        sa.Column("missing", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "catalog_meta",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "change_feed",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("operation", sa.String(10), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    counter = op.create_table(
        "feed_counter",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(counter, [{"id": 1, "value": 0}])


def downgrade() -> None:
    for table in (
        "feed_counter", "change_feed", "catalog_meta", "held_back", "conflicts", "locations", "refresh_keys",
        "stitch_queue", "entity_history", "final_entities", "relations", "refresh_references",
        "refresh_state",
    ):  # fmt: skip
        op.drop_table(table)
