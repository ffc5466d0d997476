"""The table of the versions of the policies document. The migrations beside this file create the same."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, MetaData, String, Table, Text

# Not `core.database.metadata`: each feature migrates its own tables.
metadata = MetaData()

versions = Table(
    "role_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("author", String(300), nullable=False),
    Column("comment", Text, nullable=False),
    Column("document", Text, nullable=False),  # JSON
)
