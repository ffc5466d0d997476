"""Raw partitions whose rows say another day than their folder, told from the footers of their files."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pyarrow.parquet as pq

from callboard.pipelines.engine.plan import Blocked, Target
from callboard.pipelines.lake import Lake, Partition

_MANY = 8


def lying(lake: Lake, targets: Sequence[Target]) -> list[Blocked]:
    """The targets whose raw inputs hold rows of another day, or whose files cannot be read."""
    own = [
        (target, one)
        for target in targets
        for partitions in target.inputs.values()
        for one in partitions
        if one.layer == "raw" and one.rows
    ]
    with ThreadPoolExecutor(_MANY) as pool:
        problems = list(pool.map(lambda pair: _problem(lake, pair[1]), own))
    return [
        Blocked(target.day, problem) for (target, _), problem in zip(own, problems, strict=True) if problem
    ]


def _problem(lake: Lake, partition: Partition) -> str | None:
    name = f"{partition.layer}.{partition.dataset} of {partition.day}"
    for path in lake.paths(partition):
        try:
            with lake.fs.open(path, "rb") as file:
                days = _days(pq.ParquetFile(file).metadata)
        except Exception as error:  # any file can be broken in any way
            return f"{name} cannot be read: {error}"
        for day in days:
            if day != partition.day:
                return f"{name} holds rows of {day}"
    return None


def _days(metadata: pq.FileMetaData) -> set[date]:
    """The least and the greatest day of each row group, where the file says them."""
    place = metadata.schema.to_arrow_schema().get_field_index("day")
    found = set()
    for number in range(metadata.num_row_groups):
        statistics = metadata.row_group(number).column(place).statistics
        if statistics is not None and statistics.has_min_max:
            found |= {statistics.min, statistics.max}
    return found
