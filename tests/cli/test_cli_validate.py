"""`callboard validate` on real files: every mistake with its place, in four formats."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from callboard.catalog.lint import lint
from callboard.cli import app
from callboard.model.model import Model

COMPONENT = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: {name}
spec:
  type: service
  lifecycle: production
  owner: team
"""
LOCATION = """apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: {name}
spec:
  targets: [{targets}]
"""
API = """apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: api}
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $text: %s
"""


def messages(*paths: Path) -> list[str]:
    """`file name:line: field: message` of every problem."""
    report = lint([str(path) for path in paths], Model.builtin())
    return [
        f"{Path(one.source or '').name}:{one.line}: {one.field}: {one.message}" for one in report.problems
    ]


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content)


def test_a_healthy_folder_has_no_problems(tmp_path: Path) -> None:
    write(tmp_path, one=COMPONENT.format(name="one"), two=COMPONENT.format(name="two"))
    found = CliRunner().invoke(app, ["validate", str(tmp_path)])
    assert (found.exit_code, found.output) == (0, "2 entities in 2 files: no problems\n")


def test_kinds_of_the_marketplace_and_of_the_configuration_are_known(tmp_path: Path) -> None:
    listing = """apiVersion: callboard.io/v1alpha1
kind: Listing
metadata: {name: tides}
spec: {type: plugin, publisher: harbour, lifecycle: active}
"""
    gizmo = "apiVersion: acme.io/v1\nkind: Gizmo\nmetadata: {name: one}\nspec: {owner: team}\n"
    write(tmp_path, listing=listing, gizmo=gizmo)
    path = str(tmp_path / "gizmo.yaml")
    status, output = run(str(tmp_path / "listing.yaml"))
    assert status == 0, output
    status, output = run(path)
    assert (status, "Gizmo" in output) == (1, True)
    config = tmp_path / "app-config.json"
    kind = {
        "kind": "Gizmo",
        "plural": "gizmos",
        "apiVersions": ["acme.io/v1"],
        "schema": {"type": "object", "required": ["owner"], "properties": {"owner": {"type": "string"}}},
    }
    config.write_text(json.dumps({"catalog": {"kinds": [kind]}}))
    assert run(path, "--config", str(config))[0] == 0
    write(tmp_path, gizmo=gizmo.replace("owner: team", "home: x"))
    status, output = run(path, "--config", str(config))
    assert (status, "owner" in output) == (1, True)


def test_a_mistake_is_told_with_line_and_field_and_hides_no_sibling(tmp_path: Path) -> None:
    bad = COMPONENT.format(name="bad").replace("  owner: team\n", "")
    write(tmp_path, all="---\n".join([bad, "a: [1\n", COMPONENT.format(name="-x-")]))
    first, second, third = messages(tmp_path / "all.yaml")
    assert first.startswith("all.yaml:5: spec")
    assert "owner" in first
    assert second.startswith("all.yaml:")
    assert third.startswith("all.yaml:14: metadata.name")


def test_other_documents_in_a_folder_are_passed_over_but_not_when_named(tmp_path: Path) -> None:
    deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n"
    write(tmp_path, manifest=deployment, values="a: 1\n")
    assert messages(tmp_path) == []
    assert len(messages(tmp_path / "manifest.yaml")) == 1
    assert "expected" in messages(tmp_path / "values.yaml")[0] or messages(tmp_path / "values.yaml")


def test_two_descriptors_of_one_entity_are_a_problem(tmp_path: Path) -> None:
    write(tmp_path, a=COMPONENT.format(name="x"), b=COMPONENT.format(name="x"), c=COMPONENT.format(name="X"))
    assert messages(tmp_path) == [
        f"b.yaml:4: metadata.name: component:default/x is already described at {tmp_path}/a.yaml:4",
        "c.yaml:4: metadata.name: Component:default/X differs only in case from Component:default/x "
        f"at {tmp_path}/a.yaml:4",
    ]


def test_a_placeholder_must_name_a_file_that_exists_below(tmp_path: Path) -> None:
    (tmp_path / "api.txt").write_text("openapi: 3.1.0")
    write(tmp_path, good=API % "./api.txt", web=API.replace("name: api", "name: web") % "https://x.example/a")
    assert messages(tmp_path) == []
    write(tmp_path, good=API % "./gone.txt", web=API.replace("name: api", "name: web") % "../../outside")
    missing, outside = messages(tmp_path)
    assert missing.startswith("good.yaml:8: spec.definition: Placeholder $text")
    assert "outside" in outside


def test_a_location_is_followed(tmp_path: Path) -> None:
    write(tmp_path, root=LOCATION.format(name="root", targets="./sub/*.yaml, ./gone.yaml"))
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", a=COMPONENT.format(name="a"), b=COMPONENT.format(name="b_"))
    found = messages(tmp_path / "root.yaml")
    assert found[0] == "root.yaml:6: spec.targets[1]: ./gone.yaml does not exist"
    assert found[1].startswith("b.yaml:4: metadata.name")


def test_an_optional_target_may_be_missing(tmp_path: Path) -> None:
    write(tmp_path, root=LOCATION.format(name="root", targets="./gone.yaml") + "  presence: optional\n")
    assert messages(tmp_path / "root.yaml") == []


def test_locations_that_lead_back_to_themselves_are_a_problem(tmp_path: Path) -> None:
    write(
        tmp_path,
        a=LOCATION.format(name="a", targets="./b.yaml"),
        b=LOCATION.format(name="b", targets="./c.yaml"),
        c=LOCATION.format(name="c", targets="./a.yaml"),
        own=LOCATION.format(name="own", targets="./own.yaml"),
    )
    found = messages(tmp_path)
    assert "this location leads back to itself: a.yaml → b.yaml → c.yaml → a.yaml" in found[0]
    assert "points at its own file" in found[1]
    assert len(found) == 2


def test_a_diamond_of_locations_is_no_cycle(tmp_path: Path) -> None:
    write(
        tmp_path,
        a=LOCATION.format(name="a", targets="./b.yaml, ./c.yaml"),
        b=LOCATION.format(name="b", targets="./d.yaml"),
        c=LOCATION.format(name="c", targets="./d.yaml"),
        d=COMPONENT.format(name="d"),
    )
    assert messages(tmp_path) == []


def test_a_path_that_does_not_exist_is_a_problem(tmp_path: Path) -> None:
    assert "no such file or folder" in messages(tmp_path / "gone")[0]
    assert "no such file or folder" in messages(tmp_path / "*.yaml")[0]


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the working directory, with one mistake on line 4 of a file with an awkward name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b,c.yaml").write_text(COMPONENT.format(name="-bad-"))
    return tmp_path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["validate", *arguments])
    return result.exit_code, result.output


def test_json_lists_the_problems(broken: Path) -> None:
    status, output = run(".", "--format", "json")
    report = json.loads(output)
    assert (status, report["files"], report["entities"]) == (1, 1, 1)
    problem = report["problems"][0]
    assert (problem["source"], problem["line"], problem["field"]) == ("a b,c.yaml", 4, "metadata.name")


def test_github_shows_annotations(broken: Path) -> None:
    status, output = run(".", "--format", "github")
    assert status == 1
    assert output.startswith("::error file=a b%2Cc.yaml,line=4,col=3,title=InputError::metadata.name")


def test_sarif_is_what_code_scanning_reads(broken: Path) -> None:
    status, output = run(".", "--format", "sarif")
    log: dict[str, Any] = json.loads(output)
    assert (status, log["version"], len(log["runs"])) == (1, "2.1.0", 1)
    driver = log["runs"][0]["tool"]["driver"]
    assert driver["name"] == "callboard"
    (result,) = log["runs"][0]["results"]
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "InputError"
    assert result["level"] == "error"
    assert result["message"]["text"].startswith("metadata.name: ")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b%2Cc.yaml"
    assert place["region"] == {"startLine": 4, "startColumn": 3}


def test_sarif_of_a_healthy_folder_has_no_results(tmp_path: Path) -> None:
    write(tmp_path, one=COMPONENT.format(name="one"))
    status, output = run(str(tmp_path), "--format", "sarif")
    assert (status, json.loads(output)["runs"][0]["results"]) == (0, [])


def test_the_command_runs_without_loading_the_server(tmp_path: Path) -> None:
    write(tmp_path, one=COMPONENT.format(name="one"))
    code = (
        "import sys; from callboard.cli import app\n"
        f"try: app(['validate', {str(tmp_path)!r}])\n"
        "except SystemExit as end: assert end.code in (0, None), end.code\n"
        "print(sorted(set(sys.modules) & {'sqlalchemy', 'httpx', 'starlette', 'granian', 'asyncpg'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["1 entities in 1 files: no problems", "[]"]
