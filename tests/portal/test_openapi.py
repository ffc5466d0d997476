"""The description of the whole API: it names every route, and says of each who may call it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from callboard.access.actions import Action, Call
from callboard.access.events import PATH as EVENT_PATH
from callboard.access.identity.paths import Paths, any_of
from callboard.access.openapi_operations import OPERATIONS, PUBLIC
from callboard.access.openapi_schemas import SCHEMAS, shape
from callboard.catalog.api.openapi import document
from callboard.plugins import Plugin, PluginContext
from callboard.plugins.contributions import ScheduledTask
from callboard.portal.platform.plugin import PLUGIN as PLATFORM
from callboard.portal.plugins import PLUGINS
from callboard.search.openapi import SCHEMAS as SEARCH_SCHEMAS
from tests.portal.conftest import OpenSite
from tests.portal.site import Site


async def _ran(_: PluginContext) -> None:
    return None


async def _answered(_: Call) -> dict[str, Any]:
    return {}


WORKING = Plugin(
    id="working",
    title="Working",
    description="Has a task and an action.",
    contributions=(
        ScheduledTask("look", _ran, every=3600),
        Action("look", "Look", "Looks.", {"type": "object"}, {"type": "object"}, _answered),
    ),
)


@pytest.fixture
async def site(open_site: OpenSite) -> Site:
    """A portal with one plugin that has what Callboard's own do not."""
    ours = {one.id: one for one in (*PLUGINS, PLATFORM, WORKING)}
    return await open_site(plugins=tuple(ours.values()))


async def described(site: Site) -> Any:
    return (await site.client.get("/openapi.json")).json()


def routes(site: Site) -> Iterator[tuple[str, str]]:
    """Method and path of every route of the API, as a description writes them."""
    for route in site.host.routes:
        if not route.path.startswith(("/api/", "/.backstage/")):
            continue
        path = re.sub(r":\w+}", "}", route.path)
        path = re.sub(r"^/api/[a-z-]+/\.backstage/(scheduler|actions)", r"/api/{plugin}/.backstage/\1", path)
        for method in (route.methods or set()) - {"HEAD"}:
            yield method.lower(), path


def operations(described: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


async def test_the_whole_description_names_every_route_of_the_api_and_no_other(site: Site) -> None:
    found = {(method, path) for method, path, _ in operations(await described(site))}
    assert found ^ set(routes(site)) == {("get", "/api/catalog/openapi.json")}


async def test_every_operation_has_an_id_of_its_own_and_its_parameters_of_the_path(site: Site) -> None:
    ids: list[str] = []
    for _, path, operation in operations(await described(site)):
        ids.append(operation["operationId"])
        named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path)), path
    assert len(ids) == len(set(ids))


async def test_every_schema_that_is_named_exists_and_is_used(site: Site) -> None:
    whole = await described(site)
    named = set(re.findall(r"#/components/schemas/(\w+)", str(whole)))
    assert named == set(whole["components"]["schemas"])


async def test_every_operation_says_how_it_refuses(site: Site) -> None:
    for method, path, operation in operations(await described(site)):
        if path.startswith("/.backstage/health/"):
            continue
        assert "429" in operation["responses"], f"{method} {path}"
        if path not in PUBLIC:
            assert {"401", "403"} <= operation["responses"].keys(), f"{method} {path}"
            assert "security" not in operation


def test_what_is_described_as_open_to_everyone_is_what_is() -> None:
    is_public = any_of(Paths().with_public(EVENT_PATH).public).fullmatch
    paths = {one.path for one in OPERATIONS}
    assert {path for path in paths if is_public(re.sub(r"{\w+}", "x", path))} == PUBLIC


def test_no_two_parts_name_a_schema_alike() -> None:
    ours = document()["components"]["schemas"]
    assert not (ours | SEARCH_SCHEMAS).keys() & SCHEMAS.keys()


def test_a_body_written_in_short_is_a_schema() -> None:
    assert shape("name: text; members?: [text]; kind: a|b; one: Other or null") == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "members": {"type": "array", "items": {"type": "string"}},
            "kind": {"enum": ["a", "b"]},
            "one": {"anyOf": [{"$ref": "#/components/schemas/Other"}, {"type": "null"}]},
        },
        "required": ["name", "kind", "one"],
    }
