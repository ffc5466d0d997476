"""`callboard site build` as its users run it: from descriptors, and of a portal that runs meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.marketplace.site.conftest import URL, shelf
from tests.servers import COMMAND, Server, database_environment, running_server

PAGES = ("publishers/default/harbour", "plugins/default/tides", "collections/default/afloat")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A shelf; one of its publishers is described by nobody, so that the Marketplace makes it."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    kept = [one for one in shelf() if one["kind"] != "Component"]
    for one in kept:
        if one["metadata"]["name"] == "ropes":
            one["spec"]["publisher"] = "publisher:default/chandler"
            one["metadata"]["annotations"] = {"callboard.io/publisher-title": "Ship Chandler"}
    path = folder / "shelf.yaml"
    path.write_text("\n---\n".join(json.dumps(one) for one in kept))
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "app-config.json"

    rules = {"rules": [{"allow": ["Listing", "Release", "Publisher", "PluginCollection"]}]}
    public = {"public": {"enabled": True, "url": URL}}
    path.write_text(json.dumps({"catalog": rules, "marketplace": public}))
    return path


def build(*arguments: object, environment: Mapping[str, str], status: int = 0) -> str:
    done = subprocess.run(
        [str(COMMAND), "site", "build", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
    output = done.stdout + done.stderr
    assert done.returncode == status, output
    assert "Traceback" not in output
    return output


def whole(portal: Server) -> int:
    """How many entities there are, once the publisher is there that the Marketplace makes."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if httpx.get(f"{portal.base_url}/api/catalog/entities/by-name/publisher/default/chandler").is_success:
            answer = httpx.get(f"{portal.base_url}/api/catalog/entities/by-query?limit=0").json()
            return int(answer["totalItems"])
        time.sleep(0.2)
    raise AssertionError("the Marketplace made no publisher")


def test_the_site_of_a_portal_that_runs_is_what_it_holds_and_leaves_it_so(
    database_url: str, sources: Path, config: Path, tmp_path: Path
) -> None:
    environment = database_environment(database_url)
    out, data = tmp_path / "out", tmp_path / "data"
    with running_server([sources, "--config", config], environment, data=data) as portal:
        there = whole(portal)
        of = [] if database_url.startswith("postgresql") else ["--data", data]
        build("--out", out, "--config", config, *of, environment=environment)
        # Also descriptors that have nothing to do with this portal leave it alone.
        other = tmp_path / "other.yaml"
        other.write_text(json.dumps(shelf()[1]))
        build("--out", tmp_path / "two", "--config", config, other, environment=environment)
        assert whole(portal) == there
    assert all((out / "marketplace" / page / "index.html").is_file() for page in PAGES)
    assert not (tmp_path / "two/marketplace/plugins/default/tides").exists()


def test_the_site_of_descriptors_has_publishers_that_only_listings_name(
    sources: Path, config: Path, tmp_path: Path
) -> None:
    build("--out", tmp_path / "out", "--config", config, sources, environment={})
    page = (tmp_path / "out/marketplace/publishers/default/chandler/index.html").read_text()
    assert "Ship Chandler" in page
    assert f"{URL}/marketplace/publishers/default/chandler" in (tmp_path / "out/sitemap.xml").read_text()


def test_without_a_listing_a_site_that_is_there_stays(sources: Path, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build("--out", out, "--config", config, sources, environment={})
    before = sorted(out.rglob("*"))
    empty = tmp_path / "empty.yaml"
    empty.write_text(json.dumps(shelf()[-1]))
    said = build("--out", out, "--config", config, empty, environment={}, status=1)
    assert "no listing" in said
    said = build("--out", out, "--config", config, "--data", tmp_path, environment={}, status=1)
    assert "no database of a portal" in said
    build("--out", out, "--data", tmp_path, sources, environment={}, status=1)
    assert sorted(out.rglob("*")) == before


def test_who_gives_no_address_is_told_what_is_missing(sources: Path, tmp_path: Path) -> None:
    assert "marketplace.public.url" in build("--out", tmp_path / "out", sources, environment={})
