"""The table of sign-ins that have begun. The migrations beside this file create the same."""

from __future__ import annotations

from sqlalchemy import Column, Float, MetaData, String, Table, Text

# Not `core.database.metadata`: each feature migrates its own tables.
metadata = MetaData()

pending = Table(
    "signin_pending",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    Column("browser_hash", String(64), nullable=False),
    Column("provider", String(100), nullable=False),
    Column("flow", String(10), nullable=False),  # popup or redirect
    Column("origin", Text, nullable=False),
    Column("way_back", Text, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),  # seconds since 1970
)
