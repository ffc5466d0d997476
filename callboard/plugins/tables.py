"""The tables of the plugins: what people set, what is installed, and what plugins themselves keep.

The migrations beside this file create the same.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, LargeBinary, MetaData, String, Table, Text

# Not `core.database.metadata`: each feature migrates its own tables.
metadata = MetaData()

plugin_revision = Table(
    "plugin_revision",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("number", BigInteger, nullable=False),  # grows with every change that nodes must follow
)

plugin_settings = Table(
    "plugin_settings",
    metadata,
    Column("plugin", String(60), primary_key=True),
    Column("enabled", Boolean),  # null: as the plugin comes
    Column("config", Text),  # JSON object laid over the plugin's part of the configuration
    Column("changed_by", String(300), nullable=False),
    Column("changed_at", Float, nullable=False),
)

plugin_installations = Table(
    "plugin_installations",
    metadata,
    Column("plugin", String(60), primary_key=True),
    Column("distribution", String(200), nullable=False),
    Column("version", String(100), nullable=False),
    Column("manifest", Text, nullable=False),  # JSON, as it was approved
    Column(
        "artifacts", Text, nullable=False
    ),  # JSON list of {filename, sha256}: the plugin and what it needs
    Column("source", Text, nullable=False),  # where it was found, for people
    Column("verified", Text, nullable=False),  # JSON: what was verified, and how
    Column("installed_by", String(300), nullable=False),
    Column("installed_at", Float, nullable=False),
)

plugin_former = Table(
    # The version that was replaced last, kept with its wheels so that one can go back to it.
    "plugin_former",
    metadata,
    Column("plugin", String(60), primary_key=True),
    Column("distribution", String(200), nullable=False),
    Column("version", String(100), nullable=False),
    Column("manifest", Text, nullable=False),
    Column("artifacts", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("verified", Text, nullable=False),
    Column("installed_by", String(300), nullable=False),
    Column("installed_at", Float, nullable=False),
)

plugin_artifacts = Table(
    "plugin_artifacts",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("filename", String(300), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

plugin_data = Table(
    "plugin_data",
    metadata,
    Column("plugin", String(60), primary_key=True),
    Column("key", String(500), primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("changed_at", Float, nullable=False),
)

plugin_tasks = Table(
    "plugin_tasks",
    metadata,
    Column("plugin", String(60), primary_key=True),
    Column("task", String(100), primary_key=True),
    Column("next_run_at", Float, nullable=False),
    Column("leased_until", Float),
    Column("last_started_at", Float),
    Column("last_finished_at", Float),
    Column("last_error", Text),
)
