"""`callboard doctor`, `schema` and `--version`."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callboard import __version__
from callboard.cli import app


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_the_version_is_printed() -> None:
    assert run("--version") == (0, f"callboard {__version__}\n")


def test_the_schema_of_one_kind_and_of_all() -> None:
    status, output = run("schema", "component")
    assert (status, json.loads(output)["title"]) == (0, "Component")
    status, output = run("schema")
    assert status == 0
    assert "$schema" in json.loads(output)


def test_an_unknown_kind_is_answered_with_the_known_ones() -> None:
    status, output = run("schema", "Gizmo")
    assert status == 2
    assert "Component" in output


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A configuration with one readable location, and a data folder with a database only its owner reads."""
    (tmp_path / "catalog-info.yaml").write_text("a: 1\n")
    (tmp_path / "app-config.yaml").write_text(
        "catalog: {locations: [{type: file, target: ./catalog-info.yaml}]}\n"
    )
    data = tmp_path / "data"
    data.mkdir()
    connection = sqlite3.connect(data / "callboard.db")
    connection.execute("create table x (y)")
    connection.commit()
    connection.close()
    (data / "callboard.db").chmod(0o600)
    return tmp_path


def doctor(place: Path) -> tuple[int, str]:
    return run("doctor", "--config", str(place / "app-config.yaml"), "--data", str(place / "data"))


def test_a_healthy_place_gets_a_clean_bill(place: Path) -> None:
    status, output = doctor(place)
    assert status == 0, output
    assert "0 failures, 0 with advice" in output
    assert "catalog.locations[0]" in output


def test_a_database_that_others_can_read_gets_advice(place: Path) -> None:
    (place / "data" / "callboard.db").chmod(0o644)
    status, output = doctor(place)
    assert status == 0
    assert "chmod go-rwx" in output


def test_a_damaged_database_is_a_failure(place: Path) -> None:
    file = place / "data" / "callboard.db"
    file.write_bytes(file.read_bytes()[:100] + b"x" * 5000)
    status, output = doctor(place)
    assert status == 1
    assert "callboard.db" in output


def test_a_missing_location_and_a_refused_url_are_failures(place: Path) -> None:
    (place / "app-config.yaml").write_text(
        "catalog: {locations: [{type: file, target: ./gone.yaml}, {type: url, target: 'http://127.0.0.1/x'}]}\n"
    )
    status, output = doctor(place)
    assert status == 1
    assert "gone.yaml does not exist" in output
    assert "2 failures" in output


def test_a_broken_configuration_is_told_with_its_line(place: Path) -> None:
    (place / "app-config.yaml").write_text("catalog:\n  locations: [\n")
    status, output = doctor(place)
    assert status == 1
    assert "app-config.yaml:" in output


def test_every_mistake_about_sign_in_and_permissions_is_told_with_its_line(place: Path) -> None:
    (place / "app-config.yaml").write_text(
        "auth:\n  environment: production\n  providers:\n    guest: {}\n    oidc: {clientId: portal}\n"
        "permission:\n  enabled: perhaps\n  roles: {admins: ['*']}\n"
    )
    status, output = doctor(place)
    assert status == 1
    for told in (
        "app-config.yaml:4:5: auth.providers.guest: the guest signs in without any proof",
        "app-config.yaml:5:5: auth.providers.oidc.metadataUrl",
        "app-config.yaml:7:3: permission.enabled: must be true or false",
        "app-config.yaml:8:20: permission.roles.admins[0]",
    ):
        assert told in output, output


def test_who_is_let_in_is_told(place: Path) -> None:
    (place / "app-config.yaml").write_text("auth: {providers: {guest: {}}}\npermission: {enabled: true}\n")
    status, output = doctor(place)
    assert status == 0
    assert "people sign in by guest; permissions are on, by the policy roles" in output


def test_an_unreachable_database_is_a_failure(place: Path) -> None:
    (place / "app-config.yaml").write_text(
        "backend: {database: {client: pg, connection: {host: 127.0.0.1, port: '9', user: x}}}\n"
    )
    status, output = doctor(place)
    assert status == 1
    assert "PostgreSQL cannot be reached" in output


def test_a_data_folder_that_does_not_exist_yet_is_fine(place: Path) -> None:
    status, output = run("doctor", "--data", str(place / "new" / "deeper"))
    assert status == 0, output
    assert "will be created" in output


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            "public: true",
            "app-config.yaml:2:3: marketplace.public: must be a mapping, such as {enabled: true}",
        ),
        (
            "public: {enable: true}",
            "marketplace.public.enable: is not a field here; there are content, enabled",
        ),
        ("public: {enabled: perhaps}", "marketplace.public.enabled: must be true or false"),
        ("maxWheelSize: 0", "marketplace.maxWheelSize: must be 1 to"),
        ("wheels: [{target: ''}]", "marketplace.wheels[0].target: must be a folder"),
    ],
)
def test_a_mistake_about_the_marketplace_is_told_with_its_line(place: Path, written: str, told: str) -> None:
    (place / "app-config.yaml").write_text(f"marketplace:\n  {written}\n")
    status, output = doctor(place)
    assert status == 1
    assert told in output, output


def test_who_sees_the_marketplace_is_told(place: Path) -> None:
    assert "only who enters the portal sees it; mail goes to log" in doctor(place)[1]
    (place / "app-config.yaml").write_text("marketplace: {public: {enabled: true}}\n")
    status, output = doctor(place)
    assert status == 0
    assert "everyone sees it" in output
