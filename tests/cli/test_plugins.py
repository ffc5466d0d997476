"""`callboard plugins` as its users run it, without a server and beside one that runs."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.plugins.install.wheels import library, package_index, plugin
from tests.servers import COMMAND, database_environment, running_server

FOLLOWS = 15.0  # seconds; it promises two, and the machine of a test may be busy


class Portal:
    """One portal's command line: its database, its data folder, its configuration."""

    def __init__(self, data: Path, environment: Mapping[str, str]) -> None:
        self.data = data
        self.environment = {**environment, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}

    def run(self, *arguments: str | Path, answer: str = "", status: int = 0, data: bool = True) -> str:
        further: list[str | Path] = ["--data", self.data] if data else []
        done = subprocess.run(
            [str(COMMAND), "plugins", *map(str, (*arguments, *further))],
            input=answer,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
            env={**os.environ, **self.environment},
        )
        output = done.stdout + done.stderr
        assert done.returncode == status, output
        assert "Traceback" not in output
        return output

    def states(self) -> dict[str, tuple[str, str, str]]:
        found = json.loads(self.run("list", "--json"))
        return {one["id"]: (one["version"], one["origin"], one["state"]) for one in found}


@pytest.fixture
def portal(database_url: str, tmp_path: Path) -> Portal:
    return Portal(tmp_path / "data", database_environment(database_url))


@contextmanager
def eventually() -> Iterator[float]:
    yield time.monotonic() + FOLLOWS


def page_becomes(url: str, status: int, text: str = "") -> None:
    """Wait until a running server follows what the command line did."""
    with eventually() as deadline:
        while True:
            answer = httpx.get(url, headers={"accept": "text/html"})
            if answer.status_code == status and text in answer.text:
                return
            assert time.monotonic() < deadline, (answer.status_code, answer.text[:500])
            time.sleep(0.05)


def test_a_plugin_is_shown_before_it_is_installed_and_installed_only_when_wanted(
    portal: Portal, tmp_path: Path
) -> None:
    plugin(needs=["network"], requires=["buoys"]).made().at(tmp_path / "wheels")
    library("buoys").made().at(tmp_path / "wheels")
    shown = portal.run("install", tmp_path / "wheels", answer="n\n", status=1)
    asked = ("Pages: /tides", "network: to know", "Install it?")
    for part in ("Tides (tides) 1.0", "buoys 1.0  sha256", *asked):
        assert part in shown
    assert "tides" not in portal.states()
    assert "Tides 1.0 is installed" in portal.run("install", tmp_path / "wheels", answer="y\n")
    assert portal.states()["tides"] == ("1.0", "installed", "live")


def test_an_upgrade_says_what_it_newly_asks_for(portal: Portal, tmp_path: Path) -> None:
    portal.run("install", plugin(needs=["search"]).made().at(tmp_path), "--yes")
    newer = plugin(version="1.1", needs=["search", "network"]).made().at(tmp_path)
    shown = portal.run("install", newer, "--yes")
    assert "It replaces version 1.0." in shown
    assert "network (new): to know" in shown
    assert "search: to know" in shown
    assert portal.states()["tides"] == ("1.1", "installed", "live")


def test_a_plugin_is_disabled_enabled_and_removed(portal: Portal, tmp_path: Path) -> None:
    portal.run("install", plugin().made().at(tmp_path), "--yes")
    portal.run("disable", "tides")
    assert portal.states()["tides"][2] == "disabled"
    portal.run("enable", "tides")
    assert portal.states()["tides"][2] == "live"
    portal.run("remove", "tides", answer="n\n", status=1)
    assert "tides is removed" in portal.run("remove", "tides", "--yes")
    assert "tides" not in portal.states()
    assert "is not installed" in portal.run("remove", "tides", "--yes", status=1)


def test_a_plugin_of_callboard_can_neither_be_disabled_nor_removed(portal: Portal) -> None:
    assert "is part of Callboard" in portal.run("disable", "catalog", status=1)
    assert "is not installed" in portal.run("remove", "catalog", "--yes", status=1)


def test_a_plugin_that_was_begun_is_configured(portal: Portal, tmp_path: Path) -> None:
    folder = tmp_path / "tide-tables"
    made = portal.run("new", "tide-tables", "--folder", folder, data=False)
    assert f"wrote {folder / 'tide_tables' / 'plugin.py'}" in made
    assert "is current" in portal.run("manifest", folder, "--check", data=False)
    build = [str(COMMAND.with_name("python")), "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=folder, check=True, capture_output=True, timeout=60)
    portal.run("install", next(tmp_path.glob("*.whl")), "--yes")

    def greeting() -> object:
        found = json.loads(portal.run("info", "tide-tables", "--json"))
        assert found["state"] == "live"
        return found["config"].get("greeting")

    assert greeting() is None
    portal.run("configure", "tide-tables", "--set", 'greeting="Ahoy: you"')
    assert greeting() == "Ahoy: you"
    portal.run("configure", "tide-tables", "-", answer="greeting: Moin\n")
    assert greeting() == "Moin"
    assert "greeting" in portal.run("configure", "tide-tables", "--set", "greeting=[1]", status=1)
    assert greeting() == "Moin"
    portal.run("configure", "tide-tables", "--reset")
    assert greeting() is None
    assert "--set KEY=VALUE" in portal.run("configure", "tide-tables", status=1)


def test_a_manifest_that_is_behind_fails_the_check(portal: Portal, tmp_path: Path) -> None:
    folder = tmp_path / "plugin"
    portal.run("new", "tide-tables", "--folder", folder, data=False)
    source = folder / "tide_tables" / "plugin.py"
    source.write_text(source.read_text().replace("Greets every component.", "Greets."))
    told = portal.run("manifest", folder, "--check", data=False, status=1)
    assert "run `callboard plugins manifest`" in told
    assert "wrote" in portal.run("manifest", folder, data=False)
    assert "is current" in portal.run("manifest", folder, "--check", data=False)


def test_a_name_that_is_taken_is_refused(portal: Portal, tmp_path: Path) -> None:
    told = portal.run("new", "catalog", "--folder", tmp_path / "x", data=False, status=1)
    assert "is the id of a plugin" in told


def test_what_goes_wrong_is_one_sentence(portal: Portal, tmp_path: Path) -> None:
    with package_index() as index:
        portal.environment["APP_CONFIG_plugins_index_url"] = json.dumps(index.url)
        assert "cannot be installed" in portal.run("install", "callboard-plugin-nowhere", "--yes", status=1)
    assert "is not there" in portal.run("install", tmp_path / "a.whl", "--yes", status=1)
    assert "There is no plugin nowhere" in portal.run("info", "nowhere", status=1)


def test_a_plugin_comes_from_where_its_listing_was_read(portal: Portal, tmp_path: Path) -> None:
    assert "no portal has used this database" in portal.run("install", "marketplace:tides", status=1)
    folder = tmp_path / "wheels"
    folder.mkdir()
    plugin(version="1.0").made().at(folder)
    portal.environment["APP_CONFIG_marketplace_wheels"] = json.dumps([{"target": str(folder)}])
    name = "default/callboard-plugin-tides"
    with running_server([], portal.environment, data=portal.data) as server:
        page_becomes(f"{server.base_url}/marketplace/plugins/{name}", 200, f"install listing:{name}")
    assert "is installed" in portal.run("install", f"listing:{name}", "--yes")
    assert portal.states()["tides"] == ("1.0", "installed", "live")
    assert "There is no listing nothing" in portal.run("install", "listing:nothing", "--yes", status=1)
    assert "There is no listing tides" in portal.run("install", "marketplace:tides", "--yes", status=1)


def test_a_plugin_comes_from_the_configured_index(portal: Portal) -> None:
    with package_index() as index:
        index.wheels = [plugin(version="1.0").made(), plugin(version="1.1").made()]
        portal.environment["APP_CONFIG_plugins_index_url"] = json.dumps(index.url)
        portal.run("install", "callboard-plugin-tides==1.0", "--yes")
        assert portal.states()["tides"][0] == "1.0"
        portal.run("install", "callboard-plugin-tides", "--yes")
    assert portal.states()["tides"][0] == "1.1"


def test_the_embedded_database_is_for_its_owner_and_no_plugin_is_unpacked_beside_it(
    tmp_path: Path,
) -> None:
    portal = Portal(tmp_path / "data", {})
    portal.run("install", plugin().made().at(tmp_path), "--yes")
    mode = (tmp_path / "data" / "callboard.sqlite").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert not (tmp_path / "data" / "plugins").exists()


def test_a_running_server_follows(portal: Portal, tmp_path: Path) -> None:
    # Not the example, whose pipelines keep a busy machine busier.
    own = tmp_path / "empty.yaml"
    own.write_text("")
    with running_server([own, "--no-watch"], portal.environment, data=portal.data) as server:
        url = f"{server.base_url}/tides"
        page_becomes(url, 404)
        portal.run("install", plugin(version="1.0").made().at(tmp_path), "--yes")
        page_becomes(url, 200, "version 1.0")
        portal.run("install", plugin(version="1.1").made().at(tmp_path), "--yes")
        page_becomes(url, 200, "version 1.1")
        portal.run("disable", "tides")
        page_becomes(url, 404)
        portal.run("enable", "tides")
        page_becomes(url, 200, "version 1.1")
        portal.run("remove", "tides", "--yes")
        page_becomes(url, 404)
        assert "Traceback" not in server.log_text()
