"""Malformed input of every sort: the clear error in the right place, and nothing else is stopped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import databases
from tests.malformed.case import Case, Mistake
from tests.malformed.format_cases import CASES as FORMAT
from tests.malformed.ingestion import Ingested, Row, ingested
from tests.malformed.location_cases import CASES as LOCATIONS
from tests.malformed.spec_cases import CASES as SPECS
from tests.malformed.yaml_cases import CASES as YAML

CASES = [*YAML, *FORMAT, *SPECS, *LOCATIONS]
# One group: else every worker of a parallel run would ingest everything for itself.
pytestmark = pytest.mark.xdist_group("malformed")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def result(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingested]:
    """All cases, ingested together."""
    folder = tmp_path_factory.mktemp("malformed")
    if request.param == "sqlite":
        with ingested(CASES, databases.sqlite_url(tmp_path_factory.mktemp("database")), folder) as found:
            yield found
        return
    with databases.postgresql_database() as url, ingested(CASES, url, folder) as found:
        yield found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_malformed_input_gives_its_error_and_stops_nothing_else(case: Case, result: Ingested) -> None:
    found = result.problems_of(case)
    assert len(found) == len(case.mistakes), found
    for mistake in case.mistakes:
        assert any(_tells(row, mistake, case, result) for row in found), (
            f"{mistake} in line {case.line(mistake)} is not among {found}"
        )
    assert set(case.healthy()) <= result.served
    broken = {ref for ref in result.served if ref.endswith(f"/{case.name}-in-it") and ref[:4] != "loca"}
    assert broken <= set(case.healthy())


def test_no_problem_belongs_to_no_case(result: Ingested) -> None:
    known = [id(row) for case in CASES for row in result.problems_of(case)]
    assert [row for row in result.problems if id(row) not in known] == []


def test_all_cases_together_are_read_quickly(result: Ingested) -> None:
    assert result.seconds < 20


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) > 60
    assert all(len(name) <= 54 for name in names)


def _tells(row: Row, mistake: Mistake, case: Case, result: Ingested) -> bool:
    return (
        mistake.message in row["message"]
        and (mistake.file is None or row["source"] == result.source(case, mistake.file))
        and row.get("line") == case.line(mistake)
        and row.get("field", "") == mistake.field
    )
