"""`callboard marketplace` against a real server: from the application to a release from CI."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.marketplace.wheels import FIELDS, wheel
from tests.servers import COMMAND, Server, running_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Nobody signs in here, so everyone may do everything."""
    with running_server([], data=tmp_path / "data") as running:
        yield running


def market(server: Server, *words: str | Path, status: int = 0) -> str:
    done = subprocess.run(
        [COMMAND, "marketplace", *words, "--url", server.base_url],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_plugin_is_brought_to_the_shelf_by_commands(server: Server, tmp_path: Path) -> None:
    assert "acme is applied" in market(
        server, "apply", "acme", "--title", "Acme", "--domain", "tides.example.org"
    )
    assert "is no domain" in market(
        server, "apply", "other", "--title", "X", "--domain", "localhost", status=1
    )
    market(server, "apply", "ports", "--title", "Ports")
    import httpx

    api = f"{server.base_url}/api/marketplace/publishers/ports"
    assert httpx.post(f"{api}/approve", json={}).status_code == 200
    listing, bad = tmp_path / "listing.yaml", tmp_path / "bad.yaml"
    listing.write_text(json.dumps(FIELDS))
    bad.write_text(json.dumps({**FIELDS, "license": "MIT"}))
    file = wheel().at(tmp_path)
    refused = market(server, "submit", "ports", bad, file, status=1)
    assert "The listing says MIT" in refused
    found = re.search(r"^([0-9a-f]{24}) changes-requested", refused, re.M)
    assert found is not None
    assert "in-review" in market(server, "submit", "ports", listing, file, "--again", found[1])
    assert found[1] in market(server, "review")
    assert "approved" in market(server, "review", found[1], "approve", "--text", "Fine.")
    assert "published" in market(server, "publish", found[1])
    assert "possible" not in market(server, "status", found[1]).partition("published")[0]
    token = httpx.post(f"{api}/tokens", json={"name": "ci", "scopes": ["release"]}).json()["token"]
    newer = wheel(version="1.1").at(tmp_path)
    assert "with a token" in market(server, "publish", "tides", newer, status=1)
    assert "1.1 is released" in market(server, "publish", "tides", newer, "--token", token)
    assert "is yanked" in market(server, "yank", "tides", "1.0", "--reason", "It counts wrong.")
    assert "yanked already" in market(server, "yank", "tides", "1.0", "--reason", "Again.", status=1)
    assert "is deprecated" in market(server, "deprecate", "tides", "--instead", "waves")
