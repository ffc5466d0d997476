"""The engine: what is stale, in which order it is made, on DuckDB or Spark, and how it is checked."""

from callboard.pipelines.engine.backends import Backend, DuckDB, Spark
from callboard.pipelines.engine.execute import Execution, Outcome, StepReport, execute
from callboard.pipelines.engine.plan import Blocked, Target

__all__ = ["Backend", "Blocked", "DuckDB", "Execution", "Outcome", "Spark", "StepReport", "Target", "execute"]
