"""Runs: one at a time for each lake, written down in the portal's database, going on after a kill.

`runs.runner` runs them; it is not named here, because it loads the engine, which most processes never need.
"""

from callboard.pipelines.runs.request import RunRequest
from callboard.pipelines.runs.store import Run, RunStore, Step

__all__ = ["Run", "RunRequest", "RunStore", "Step"]
