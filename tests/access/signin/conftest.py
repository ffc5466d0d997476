"""Fixtures of the sign-in tests: one process of identity providers, and doors of a portal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.access.signin.door import Door, opened
from tests.access.signin.idp import identity_providers

OpenDoor = Callable[..., Awaitable[Door]]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # One worker runs all tests here, so that the providers are started once.
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("signin"))


@pytest.fixture(scope="session")
def idp() -> Iterator[Mapping[str, str]]:
    with identity_providers() as found:
        yield found


@pytest.fixture
async def open_door(database_url: str) -> AsyncIterator[OpenDoor]:
    """Opens a portal's door with these `auth.providers`; options as for `door.opened`."""
    async with AsyncExitStack() as stack:

        async def one(providers: Mapping[str, Any], **options: Any) -> Door:
            return await stack.enter_async_context(opened(database_url, providers, **options))

        yield one


@pytest.fixture
def oidc(idp: Mapping[str, str]) -> dict[str, Any]:
    """The configuration of the provider `oidc`."""
    return {
        "metadataUrl": f"{idp['oidc']}/.well-known/openid-configuration",
        "clientId": "portal",
        "clientSecret": "portal-secret-of-the-tests",
        "signIn": {"resolvers": [{"resolver": "emailMatchingUserEntityProfileEmail"}]},
    }


@pytest.fixture
async def door(open_door: OpenDoor, oidc: dict[str, Any]) -> Door:
    return await open_door({"oidc": {"development": oidc}})
