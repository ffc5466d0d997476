"""Runs: one at a time for each lake, written down in the portal's database, going on after a kill."""

from callboard.pipelines.runs.runner import RunRequest, backend_for, run_pipelines
from callboard.pipelines.runs.store import Run, RunStore, Step

__all__ = ["Run", "RunRequest", "RunStore", "Step", "backend_for", "run_pipelines"]
