"""The catalog takes Backstage's keys, and names the field that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from callboard.catalog.providers import Target
from callboard.catalog.settings import Settings, read_settings
from callboard.core.config import load_config
from callboard.core.errors import ConfigError
from callboard.model.refs import LocationRef

ORIGIN = LocationRef("url", "https://example.org/catalog-info.yaml")


def settings(folder: Path, text: str) -> Settings:
    (folder / "app-config.yaml").write_text(text)
    return read_settings(load_config([folder / "app-config.yaml"], {}), folder)


def test_without_a_database_the_file_lies_in_the_data_folder(tmp_path: Path) -> None:
    assert settings(tmp_path, "{}").database_url == f"sqlite+aiosqlite:///{tmp_path}/callboard.sqlite"


def test_a_postgresql_connection_may_be_a_url_or_a_mapping(tmp_path: Path) -> None:
    url = settings(
        tmp_path, "backend: {database: {client: pg, connection: 'postgres://a:b@db.example.org:6543/portal'}}"
    )
    assert url.database_url == "postgresql+asyncpg://a:b@db.example.org:6543/portal"
    mapping = settings(
        tmp_path,
        "backend: {database: {client: pg, connection: {host: db.example.org, user: u, password: 'p@/', "
        "database: d}}}",
    )
    assert mapping.database_url == "postgresql+asyncpg://u:p%40%2F@db.example.org:5432/d"


def test_file_locations_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    found = settings(tmp_path, "catalog: {locations: [{type: file, target: ./sub/../all.yaml}]}")
    assert found.targets == [Target("file", str(tmp_path / "all.yaml"))]
    assert found.roots == [str(tmp_path)]


def test_a_location_has_rules_of_its_own_beside_the_general_ones(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        f"catalog: {{locations: [{{type: url, target: '{ORIGIN.target}', rules: [{{allow: [Template]}}]}}]}}",
    )
    elsewhere = LocationRef("url", "https://example.org/other.yaml")
    assert found.rules.allows({"kind": "Template"}, ORIGIN)
    assert not found.rules.allows({"kind": "Template"}, elsewhere)
    assert found.rules.allows({"kind": "Component"}, elsewhere)
    assert not found.rules.allows({"kind": "User"}, elsewhere)


def test_false_ends_the_refreshing(tmp_path: Path) -> None:
    assert settings(tmp_path, "catalog: {processingInterval: false}").interval is None
    assert settings(tmp_path, "catalog: {processingInterval: {minutes: 3}}").interval == 180


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("catalog: {locations: [{type: file}]}", "catalog.locations[0]"),
        ("catalog: {rules: [{deny: [User]}]}", "catalog.rules[0]"),
        ("catalog: {rules: [{allow: [1]}]}", "catalog.rules[0].allow[0]"),
        ("catalog: {deletionGuard: {share: 2}}", "catalog.deletionGuard.share"),
        ("catalog: {kinds: [{plural: ships}]}", "catalog.kinds[0]"),
        ("catalog: {kinds: [./absent.yaml]}", "catalog.kinds[0]"),
        ("backend: {database: {client: mysql}}", "backend.database.client"),
        ("backend: {database: {client: pg, connection: 'http://x'}}", "backend.database.connection"),
    ],
)
def test_a_wrong_value_is_named_by_its_field(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(ConfigError) as raised:
        settings(tmp_path, text)
    assert field in [problem.field for problem in raised.value.problems]
