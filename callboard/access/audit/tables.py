"""The table of the audit log. The migrations beside this file create the same."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table, Text

# Not `core.database.metadata`: each feature migrates its own tables.
metadata = MetaData()

# SQLite only counts up by itself in a column declared INTEGER.
_Id = BigInteger().with_variant(Integer, "sqlite")

audit_events = Table(
    "audit_events",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),  # seconds since 1970
    Column("plugin", String(100), nullable=False),
    Column("event", String(300), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("status", String(10), nullable=False),
    Column("actor", String(500), nullable=False),
    Column("via", String(500), nullable=False),
    Column("means", String(20), nullable=False),
    Column("ip", String(100), nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("method", String(20), nullable=False),
    Column("url", Text, nullable=False),
    Column("http_status", Integer),
    Column("error", String(300), nullable=False),
    Column("meta", Text, nullable=False),  # JSON
    Column("words", Text, nullable=False),  # all of it in lower case, for the search
    Index("audit_events_at", "at"),
    Index("audit_events_actor", "actor", "id"),
    Index("audit_events_event", "event", "id"),
    Index("audit_events_plugin", "plugin", "id"),
    Index("audit_events_ip", "ip", "id"),
    sqlite_autoincrement=True,  # ids of pruned events are not given again: cursors hold ids
)
