from __future__ import annotations

import os
import sys
from pathlib import Path

import httpx
import pytest

from callboard.core.config import load_config
from callboard.plugins import Offers
from callboard.plugins.discovery import beside
from callboard.plugins.live import go_live
from tests.servers import running_server

PACKAGE = """
from callboard.plugins import Plugin
from callboard.web.contributions import NavigationItem, Page

async def tides(view):
    return await view.error(404, "High water", "At noon.")

PLUGIN = Plugin("tides", "Tides", (Page("/tides", tides), NavigationItem("Tides", "/tides", "docs")))
TWIN = Plugin("tides", "Other tides")
NOT_ONE = "a text"
"""


def distribution(folder: Path, *points: str) -> Path:
    """An installed distribution as Python sees it: a package and its metadata."""
    package = folder / f"tides_{abs(hash(str(folder)))}.py"
    package.write_text(PACKAGE)
    metadata = folder / "tides-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: tides\nVersion: 1.0\n")
    lines = "\n".join(point.replace("MODULE", package.stem) for point in points)
    (metadata / "entry_points.txt").write_text(f"[callboard.plugins]\n{lines}\n")
    return folder


def test_what_is_installed_is_found_and_what_is_broken_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = ("a = MODULE:PLUGIN", "b = MODULE:TWIN", "c = MODULE:NOT_ONE", "d = nowhere:PLUGIN")
    monkeypatch.setattr(sys, "path", [*sys.path, str(distribution(tmp_path, *points))])
    module = next(tmp_path.glob("tides_*.py")).stem
    live = go_live(beside(), load_config([], {}), {}, Offers())
    assert [plugin.id for plugin in live.registry.plugins] == ["tides"]
    assert [(one.id, one.state, one.problems) for one in live.statuses] == [
        ("tides", "live", ()),
        ("tides", "broken", ("the id tides is taken by another plugin",)),
        ("c", "broken", (f"{module}:NOT_ONE is no Plugin",)),
        ("d", "broken", ("cannot be loaded: ModuleNotFoundError: No module named 'nowhere'",)),
    ]


def test_an_installed_plugin_has_its_page_when_the_portal_starts(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    distribution(folder, "tides = MODULE:PLUGIN", "broken = nowhere:PLUGIN")
    environment = {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}
    with running_server([], environment, data=tmp_path / "data") as server:
        answer = httpx.get(f"{server.base_url}/tides")
        assert "High water" in answer.text
        assert 'href="/tides"' in httpx.get(server.base_url).text
        assert "cannot be loaded" in server.log_text()
