"""How severe a vulnerability is, and which version is free of it, by its OSV record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callboard.marketplace.checks.osv import read_osv
from callboard.marketplace.checks.severity import base_score, rating, severity_of
from callboard.marketplace.weaknesses import weaknesses_of

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
LOW = {"severity": "LOW"}


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        # The examples of the specification's own document of examples.
        ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
        ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9),
        ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H/E:P/RC:C", 7.8),
        ("CVSS:3.1/AV:N", None),
        ("CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", None),
        ("AV:N/AC:L/Au:N/C:P/I:P/A:P", None),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", None),
        ("", None),
    ],
)
def test_the_base_score_is_that_of_the_specification(vector: str, score: float | None) -> None:
    assert base_score(vector) == score


@pytest.mark.parametrize(
    ("score", "word"),
    [(0.0, ""), (0.1, "low"), (3.9, "low"), (4.0, "moderate"), (6.9, "moderate"), (7.0, "high"),
     (8.9, "high"), (9.0, "critical")],
)  # fmt: skip
def test_scores_have_words(score: float, word: str) -> None:
    assert rating(score) == word


@pytest.mark.parametrize(
    ("record", "affected", "word"),
    [
        ({"database_specific": {"severity": "MEDIUM"}}, {}, "moderate"),
        ({"database_specific": LOW}, {"ecosystem_specific": {"severity": "Critical"}}, "critical"),
        ({"severity": [{"type": "CVSS_V3", "score": VECTOR}]}, {}, "high"),
        ({"severity": [{"type": "CVSS_V4", "score": "x"}, 7, {}]}, {}, ""),
        ({"database_specific": "no", "severity": None}, {}, ""),
        ({"database_specific": {"severity": ["high"]}}, {}, ""),
    ],
)  # fmt: skip
def test_what_a_record_says_of_severity(record: dict[str, Any], affected: dict[str, Any], word: str) -> None:
    assert severity_of(record, affected) == word


def test_the_fixed_version_is_the_lowest_that_helps(tmp_path: Path) -> None:
    events = [{"introduced": "0"}, {"fixed": "1.4"}, {"introduced": "2.0"}, {"fixed": "2.3"}]
    record = {
        "id": "X-1",
        "details": "All of it.",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "Tides"},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
                "versions": ["1.4"],
            }
        ],
        "references": ["x", {"url": "http://a.example/1"}, {"type": "ADVISORY", "url": "ftp://b.example"}],
    }
    (tmp_path / "one.json").write_text(json.dumps(record))
    osv = read_osv(tmp_path)
    found = {version: weaknesses_of([("tides", version)], osv) for version in ("1.0", "1.5", "2.1", "2.3")}
    assert [one.fixed for one in found["1.0"]] == ["2.3"]  # 1.4 is listed as affected itself
    assert [one.fixed for one in found["2.1"]] == ["2.3"]
    assert found["1.5"] == found["2.3"] == ()
    assert found["2.1"][0].url == "http://a.example/1"
    assert found["2.1"][0].text == "tides 2.1 has X-1: All of it.; fixed in 2.3"
    assert weaknesses_of([("tides", "no version")], osv) == ()
