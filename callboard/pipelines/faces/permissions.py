"""What people may do with the pipelines."""

from __future__ import annotations

from callboard.access.permissions import Permission

PIPELINES_READ = Permission("pipelines.read", "read")
PIPELINES_RUN = Permission("pipelines.run", "update")
