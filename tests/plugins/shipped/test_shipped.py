"""The plugins of `plugins/`: built on the contract alone, distributions of their own, whose tests pass."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import httpx
import orjson
import pytest

from callboard.plugins import Plugin
from callboard.plugins.manifest import FILE, manifest_bytes, manifest_of
from tests.servers import running_server

ROOT = Path(__file__).parents[3]
PROGRAMS = Path(sys.executable).parent
CONTRACT = (
    "callboard.plugins",
    "callboard.catalog.contributions",
    "callboard.catalog.ingest.confine",
    "callboard.catalog.ingest.contract",
    "callboard.catalog.query",
    "callboard.core.errors",
    "callboard.core.integrations",
    "callboard.core.reader",
    "callboard.model.refs",
    "callboard.search",
    "callboard.web.contributions",
    "callboard.web.view",
)
FOR_TESTS = (*CONTRACT, "callboard.testing")


@dataclass(frozen=True)
class Shipped:
    folder: Path
    package: str

    @property
    def plugin(self) -> Plugin:
        found = import_module(self.package).PLUGIN
        assert isinstance(found, Plugin)
        return found


SHIPPED = [
    Shipped(ROOT / "plugins" / "links-checker", "callboard_links_checker"),
    Shipped(ROOT / "plugins" / "codeowners", "callboard_codeowners"),
]
each = pytest.mark.parametrize("one", SHIPPED, ids=lambda one: one.folder.name)


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            yield node.module


def is_in(module: str, known: tuple[str, ...]) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in known)


@each
def test_only_the_contract_is_imported(one: Shipped) -> None:
    for folder, known in ((one.package, CONTRACT), ("tests", FOR_TESTS)):
        files = sorted((one.folder / folder).rglob("*.py"))
        assert files
        used = {module for file in files for module in imported(file) if is_in(module, ("callboard",))}
        assert [module for module in sorted(used) if not is_in(module, known)] == []


@each
def test_the_manifest_is_what_the_code_declares(one: Shipped) -> None:
    content = (one.folder / one.package / FILE).read_bytes()
    assert content == manifest_bytes(one.plugin)
    assert orjson.loads(content) == orjson.loads(orjson.dumps(manifest_of(one.plugin)))


def built(one: Shipped, folder: Path) -> Path:
    """Its wheel, made without a network."""
    command = [str(PROGRAMS / "uv"), "build", "--wheel", "--no-build-isolation", "--offline"]
    command += ["--out-dir", str(folder), "--python", sys.executable]
    done = subprocess.run(command, cwd=one.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob(f"{one.package}-*.whl"))


@each
def test_a_wheel_is_built_offline_with_everything_in_it(one: Shipped, tmp_path: Path) -> None:
    with zipfile.ZipFile(built(one, tmp_path)) as wheel:
        names = wheel.namelist()
        points = wheel.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert f"[callboard.plugins]\n{one.plugin.id} = {one.package}:PLUGIN" in points
    held = {
        str(path.relative_to(one.folder)) for path in (one.folder / one.package).rglob("*") if path.is_file()
    }
    assert {name for name in held if "__pycache__" not in name} == {
        name for name in names if ".dist-info/" not in name
    }


def test_both_are_installed_into_a_portal_that_runs(tmp_path: Path) -> None:
    wheels = [built(one, tmp_path) for one in SHIPPED]
    with running_server([], data=tmp_path / "data") as server:
        for wheel in wheels:
            command = [str(PROGRAMS / "callboard"), "plugins", "install", "--yes", str(wheel)]
            command += ["--data", str(tmp_path / "data")]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
        ends = time.monotonic() + 15
        while (answer := httpx.get(f"{server.base_url}/links-checker")).status_code == 404:
            assert time.monotonic() < ends, server.log_text()
            time.sleep(0.2)
        assert answer.status_code == 200, server.log_text()
        assert "a plugin is left out" not in server.log_text()


@each
def test_its_own_tests_pass_on_their_own(one: Shipped, tmp_path: Path) -> None:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=one.folder,
        capture_output=True,
        text=True,
        check=False,
        env={**variables, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
