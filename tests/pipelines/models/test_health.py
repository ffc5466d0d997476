"""Health is what the reference says, part by part, on either engine."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from callboard.pipelines.engine import Backend, execute
from callboard.pipelines.lake import Lake
from callboard.pipelines.models import MODELS
from tests.pipelines.made import TODAY, Row, advisory, fill, put

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "pipelines.md"
COST, BARE, TOWER = (f"plugin:default/{name}" for name in ("cost", "bare", "tower"))
NEEDED = {
    "packages",
    "listings",
    "listing_packages",
    "repositories",
    "vulnerabilities",
    "listing_facts",
    "health_parts",
    "health",
}


def health(lake: Lake, backend: Backend) -> dict[tuple[str, str], Row]:
    """The parts of the newest day by listing and part; the score is the part `score`."""
    models = [one for one in MODELS if one.name in NEEDED]
    assert execute(lake, backend, models, today=TODAY).problems == ()
    parts, scores = (lake.read("marts", one, TODAY, TODAY) for one in ("health_parts", "health"))
    assert parts is not None
    assert scores is not None
    found = {(row["listing"], row["part"]): row for row in parts.to_pylist()}
    return found | {(row["listing"], "score"): row for row in scores.to_pylist()}


def test_the_example_of_the_reference_is_what_comes_out(backend: Backend, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    fill(lake, days=1, snapshots=1)
    found = health(lake, backend)
    text = REFERENCE.read_text()
    rows = re.findall(r"^\| `(\w+)` \| .* \| ([\d.]+) \| (\d+) \|$", text, re.MULTILINE)
    assert len(rows) == 7
    for part, points, most in rows:
        row = found[COST, part]
        assert (row["points"], row["most"]) == (float(points), float(most)), part
    total = sum(float(points) for _, points, _ in rows)
    score = re.search(r"The score is 100 × ([\d.]+) ÷ 100, rounded: \*\*(\d+)\*\*", text)
    assert score is not None
    assert float(score[1]) == round(total, 1)
    assert found[COST, "score"]["score"] == int(score[2]) == round(total)
    assert found[COST, "release_cadence"]["reason"].startswith("The last release was 58 days ago")


def test_parts_that_are_not_known_are_left_out_and_said(backend: Backend, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    fill(lake, days=1, snapshots=1)
    found = health(lake, backend)
    unknown = {part for (listing, part), row in found.items() if listing == TOWER and row.get("most") == 0}
    # The advisories that were read are of npm; PyPI says no maintainers here.
    assert unknown == {"issue_responsiveness", "maintainers", "vulnerabilities"}
    assert found[TOWER, "vulnerabilities"]["reason"] == (
        "Not known, so its 20 points are left out and the others weigh more."
    )
    # 0 of 20, 0 of 10, 7.5 of 10, 10 of 10: 17.5 of 50.
    assert found[TOWER, "score"]["score"] == 35
    assert found[BARE, "score"]["score"] == 0


def test_an_advisory_that_the_newest_version_fixed_costs_nothing(backend: Backend, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    fill(lake, days=1, snapshots=1)
    put(lake, "vulnerabilities", TODAY, [advisory(TODAY, "CRITICAL", fixed="1.2.0")])
    found = health(lake, backend)[COST, "vulnerabilities"]
    assert found["points"] == 20.0
    assert found["reason"] == "No advisory is known about the newest version."


def test_what_advisories_cost_is_told_in_words(backend: Backend, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    fill(lake, days=1, snapshots=1)
    put(lake, "vulnerabilities", TODAY, [advisory(TODAY, "HIGH")])
    assert health(lake, backend)[COST, "vulnerabilities"]["reason"] == (
        "Advisories about the newest version: 1 high, which cost 75 % of the points "
        "(100 % for a critical one, 75 % for a high one, 40 % for a moderate one, 10 % for a low one)."
    )


def test_a_document_of_last_week_counts_and_one_of_last_year_does_not(
    backend: Backend, tmp_path: Path
) -> None:
    lake = Lake(tmp_path)
    fill(lake, days=1, snapshots=1)
    for dataset in ("packages", "repositories", "vulnerabilities"):
        lake.remove("raw", dataset, TODAY)
    fresh = tmp_path / "other"
    fill(Lake(fresh), days=8, snapshots=8)
    for name in ("packages", "repositories", "vulnerabilities"):
        for back in range(7):
            Lake(fresh).remove("raw", name, TODAY - timedelta(days=back))
    assert health(Lake(fresh), backend)[COST, "maintainers"]["most"] == 15
    assert health(lake, backend)[COST, "maintainers"]["most"] == 0
