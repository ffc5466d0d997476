"""`callboard marketplace` against a real server: from the application to a release from CI."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from callboard.cli import app
from tests.marketplace.wheels import FIELDS, png, wheel
from tests.plugins.install.signing import attestation, statement
from tests.servers import COMMAND, Server, running_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Nobody signs in here, so everyone may do everything."""
    users = tmp_path / "users.yaml"
    jane = {"apiVersion": "backstage.io/v1alpha1", "kind": "User", "metadata": {"name": "jane"}}
    users.write_text(json.dumps({**jane, "spec": {"memberOf": []}}))
    with running_server([users], data=tmp_path / "data") as running:
        yield running


def market(server: Server, *words: str | Path, status: int = 0) -> str:
    """What a command prints. It runs in this process, since each of its own takes seconds to begin."""
    arguments = ["marketplace", *map(str, words), "--url", server.base_url]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == status, done.output
    return done.output


def test_the_command_itself_reaches_a_server(server: Server) -> None:
    command = [str(COMMAND), "marketplace", "review", "--url", server.base_url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "Nothing waits.\n"), done.stderr


def test_a_plugin_is_brought_to_the_shelf_by_commands(server: Server, tmp_path: Path) -> None:
    assert "acme is applied" in market(
        server, "apply", "acme", "--title", "Acme", "--domain", "tides.example.org"
    )
    assert "is no domain" in market(
        server, "apply", "other", "--title", "X", "--domain", "localhost", status=1
    )
    market(server, "apply", "ports", "--title", "Ports")
    assert re.search(r"^application ports 'Ports' by ", market(server, "review"), re.M)
    waiting = market(server, "applications")
    assert "  tides.example.org to prove with the TXT record callboard-verification=" in waiting
    assert "ports is approved" in market(server, "applications", "approve", "ports")
    rejected = market(server, "applications", "reject", "acme", "--reason", "Nobody knows you.")
    assert "acme is rejected" in rejected
    assert "Nobody waits." in market(server, "applications", "list")
    assert "Nothing waits." in market(server, "review")
    assert "ports approved community owner" in market(server, "publishers")

    listing, bad = tmp_path / "listing.yaml", tmp_path / "bad.yaml"
    listing.write_text(json.dumps(FIELDS))
    bad.write_text(json.dumps({**FIELDS, "license": "MIT"}))
    file = wheel().at(tmp_path)
    refused = market(server, "submit", "ports", bad, file, status=1)
    assert "The listing says MIT" in refused
    found = re.search(r"^([0-9a-f]{24}) changes-requested", refused, re.M)
    assert found is not None
    assert f"hand it in again with --again {found[1]}" in refused
    twice = market(server, "submit", "ports", listing, file, status=1)
    assert "There is a submission of tides already" in twice
    assert f"--again {found[1]}" in twice
    assert "in-review" in market(server, "submit", "ports", listing, file, "--again", found[1])
    assert found[1] in market(server, "review")
    looked = market(server, "review", found[1])
    assert "Entries of the navigation: Tides: /tides" in looked
    assert "It asks for nothing." in looked
    assert "approved" in market(server, "review", found[1], "approve", "--text", "Fine.")
    assert "published" in market(server, "publish", found[1])
    assert "possible" not in market(server, "status", found[1]).partition("published")[0]

    made = market(server, "tokens", "create", "ports", "ci", "--scope", "release", "--listing", "tides")
    token = made.strip()
    assert re.fullmatch(r"cbm_[0-9a-f]{24}_[A-Za-z0-9_-]{43}", token)
    newer = wheel(version="1.1").at(tmp_path)
    assert "with a token" in market(server, "publish", "tides", newer, status=1)
    assert "1.1 is released" in market(server, "publish", "tides", newer, "--token", token)
    attested = wheel(version="1.1.1")
    true, false = tmp_path / "true.json", tmp_path / "false.json"
    for path, sha256 in ((true, hashlib.sha256(attested.content).hexdigest()), (false, "b" * 64)):
        path.write_text(json.dumps(attestation(statement(sha256, attested.filename))))
    given: list[str | Path] = ["publish", "tides", attested.at(tmp_path), "--token", token, "--attestation"]
    assert "not about this file" in market(server, *given, false, status=1)
    released = market(server, *given, true)
    assert "1.1.1 is released" in released
    assert "tides 1.1.1 is attested: stated" in released
    assert "is attested: stated" in market(server, "attest", "tides", "1.1.1", true, "--token", token)
    late = attestation(statement(hashlib.sha256(newer.read_bytes()).hexdigest(), newer.name))
    true.write_text(json.dumps(late))
    assert "tides 1.1 is attested" in market(server, "attest", "tides", "1.1", true, "--token", token)
    assert "goes with" in market(server, "publish", "tides", "--attestation", true, status=1)
    listed = market(server, "tokens", "list", "ports")
    assert "'ci' release for tides" in listed
    assert "is revoked" in market(server, "tokens", "revoke", "ports", listed.split()[0])
    last = wheel(version="1.2").at(tmp_path)
    assert "no token of a publisher" in market(server, "publish", "tides", last, "--token", token, status=1)
    assert "is yanked" in market(server, "yank", "tides", "1.0", "--reason", "It counts wrong.")
    assert "yanked already" in market(server, "yank", "tides", "1.0", "--reason", "Again.", status=1)
    assert "can be chosen again" in market(server, "unyank", "tides", "1.0")
    assert "is deprecated" in market(server, "deprecate", "tides", "--reason", "No time.")
    assert "maintained again" in market(server, "revive", "tides")


def test_publishers_and_listings_are_looked_after_by_commands(server: Server, tmp_path: Path) -> None:
    for name in ("ports", "bays"):
        market(server, "apply", name, "--title", name.title())
        market(server, "applications", "approve", name)
    market(server, "edit", "ports", "--about", "We watch harbours.", "--contact", "ports@example.org")
    assert "jane is viewer" in market(server, "members", "set", "ports", "user:default/jane", "viewer")
    assert "user:default/jane viewer" in market(server, "members", "list", "ports")
    assert "is no member" in market(server, "members", "remove", "ports", "user:default/jane")
    assert "jane" not in market(server, "members", "list", "ports")
    added = market(server, "domains", "add", "ports", "ports.example.org")
    assert "ports.example.org to prove with" in added
    assert added == market(server, "domains", "list", "ports")
    assert "names ports.example.org no more" in market(
        server, "domains", "remove", "ports", "ports.example.org"
    )

    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "usage.md").write_text("Look at **it**.")
    (tmp_path / "icon.png").write_bytes(png())
    for at in (1, 2):
        (tmp_path / f"{at}.png").write_bytes(png(300 + at, 200))
    listing = tmp_path / "listing.yaml"
    described = {
        **FIELDS,
        "icon": "icon.png",
        "screenshots": [{"file": "1.png", "alt": "Card", "caption": "Today"}, "2.png"],
        "documentation": [{"title": "Usage", "file": "docs/usage.md"}],
    }
    listing.write_text(json.dumps(described))
    file = wheel().at(tmp_path)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(json.dumps({**described, "screenshots": [{"file": "3.png"}]}))
    assert "3.png cannot be read" in market(server, "submit", "ports", wrong, file, status=1)
    wrong.write_text(json.dumps({**described, "summary": "x"}))
    assert "summary must have at least 10 characters; it has 1" in market(
        server, "submit", "ports", wrong, file, status=1
    )
    id = market(server, "submit", "ports", listing, file, "--draft").split()[0]
    api = f"{server.base_url}/api/marketplace/submissions/{id}"
    sent = httpx.get(api).json()
    assert [(one["alt"], one["caption"]) for one in sent["pictures"]["screenshots"]] == [
        ("Card", "Today"), ("", ""),
    ]  # fmt: skip
    assert sent["pictures"]["icon"]
    assert sent["listing"]["documentation"][0]["markdown"] == "Look at **it**."
    described["screenshots"] = [{"file": "2.png", "alt": "Tab"}]
    listing.write_text(json.dumps(described))
    market(server, "submit", "ports", listing, file, "--again", id)
    shots = httpx.get(api).json()["pictures"]["screenshots"]
    assert [one["alt"] for one in shots] == ["Tab"]
    market(server, "review", id, "approve")
    market(server, "publish", id)

    assert "is offered to bays" in market(server, "transfer", "tides", "bays")
    assert "offered to nobody any more" in market(server, "transfer", "tides")
    market(server, "transfer", "tides", "bays")
    assert "is declined" in market(server, "decline", "tides")
    market(server, "transfer", "tides", "bays")
    assert "belongs to bays" in market(server, "accept", "tides")
    reported = market(server, "report", "tides", "malware", "--text", "It mines coins.")
    assert "It mines coins." in market(server, "reports")
    assert "is taken down" in market(server, "take-down", "tides", "--reason", "Coins.")
    assert "on the shelf again" in market(server, "restore", "tides")
    decided = market(server, "reports", "decide", reported.split()[0], "--decision", "It was seen to.")
    assert "is acted-on" in decided
    assert "There are none." in market(server, "reports")
    assert "decided by" in market(server, "reports", "list", "--state", "all")
    assert "bays is suspended" in market(server, "suspend", "bays", "--reason", "Coins.")
    assert "bays is approved" in market(server, "resume", "bays")
