"""Alembic's entry point: runs the revisions on the connection that `Database.migrate` opened."""

from __future__ import annotations

from alembic import context

from callboard.marketplace.desk.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="alembic_version_marketplace",
)
with context.begin_transaction():
    context.run_migrations()
