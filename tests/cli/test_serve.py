"""`callboard serve` as its users run it."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.servers import COMMAND, running_server

SHIP = """
apiVersion: harbour.example.org/v1
kind: Ship
metadata: {name: heron}
spec: {owner: crew, home: navigation}
"""
CONFIG = """
app: {title: Harbour}
techdocs: {builder: local}
catalog:
  readonly: true
  rules: [{allow: [Ship, Location, Domain]}]
  locations: [{type: file, target: ./ships.yaml}]
  kinds:
    - kind: Ship
      plural: ships
      apiVersions: [harbour.example.org/v1]
      schema: {type: object, required: [owner], properties: {owner: {type: string}, home: {type: string}}}
      relations:
        - {path: spec.owner, relation: ownedBy, inverse: ownerOf, defaultKind: Group}
        - {path: spec.home, relation: partOf, inverse: hasPart, defaultKind: Domain}
"""


def get(base_url: str, path: str) -> Any:
    with urllib.request.urlopen(base_url + path, timeout=10) as answer:
        return json.load(answer)


def test_without_a_source_the_example_organisation_is_served(tmp_path: Path) -> None:
    with running_server(["--no-watch"], data=tmp_path / "data") as server:
        found = get(server.base_url, "/api/catalog/entities/by-query?limit=0")
        problems = get(server.base_url, "/api/catalog/problems")
    assert found["totalItems"] > 60
    assert problems["items"] == []


def test_a_kind_of_ones_own_needs_no_code(tmp_path: Path) -> None:
    (tmp_path / "ships.yaml").write_text(SHIP)
    (tmp_path / "app-config.yaml").write_text(CONFIG)
    with running_server(["--config", tmp_path / "app-config.yaml"], data=tmp_path / "data") as server:
        ship = get(server.base_url, "/api/catalog/entities/by-name/ship/default/heron")
        log = server.log_text()
    assert ship["relations"] == [
        {"type": "ownedBy", "targetRef": "group:default/crew"},
        {"type": "partOf", "targetRef": "domain:default/navigation"},
    ]
    assert log.count("ignored keys that nothing here reads: techdocs") == 1


def test_an_edited_file_shows_within_a_second_or_so_and_a_new_one_too(tmp_path: Path) -> None:
    folder = tmp_path / "catalog"
    folder.mkdir()
    file = folder / "catalog-info.yaml"
    domain = (
        "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: %s, title: %s}\nspec: {owner: x}\n"
    )
    file.write_text(domain % ("sea", "Before"))
    with running_server([folder], data=tmp_path / "data") as server:
        time.sleep(0.5)  # the watching begins when the first ingestion is done
        file.write_text(domain % ("sea", "After"))
        (folder / "more.yaml").write_text(domain % ("land", "New"))
        expected = {"sea": "After", "land": "New"}
        found: dict[str, str] = {}
        deadline = time.monotonic() + 8
        while found != expected and time.monotonic() < deadline:
            items = get(server.base_url, "/api/catalog/entities?filter=kind=domain")
            found = {item["metadata"]["name"]: item["metadata"]["title"] for item in items}
            time.sleep(0.05)
    assert found == expected


def test_a_source_that_does_not_exist_is_an_error_and_not_an_empty_catalog(tmp_path: Path) -> None:
    done = subprocess.run(
        [COMMAND, "serve", tmp_path / "absent", "--data", tmp_path / "data"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert "absent: does not exist" in done.stderr
    assert "Traceback" not in done.stderr
