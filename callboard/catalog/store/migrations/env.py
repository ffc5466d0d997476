"""Alembic's entry point: runs the revisions on the connection that `Database.migrate` opened."""

from __future__ import annotations

from alembic import context

import callboard.catalog.store.tables
import callboard.core.feed  # noqa: F401 - declares its tables
from callboard.core.database import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
