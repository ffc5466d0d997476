from __future__ import annotations

from pathlib import Path

from tests.catalog.nodes import component, component_yaml, entity, location, write
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

JANE = entity("User", "jane", memberOf=["crew"], profile={"displayName": "Jane <Doe>"})
CREW = entity("Group", "crew", type="team", children=[])


async def test_an_empty_catalog_leads_to_the_first_import(site: Site) -> None:
    assert 'href="/catalog-import"' in await site.page("/")


async def test_what_my_teams_and_i_own_is_listed(site: Site) -> None:
    others = component("others", owner="nobody")
    await site.give(JANE, CREW, component("ours", owner="crew"), component("mine", owner="user:jane"), others)
    assert 'href="/settings"' in await site.page("/")
    await site.post("/settings", {"me": "jane"})
    text = await site.page("/")
    assert "Hello, Jane &lt;Doe&gt;" in text
    assert "/catalog/default/component/ours" in text
    assert "/catalog/default/component/mine" in text
    assert "/catalog/default/component/others" not in text


async def test_what_changed_in_what_i_own_is_told_with_its_fields(site: Site) -> None:
    await site.give(JANE, CREW, component("ours", owner="crew", lifecycle="experimental"))
    await site.give(JANE, CREW, component("ours", owner="crew", lifecycle="production"))
    await site.post("/settings", {"me": "user:default/jane"})
    text = await site.page("/")
    assert "Changed lately in what I own" in text
    assert "spec.lifecycle" in text


async def test_what_is_broken_in_what_i_own_is_told_with_its_place(
    open_site: OpenSite, tmp_path: Path
) -> None:
    people = write(
        tmp_path / "people.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: crew}\n"
        "spec: {type: team, children: []}\n",
        "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: jane}\nspec: {memberOf: [crew]}\n",
    )
    path = write(tmp_path / "catalog-info.yaml", component_yaml("ours", owner="crew"))
    site = await open_site(roots=[tmp_path])
    await site.give(location(people, path))
    path.write_text(component_yaml("ours", owner="crew").replace("type: service", "type: 7"))
    await site.node.refresh(path)
    await site.post("/settings", {"me": "jane"})
    text = await site.page("/")
    assert "Broken in what you own" in text
    assert "catalog-info.yaml:6" in text


async def test_what_was_starred_and_deleted_is_left_out(site: Site) -> None:
    await site.give(component("here"), component("gone"))
    for name in ("here", "gone"):
        await site.post("/-/star", {"ref": f"component:default/{name}", "starred": "yes"})
    await site.give(component("here"))
    text = await site.page("/")
    assert "/catalog/default/component/here" in text
    assert "/catalog/default/component/gone" not in text
