from __future__ import annotations

from tests.portal.site import Site


async def test_the_whole_description_names_every_route_of_the_api(site: Site) -> None:
    described = (await site.client.get("/openapi.json")).json()
    paths = {route.path for route in site.host.routes if route.path.startswith(("/api/", "/.backstage/"))}
    undescribed = {path for path in paths if path.replace(":anything", "") not in described["paths"]}
    assert undescribed == {"/api/catalog/openapi.json"}
