"""The tables of preferences and visits. The migrations beside this file create the same."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table, Text

# Not `core.database.metadata`: each feature migrates its own tables.
metadata = MetaData()

preferences = Table(
    "preferences",
    metadata,
    Column("owner", String(300), primary_key=True),  # `browser:<id>`, or a user's ref
    Column("key", String(100), primary_key=True),
    Column("value", Text, nullable=False),  # JSON
)

stars = Table(
    "stars",
    metadata,
    Column("owner", String(300), primary_key=True),
    Column("entity_ref", String, primary_key=True),
    Column("at", Float, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    Column("owner", String(300), primary_key=True),
    Column("entity_ref", String, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", Float, nullable=False),
    Index("visits_latest", "owner", "last_at"),
)
