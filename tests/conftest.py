"""Fixtures for every test: a database of either kind, and a free port."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases

OWN_FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    # Workers of xdist inherit the variable; only the process that began the run owns the server.
    if not hasattr(config, "workerinput") and databases.FOLDER_VARIABLE not in os.environ:
        config.stash[OWN_FOLDER] = databases.new_server_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if OWN_FOLDER in config.stash:
        databases.stop_server(config.stash[OWN_FOLDER])


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database as an async SQLAlchemy URL; each test that asks for it runs once on either kind."""
    if request.param == "sqlite":
        yield databases.sqlite_url(tmp_path)
        return
    with databases.postgresql_database() as url:
        yield url


@pytest.fixture
def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    return databases.free_port()
