"""The lake: Parquet files in partitions by day, each visible through one manifest."""

from callboard.pipelines.lake.lake import Lake, LakeError
from callboard.pipelines.lake.manifest import CheckResult, File, Partition

__all__ = ["CheckResult", "File", "Lake", "LakeError", "Partition"]
