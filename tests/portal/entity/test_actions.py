from __future__ import annotations

import re
from pathlib import Path

from tests.catalog.nodes import component, component_yaml, entity, location, write
from tests.core.reader.servers import answer, running
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

SHOP = "/catalog/default/component/shop"
SHOP_AND_TWIN = (component_yaml("shop") + "---\n" + component_yaml("twin")).encode()


async def test_a_refresh_reads_the_file_again(open_site: OpenSite, tmp_path: Path) -> None:
    path = write(tmp_path / "catalog-info.yaml", component_yaml("shop"))
    site = await open_site(roots=[tmp_path])
    await site.give(location(path))
    path.write_text(component_yaml("shop", lifecycle="sunset"))
    done = await site.post(f"{SHOP}/refresh", {})
    assert done.headers["location"] == f"{SHOP}?done=refresh"
    await site.node.settled()
    text = await site.page(done.headers["location"])
    assert "is being read again" in text
    assert "sunset" in text


async def test_a_refresh_of_nothing_is_not_found_and_one_from_elsewhere_is_refused(site: Site) -> None:
    await site.post(f"{SHOP}/refresh", {}, 404)
    await site.give(component("shop"))
    await site.post(f"{SHOP}/refresh", {}, 403, sec_fetch_site="cross-site")
    await site.post(f"{SHOP}/unregister", {"what": "entity"}, 403, sec_fetch_site="cross-site")


async def test_what_a_message_says_is_never_what_the_address_says(site: Site) -> None:
    await site.give(component("shop"))
    assert "You are owned" not in (await site.page(f"{SHOP}?done=You+are+owned")).partition("<main")[2]


async def test_an_entity_of_a_provider_is_deleted_and_said_to_return(site: Site) -> None:
    await site.give(component("shop"))
    text = await site.page(f"{SHOP}/unregister")
    assert "it comes back when the source is read again" in text
    done = await site.post(f"{SHOP}/unregister", {"what": "entity"})
    assert done.headers["location"] == "/catalog?done=delete"
    assert "It is deleted." in await site.page(done.headers["location"])
    await site.page(SHOP, 404)


async def test_a_registered_location_goes_with_all_it_brought_in(open_site: OpenSite) -> None:
    with running() as web:
        web.routes["/catalog-info.yaml"] = answer(
            (component_yaml("shop") + "---\n" + component_yaml("twin")).encode()
        )
        site = await open_site(allow=[web.host])
        url = web.url("/catalog-info.yaml")
        await site.node.catalog.add_location("url", url)
        await site.node.settled()
        text = await site.page(f"{SHOP}/unregister")
        assert f"url:{url}" in text
        assert "/catalog/default/component/twin" in text
        found = re.search(r'name="location" value="([^"]+)"', text)
        assert found
        await site.post(f"{SHOP}/unregister", {"what": "location", "location": "another"}, 409)
        await site.post(f"{SHOP}/unregister", {"what": "nonsense"}, 400)
        done = await site.post(f"{SHOP}/unregister", {"what": "location", "location": found[1]})
    assert done.headers["location"] == "/catalog?done=unregister"
    assert await site.node.catalog.locations() == []
    assert site.node.refs == set()
    await site.page("/catalog/default/component/twin", 404)


async def test_only_the_entity_can_be_deleted_too(open_site: OpenSite) -> None:
    with running() as web:
        web.routes["/x.yaml"] = answer(SHOP_AND_TWIN)
        site = await open_site(allow=[web.host])
        await site.node.catalog.add_location("url", web.url("/x.yaml"))
        await site.node.settled()
        assert "Delete only this entity" in await site.page(f"{SHOP}/unregister")
        await site.post(f"{SHOP}/unregister", {"what": "entity"})
        await site.page(SHOP, 404)
        await site.page("/catalog/default/component/twin")


async def test_what_goes_along_is_listed(open_site: OpenSite, tmp_path: Path) -> None:
    path = write(tmp_path / "catalog-info.yaml", component_yaml("shop"), component_yaml("twin"))
    site = await open_site(roots=[tmp_path])
    await site.give(location(path))
    text = await site.page("/catalog/default/location/root/unregister")
    assert "/catalog/default/component/shop" in text
    assert "/catalog/default/component/twin" in text


async def test_a_read_only_catalog_removes_nothing(open_site: OpenSite) -> None:
    site = await open_site(readonly=True)
    await site.give(component("shop"))
    text = await site.page(f"{SHOP}/unregister")
    assert "read-only" in text
    assert 'name="what"' not in text
    await site.post(f"{SHOP}/unregister", {"what": "entity"}, 403)
    await site.page(SHOP)


async def test_removing_what_is_not_there_is_not_found(site: Site) -> None:
    await site.page(f"{SHOP}/unregister", 404)
    await site.post(f"{SHOP}/unregister", {"what": "entity"}, 404)


async def test_an_orphan_says_that_it_is_one(open_site: OpenSite, tmp_path: Path) -> None:
    first = write(tmp_path / "catalog-info.yaml", component_yaml("shop"))
    site = await open_site(roots=[tmp_path], keep_orphans=True)
    await site.give(location(first), entity("Group", "g", type="team", children=[]))
    first.write_text(component_yaml("other"))
    await site.node.refresh(first)
    assert "This entity is an orphan" in await site.page(SHOP)
    assert "so it does not come back" in await site.page(f"{SHOP}/unregister")
    await site.post(f"{SHOP}/unregister", {"what": "entity"})
    await site.page(SHOP, 404)
