"""One portal for all attacks on one database: they must not be able to get into each other's way either."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from callboard.core import http_body
from callboard.testing.web import running
from tests import databases
from tests.access.attacks.siege import Siege, besieged
from tests.access.signin.idp import identity_providers

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # One worker runs all attacks on one database, so that the portal is started once for each.
    for item in items:
        if HERE in item.path.parents:
            database = "postgresql" if "postgresql" in item.name else "sqlite"
            item.add_marker(pytest.mark.xdist_group(f"attacks-{database}"))


@pytest.fixture(scope="package")
def providers() -> Iterator[Mapping[str, str]]:
    with identity_providers() as found:
        yield found


@pytest_asyncio.fixture(scope="package", loop_scope="package", params=["sqlite", "postgresql"])
async def siege(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, providers: Mapping[str, str]
) -> AsyncIterator[Siege]:
    folder = tmp_path_factory.mktemp("siege")
    with ExitStack() as stack:
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        patched.setattr(http_body, "GRACE", 0.5)
        outside = stack.enter_context(running())
        postgresql = request.param == "postgresql"
        url = (
            stack.enter_context(databases.postgresql_database())
            if postgresql
            else databases.sqlite_url(folder)
        )
        async with besieged(url, folder, providers, outside) as found:
            yield found
