"""`callboard pipelines` over the numbers of the example, on either database."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from callboard.cli import app
from tests.servers import database_environment

RECORDED = str(files("callboard") / "example" / "pipelines")


class Command:
    """Runs the command on one folder and database, with its output as text."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._environment = {
            **environment,
            "APP_CONFIG_pipelines_enabled": "true",
            "APP_CONFIG_pipelines_sources_recorded_folder": RECORDED,
        }

    def __call__(self, *arguments: str, exit_code: int = 0) -> str:
        given = [*arguments] if arguments[0] == "lineage" else [*arguments, "--data", str(self.folder)]
        result = CliRunner().invoke(app, ["pipelines", *given], env=self._environment)
        assert result.exit_code == exit_code, result.output
        return result.output

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self("status", "--json"))
        return found

    def marts(self) -> dict[str, bytes]:
        lake = self.folder / "pipelines" / "marts"
        return {str(path.relative_to(lake)): path.read_bytes() for path in lake.rglob("*.parquet")}


@pytest.fixture
def command(database_url: str, tmp_path: Path) -> Command:
    return Command(tmp_path, database_environment(database_url))


def test_it_runs_makes_days_again_and_tells_how_they_stand(command: Command) -> None:
    command("run", "--only", "staged.packages", "--only", "marts.adoption")
    status = command.status()
    assert status["runs"][0]["status"] == "finished"
    assert status["runs"][0]["problems"] == 0
    made = {f"{one['layer']}.{one['name']}": one for one in status["datasets"] if one["partitions"]}
    assert {"raw.downloads", "marts.adoption"} <= set(made)
    assert "marts.usage_daily" not in made, "only what was asked for"
    assert all(check["passed"] for check in made["marts.adoption"]["checks"])
    before = command.marts()
    assert before
    newest = made["marts.adoption"]["newest"]
    command("run", "--no-collect", "--only", "marts.adoption")
    assert command.status()["runs"][0]["made"] == 0, "nothing is stale"
    command("backfill", "--since", newest, "--until", newest, "--no-collect", "--only", "marts.adoption")
    assert command.status()["runs"][0]["made"] == 1
    assert command.marts() == before, "a day made again of the same is the same"
    assert "last run finished: 1 partitions" in command("status")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_mistakes_are_told(command: Command) -> None:
    assert "must not be after" in command(
        "backfill", "--since", "2026-02-02", "--until", "2026-02-01", exit_code=1
    )
    assert "no dataset marts.nothing" in command("lineage", "marts.nothing", exit_code=1)
    assert "nothing" in command("run", "--only", "marts.nothing", exit_code=1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_lineage_of_a_dataset_goes_back_to_what_was_collected(command: Command) -> None:
    found = json.loads(command("lineage", "marts.health", "--json"))
    assert "marts.health_parts" in found["marts.health"]
    assert {"raw.packages", "raw.vulnerabilities", "raw.repositories"} <= set(found)
    assert "raw.events" not in found, "health does not read who visited what"
    assert "marts.health <- " in command("lineage")
