"""The benchmark's table says plainly what is reached and what is missed."""

from __future__ import annotations

import pytest

from bench.measure import Start
from bench.reads import Result
from bench.report import percentile, print_reads, print_start


def test_a_start_within_its_target_is_ok_and_a_slow_one_is_a_miss(capsys: pytest.CaptureFixture[str]) -> None:
    print_start("sqlite", 10_000, Start(4.0, 200.0, {"writing": 1.5}))
    quick = capsys.readouterr().out
    assert "MISS" not in quick
    assert "writing 1.50 s" in quick
    print_start("sqlite", 10_000, Start(6.0, 200.0))
    assert "MISS" in capsys.readouterr().out


def test_a_large_catalog_needs_half_the_rate_and_a_failed_answer_is_a_miss(
    capsys: pytest.CaptureFixture[str],
) -> None:
    result = Result(1.0, [0.001] * 2500)
    print_reads(10_000, {"page": result}, 100.0, 100.0)
    assert "MISS" in capsys.readouterr().out
    print_reads(100_000, {"page": result}, 100.0, 100.0)
    assert "MISS" not in capsys.readouterr().out
    print_reads(100_000, {"page": Result(1.0, [0.001] * 2500, failed=1)}, 100.0, 100.0)
    assert "1 failed" in capsys.readouterr().out


def test_the_percentile_of_nothing_is_zero() -> None:
    assert percentile([], 0.99) == 0
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3
