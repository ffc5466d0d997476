"""Alembic's entry point: runs the revisions on the connection that `Database.migrate` opened."""

from __future__ import annotations

from alembic import context

from callboard.pipelines.runs.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="alembic_version_pipeline_runs",
)
with context.begin_transaction():
    context.run_migrations()
