"""The catalog's tables. What each column means is told here once; the migrations create the same."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text, literal_column

from callboard.core.database import metadata

CHANGED = "changed"
"""Why a version ended when another took its place."""

# An entity as its source gave it, and what processing made of it.
refresh_state = Table(
    "refresh_state",
    metadata,
    Column("entity_id", String(36), primary_key=True),
    Column("entity_ref", String, nullable=False, unique=True),  # lower-cased kind:namespace/name
    Column("unprocessed", Text, nullable=False),  # JSON
    Column("unprocessed_hash", String(40), nullable=False),
    Column("processed", Text),  # JSON of the last run that succeeded
    Column("result_hash", String(40)),  # of everything the last run gave; equal means nothing to write
    Column("errors", Text, nullable=False, default="[]"),  # JSON list of problems
    Column("cache", Text),  # JSON by processor name
    Column("next_update_at", Float, index=True),  # seconds since 1970; null: only a change makes it due
    Column("last_discovery_at", Float, nullable=False),
    Column("location_key", String),  # who owns the ref; see ingest/conflicts
    Column("processed_at", Float),  # when its last run ended, good or not
)

# Who keeps an entity alive: a provider (source_key) or a parent entity (source_ref).
references = Table(
    "refresh_references",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source_key", String, index=True),
    Column("source_ref", String, index=True),
    Column("target_ref", String, nullable=False, index=True),
    Column("origin", String, nullable=False, default=""),  # which file or URL of the parent it came from
)

# The relations an entity emitted that belong to another entity; its own stand in `processed`.
relations = Table(
    "relations",
    metadata,
    Column("originating_id", String(36), nullable=False, index=True),
    Column("source_ref", String, nullable=False, index=True),
    Column("type", String, nullable=False),
    Column("target_ref", String, nullable=False),
)

# What people see: the processed entity with its relations and status.
final_entities = Table(
    "final_entities",
    metadata,
    Column("entity_id", String(36), primary_key=True),
    Column("entity_ref", String, nullable=False, unique=True),
    Column("hash", String(40), nullable=False),
    Column("body", Text, nullable=False),  # JSON, served as it is
    Column("parents", Text, nullable=False),  # JSON list of entity refs
    Column("updated_at", Float, nullable=False, index=True),
)

# Every version that was replaced or deleted, so that a catalog can be shown as it was.
entity_history = Table(
    "entity_history",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("entity_ref", String, nullable=False),
    Column("entity_id", String(36), nullable=False),
    Column("body", Text, nullable=False),
    Column("valid_from", Float, nullable=False),
    Column("valid_to", Float, nullable=False),
    Column("cause", String, nullable=False),  # why it ended: CHANGED, or what deleted it
    Index("entity_history_ref_from", "entity_ref", "valid_from"),
    Index(
        "entity_history_deleted",
        "valid_to",
        sqlite_where=literal_column(f"cause <> '{CHANGED}'"),
        postgresql_where=literal_column(f"cause <> '{CHANGED}'"),
    ),
)

# What providers said lately: one row each time, written with what it changed.
provider_runs = Table(
    "provider_runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("provider", String, nullable=False, index=True),
    Column("started_at", Float, nullable=False),
    Column("finished_at", Float, nullable=False),
    Column("added", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("error", Text),
)

stitch_queue = Table("stitch_queue", metadata, Column("entity_ref", String, primary_key=True))

refresh_keys = Table(
    "refresh_keys",
    metadata,
    Column("entity_id", String(36), nullable=False, index=True),
    Column("key", String, nullable=False, index=True),
)

locations = Table(
    "locations",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("type", String, nullable=False),
    Column("target", Text, nullable=False),
    Column("presence", String(10), nullable=False, default="required"),
    Column("entity_ref", String, nullable=False),
    Index("locations_type_target", "type", "target", unique=True),
)

# A ref that two sources claim: the first keeps it, the other stands here until it stops claiming.
conflicts = Table(
    "conflicts",
    metadata,
    Column("entity_ref", String, primary_key=True),
    Column("location_key", String, primary_key=True),
    Column("existing_location_key", String, nullable=False),
    Column("source", String, nullable=False, index=True),
    Column("at", Float, nullable=False),
)

# Deletions that wait for a person because a provider suddenly gave far less than before.
held_back = Table(
    "held_back",
    metadata,
    Column("provider", String, primary_key=True),
    Column("known", BigInteger, nullable=False),
    Column("missing", Text, nullable=False),  # JSON list of entity refs
    Column("state", String(10), nullable=False),  # waiting or rejected
    Column("at", Float, nullable=False),
)

# Facts about the store itself, such as the version of the model its entities were processed with.
catalog_meta = Table(
    "catalog_meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False)
)
