"""A new plugin passes its own tests, and its manifest follows its declaration."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from callboard.core.errors import ConflictError, InputError
from callboard.core.yaml import read_documents
from callboard.marketplace.checks import read_declared
from callboard.plugins.install.wheel import read_wheel
from callboard.plugins.scaffold import begin, declared, read_project, written_manifest

PYPROJECT = '[project]\nname = "tides"\n[project.entry-points."callboard.plugins"]\n'


def test_a_new_plugin_passes_its_tests(tmp_path: Path) -> None:
    begin("tide-tables", tmp_path / "plugin")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=tmp_path / "plugin", capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def test_a_new_plugin_keeps_to_the_rules_of_its_tools(tmp_path: Path) -> None:
    begin("tide-tables", tmp_path / "plugin")
    for arguments in (("check",), ("format", "--check", "--line-length", "110")):
        command = [str(Path(sys.executable).with_name("ruff")), *arguments, ".", "--isolated"]
        # From its own folder, as its author does: that says which imports are its own.
        folder = tmp_path / "plugin"
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout


def test_a_new_plugin_becomes_a_wheel_that_can_be_installed(tmp_path: Path) -> None:
    begin("tide-tables", tmp_path / "plugin")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=tmp_path / "plugin", check=True, capture_output=True, timeout=60)
    path = next(tmp_path.glob("*.whl"))
    wheel = read_wheel(path.name, path.read_bytes())
    assert (wheel.name, wheel.version) == ("callboard-plugin-tide-tables", "0.1.0")
    assert wheel.manifest is not None
    assert (wheel.manifest["id"], wheel.manifest["title"]) == ("tide-tables", "Tide tables")
    assert [one["kind"] for one in wheel.manifest["contributions"]] == ["Templates", "EntityCard"]


def test_beginning_leaves_nothing_in_this_process(tmp_path: Path) -> None:
    path = list(sys.path)
    begin("tide-tables", tmp_path / "plugin")
    assert sys.path == path
    assert not any(name.startswith("tide_tables") for name in sys.modules)
    assert importlib.util.find_spec("tide_tables") is None
    assert not list((tmp_path / "plugin").rglob("__pycache__"))


@pytest.mark.parametrize("name", ["Tides", "tide tables", "../tides", "-tides", "tides-", "9", "", "a" * 61])
def test_a_name_that_cannot_be_an_id_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be the id of a plugin"):
        begin(name, tmp_path / "plugin")
    assert not (tmp_path / "plugin").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [("catalog", "id of a plugin"), ("json", "Python package"), ("class", "Python package")],
)
def test_a_name_that_is_taken_is_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(ConflictError, match=message):
        begin(name, tmp_path / "plugin", ["catalog"])
    assert not (tmp_path / "plugin").exists()


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for folder in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(ConflictError, match="is not an empty folder"):
            begin("tide-tables", folder)


def test_the_manifest_follows_the_declaration(tmp_path: Path) -> None:
    begin("tide-tables", tmp_path)
    project = read_project(tmp_path)
    assert project.manifest == tmp_path / "tide_tables" / "callboard-plugin.json"
    assert written_manifest(project, check=True) is False
    source = tmp_path / "tide_tables" / "plugin.py"
    source.write_text(source.read_text().replace("Greets every component.", "Greets."))
    assert written_manifest(project, check=True) is True
    assert written_manifest(project) is True
    assert json.loads(project.manifest.read_bytes())["description"] == "Greets."
    assert written_manifest(project) is False


def test_a_plugin_may_be_one_module_or_lie_in_src(tmp_path: Path) -> None:
    plugin = "from callboard.plugins import Plugin\nPLUGIN = Plugin('tides', 'Tides')\n"
    (tmp_path / "pyproject.toml").write_text(PYPROJECT + 'tides = "tides_module_test:PLUGIN"\n')
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "tides_module_test.py").write_text(plugin)
    project = read_project(tmp_path)
    assert declared(project).id == "tides"
    assert project.manifest == tmp_path / "src" / "callboard-plugin.json"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file"),
        ("[project", "pyproject.toml"),
        ("", "declares 0 plugins"),
        (PYPROJECT + 'a = "a:A"\nb = "b:B"\n', "declares 2 plugins"),
        (PYPROJECT + 'tides = "tides"\n', "must be `package.module:ATTRIBUTE`"),
        (PYPROJECT + 'tides = "../tides:PLUGIN"\n', "must be `package.module:ATTRIBUTE`"),
        (PYPROJECT + 'tides = "nowhere_test:PLUGIN"\n', "there is no nowhere_test"),
    ],
)
def test_a_folder_that_is_no_project_is_told_why(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(InputError, match=message):
        read_project(tmp_path)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("1 / 0", "cannot be loaded: ZeroDivisionError"),
        ("", "cannot be loaded: AttributeError"),
        ("PLUGIN = 3", "is no Plugin"),
        ("from callboard.plugins import Plugin\nPLUGIN = Plugin('Tides', 'x')", "the id 'Tides' must be"),
    ],
)
def test_a_declaration_that_cannot_be_used_is_told_why(tmp_path: Path, code: str, message: str) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT + 'tides = "tides_broken_test:PLUGIN"\n')
    (tmp_path / "tides_broken_test.py").write_text(code)
    with pytest.raises(InputError, match=message):
        declared(read_project(tmp_path))
    assert "tides_broken_test" not in sys.modules


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="denied"):
        begin("tide-tables", tmp_path / "plugin")


def test_a_new_plugin_brings_what_the_marketplace_asks_for(tmp_path: Path) -> None:
    begin("tide-tables", tmp_path / "plugin", license="mit")
    project = tomllib.loads((tmp_path / "plugin" / "pyproject.toml").read_text())["project"]
    assert project["license"] == "MIT"
    declared = read_declared(
        read_documents((tmp_path / "plugin" / "listing.yaml").read_text(), "listing.yaml")[0].value
    )
    assert (declared.name, declared.title, declared.license) == ("tide-tables", "Tide tables", "MIT")
    with pytest.raises(InputError, match="is no SPDX licence expression"):
        begin("tide-tables", tmp_path / "other", license="free for all")
    assert not (tmp_path / "other").exists()
