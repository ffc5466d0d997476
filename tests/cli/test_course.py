"""The course does what it says: its commands are run as they are written, in the order of its chapters."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

import callboard
from tests.servers import running_server

COURSE = Path(callboard.__file__).parent / "marketplace" / "site" / "content" / "learn" / "write-a-plugin"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: lamp}
spec: {type: service, lifecycle: production, owner: crew}
"""


def commands() -> Iterator[str]:
    """Every line of the blocks that name no language, chapter by chapter."""
    for chapter in sorted(COURSE.glob("[0-9]*.md")):
        for language, block in BLOCK.findall(chapter.read_text("utf-8")):
            if not language:
                yield from block.strip().split("\n")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A virtual environment as the course wants it: Callboard and the tools of its plugins are in it."""
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
    # Nothing is fetched from an index: the environment of this run is lent to the new one.
    inside = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    lent = [sysconfig.get_path("purelib"), str(Path(callboard.__file__).parent.parent)]
    (inside / "lent.pth").write_text("\n".join(lent) + "\n")
    script = folder / "bin" / "callboard"
    script.write_text(f"#!{folder}/bin/python\nfrom callboard.cli import app\n\napp()\n")
    script.chmod(0o755)
    return folder / "bin"


def run(command: str, folder: Path, env: Mapping[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_commands_of_the_course_lead_to_a_listing(tmp_path: Path, programs: Path) -> None:
    example = tmp_path / "catalog-info.yaml"
    example.write_text(COMPONENT)
    env = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's own way to say yes
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    folder, printed = tmp_path, {"SUBMISSION": "", "cbm_…": ""}
    seen: list[str] = []
    with ExitStack() as servers:
        for at, line in enumerate(commands()):
            if line.startswith("cd "):
                folder /= line.removeprefix("cd ")
                continue
            if line == "callboard serve":  # the example organisation takes its time, and shows no more
                servers.close()
                data = tmp_path / f"data-{at}"
                server = servers.enter_context(
                    running_server([example], env, data=data, command=programs / "callboard")
                )
                env["CALLBOARD_URL"] = server.base_url
                page = httpx.get(f"{server.base_url}/catalog/default/component/lamp").text
                seen.append(f"served with the card: {'Hello, lamp!' in page}")
                continue
            if line.startswith("CALLBOARD_TOKEN="):
                project = folder / "pyproject.toml"
                assert 'version = "0.1.1"' in project.read_text()
            command = line
            for written, meant in printed.items():
                command = command.replace(written, meant)
            output = run(command, folder, env)
            if "marketplace submit" in line:
                found = re.match(r"([0-9a-f]{24}) in-review$", output, re.M)
                assert found is not None, output
                assert "error:" not in output
                printed["SUBMISSION"] = found[1]
            elif "tokens create" in line:
                printed["cbm_…"] = output.strip()
                project = folder / "pyproject.toml"  # as the sentence before the next block says
                project.write_text(project.read_text().replace('version = "0.1.0"', 'version = "0.1.1"'))
            seen.append(line)
        releases = httpx.get(f"{env['CALLBOARD_URL']}/api/marketplace/listings/harbour-tides/releases").json()
    assert [one for one in seen if one.startswith("served")] == [
        "served with the card: True",
        "served with the card: False",
    ]
    assert {one["version"]: bool(one["yanked"]) for one in releases["releases"]} == {
        "0.1.0": True,
        "0.1.1": False,
    }
