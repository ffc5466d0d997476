"""The operations pages over a real catalog, on either database."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from callboard.catalog.ingest.guard import Guard
from callboard.core.slow import SLOW
from callboard.portal.operations.pages import TABS
from tests.catalog.nodes import Node, component, component_yaml, entity, location, write
from tests.portal.conftest import OpenSite
from tests.portal.site import Site


def text_of(html: str) -> str:
    """What a person reads, without the markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.partition("<main")[2])).split())


async def held_back(node: Node) -> list[str]:
    """A source that gave twelve components and now gives two."""
    await node.give(*(component(f"crane-{number}") for number in range(12)))
    await node.give(component("crane-0"), component("crane-1"))
    (row,) = [one for one in await node.catalog.problems() if one["type"] == "heldBack"]
    refs: list[str] = row["entityRefs"]
    return refs


async def decision(site: Site, **fields: str) -> dict[str, str]:
    """The fields that the form on the page holds, with others changed."""
    page = await site.page("/admin/held-back")
    found = re.search(r'name="at" value="([^"]+)"', page)
    assert found
    return {"provider": "test", "at": found[1], **fields}


@pytest.fixture
async def orphaned(open_site: OpenSite, tmp_path: Path) -> Site:
    """A catalog with the orphans one, two and three."""
    site = await open_site(keep_orphans=True)
    names = ("one", "two", "three")
    file = write(tmp_path / "all.yaml", *map(component_yaml, (*names, "stays")))
    await site.node.give(location(file), provider="files")
    write(file, component_yaml("stays"))
    await site.node.refresh(file)
    await site.node.runtime.connection("files").refresh([f"file:{file}"])
    await site.node.settled()
    assert site.node.names("component") == {*names, "stays"}
    return site


async def test_every_tab_has_its_own_address_and_is_marked_there(site: Site) -> None:
    for path, title in TABS:
        page = await site.page(path)
        assert f'href="{path}" aria-current="page">{title}<' in page


async def test_an_empty_catalog_says_that_all_is_well(site: Site) -> None:
    assert "Nothing. Every source was read" in text_of(await site.page("/admin"))
    assert "No problem at all" in text_of(await site.page("/admin/problems"))
    assert "No orphans" in text_of(await site.page("/admin/orphans"))
    assert "No deletion is held back" in text_of(await site.page("/admin/held-back"))
    assert "No location is read" in text_of(await site.page("/admin/sources"))


async def test_the_overview_counts_and_names_what_needs_attention(site: Site) -> None:
    broken = {**component("broken"), "spec": {"type": "service"}}
    await site.give(component("crane"), broken)
    await held_back(site.node)
    page = text_of(await site.page("/admin"))
    assert "1 mass deletion is held back" in page
    assert "entity has errors" not in page  # `give` replaced the broken one
    await site.give(broken, *(component(f"crane-{number}") for number in range(12)))
    assert "1 entity has errors" in text_of(await site.page("/admin"))


async def test_the_numbers_are_a_fragment_without_anything_to_focus(site: Site) -> None:
    await site.give(component("crane"))
    fragment = await site.page("/admin", hx_request="true")
    assert "<html" not in fragment
    assert "<a " not in fragment
    assert "<button" not in fragment
    assert "entities known" in fragment


async def test_sources_show_their_last_run_and_how_it_failed(site: Site) -> None:
    await site.give(component("crane"), component("hoist"))
    await site.node.runtime.connection("test").failed("the host said 503")
    page = text_of(await site.page("/admin/sources"))
    assert "the host said 503" in page
    runs = text_of(await site.page("/admin/sources/runs?provider=test"))
    assert "+ 2 added" in runs
    assert "the host said 503" in runs
    assert "1 source failed" in text_of(await site.page("/admin"))


async def test_the_runs_of_an_unknown_source_are_not_found(site: Site) -> None:
    assert "There is no source called" in await site.page("/admin/sources/runs?provider=<b>", 404)


async def test_a_location_shows_how_many_it_brought_in_and_is_read_again(site: Site, tmp_path: Path) -> None:
    file = write(tmp_path / "all.yaml", component_yaml("one"), component_yaml("two"))
    await site.give(location(file))
    page = await site.page("/admin/sources")
    assert re.search(r'data-label="Brought in">2<', page)
    write(file, component_yaml("one"), component_yaml("new"))
    answer = await site.post("/admin/sources/read", {"ref": "location:default/root"})
    assert answer.headers["location"] == "/admin/sources?done=read"
    await site.node.settled()
    assert "new" in site.node.names("component")


async def test_all_locations_are_read_again_also_those_that_never_could_be(
    site: Site, tmp_path: Path
) -> None:
    file = tmp_path / "late.yaml"
    await site.give(location(file))
    assert "location cannot be read in full" in text_of(await site.page("/admin"))
    write(file, component_yaml("late"))
    await site.post("/admin/sources/read", {})
    await site.node.settled()
    assert site.node.names("component") == {"late"}


async def test_reading_again_what_is_not_there_is_not_found(site: Site) -> None:
    await site.post("/admin/sources/read", {"ref": "location:default/none"}, 404)


async def test_the_queue_lists_what_nobody_sees_yet_with_the_reason(site: Site) -> None:
    await site.give({**component("broken"), "spec": {"type": "service"}})
    page = text_of(await site.page("/admin/queue"))
    assert "component:broken" in page
    assert "is required" in page


async def test_problems_are_filtered_and_name_file_line_and_column(site: Site, tmp_path: Path) -> None:
    file = write(tmp_path / "all.yaml", component_yaml("good"), "kind: [\n")
    await site.give(location(file))
    page = await site.page("/admin/problems?type=error&q=all.yaml")
    assert re.search(rf"{re.escape(str(file))}:\d+:\d+", page)
    assert "No problem matches" in await site.page("/admin/problems?q=nothing-like-it")
    assert "No problem matches" in await site.page("/admin/problems?type=conflict")
    await site.page("/admin/problems?type=other", 400)


async def test_a_conflict_is_listed_with_both_owners(site: Site) -> None:
    await site.node.change(component("crane"), key="one:key")
    await site.node.change(component("crane"), provider="second", key="two:key")
    page = text_of(await site.page("/admin/problems?type=conflict"))
    assert "one:key" in page
    assert "two:key" in page


async def test_what_descriptors_say_stays_text(site: Site) -> None:
    await site.give(entity("Component", "<script>alert(1)</script>"))
    page = await site.page("/admin/problems")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


async def test_a_held_back_deletion_shows_what_is_missing_and_is_confirmed(site: Site) -> None:
    missing = await held_back(site.node)
    assert len(missing) == 10
    page = await site.page("/admin/held-back")
    assert all(ref.rpartition("/")[2] in page for ref in missing)
    form = await decision(site, decision="confirm", sure="yes")
    answer = await site.post("/admin/held-back", form)
    assert answer.headers["location"] == "/admin/held-back?done=deleted&n=10"
    assert site.node.names("component") == {"crane-0", "crane-1"}
    after = text_of(await site.page(answer.headers["location"]))
    assert "The entities were deleted. (10)" in after
    assert "No deletion is held back" in after


async def test_a_held_back_deletion_is_rejected_and_can_be_carried_out_later(site: Site) -> None:
    await held_back(site.node)
    await site.post("/admin/held-back", await decision(site, decision="reject"))
    assert len(site.node.names("component")) == 12
    page = await site.page("/admin/held-back")
    assert "kept by decision" in page
    assert "Keep the entities" not in page
    assert "mass deletion" not in text_of(await site.page("/admin"))
    await site.post("/admin/held-back", await decision(site, decision="confirm", sure="yes"))
    assert len(site.node.names("component")) == 2


async def test_a_deletion_needs_to_be_sure_and_about_the_list_that_was_seen(site: Site) -> None:
    await held_back(site.node)
    seen = await decision(site, decision="confirm")
    await site.post("/admin/held-back", seen, 400)
    await site.post("/admin/held-back", {**seen, "decision": "maybe"}, 400)
    await site.node.give(component("crane-0"))  # the list is another one now
    await site.post("/admin/held-back", {**seen, "sure": "yes"}, 409)
    await site.post("/admin/held-back", {**seen, "provider": "other", "sure": "yes"}, 404)
    assert len(site.node.names("component")) == 12


async def test_a_form_of_another_site_decides_nothing(site: Site) -> None:
    await held_back(site.node)
    form = await decision(site, decision="confirm", sure="yes")
    await site.post("/admin/held-back", form, 403, sec_fetch_site="cross-site")
    assert len(site.node.names("component")) == 12


async def test_chosen_orphans_are_deleted_and_nothing_else(orphaned: Site) -> None:
    assert "3 orphans" in text_of(await orphaned.page("/admin"))
    refs = ["component:default/one", "component:default/two", "component:default/stays"]
    answer = await orphaned.post("/admin/orphans", {"ref": refs})
    assert answer.headers["location"] == "/admin/orphans?done=deleted&n=2"
    assert orphaned.node.names("component") == {"three", "stays"}


async def test_all_orphans_are_deleted_when_one_is_sure(orphaned: Site) -> None:
    await orphaned.post("/admin/orphans", {"all": "yes"}, 400)
    await orphaned.post("/admin/orphans", {}, 400)
    await orphaned.post("/admin/orphans", {"all": "yes", "sure": "yes"})
    assert orphaned.node.names("component") == {"stays"}
    assert "No orphans" in await orphaned.page("/admin/orphans")


async def test_a_long_list_has_pages(open_site: OpenSite) -> None:
    site = await open_site(guard=Guard(minimum=1000))
    await site.give(*({**component(f"c{number:03}"), "spec": {"type": "x"}} for number in range(30)))
    first = await site.page("/admin/problems")
    assert 'rel="next" href="/admin/problems?page=2"' in first
    last = await site.page("/admin/problems?page=2&q=required")
    assert 'rel="prev" href="/admin/problems?q=required&amp;page=1"' in last


async def test_the_index_shows_memory_and_what_was_slow(site: Site) -> None:
    SLOW.clear()
    await site.give(component("crane"))
    SLOW.note("request", "GET /<slow>", 2.5)
    SLOW.statement("SELECT 1", 0.4)
    page = await site.page("/admin/index")
    assert "GET /&lt;slow&gt;" in page
    assert "SELECT 1" in page
    assert "documents of the search" in page
    SLOW.clear()


async def test_everything_is_processed_again_on_demand(site: Site) -> None:
    await site.give(component("crane"))
    await site.post("/admin/index", {}, 400)
    answer = await site.post("/admin/index", {"sure": "yes"})
    assert answer.headers["location"] == "/admin/index?done=rebuilt"
    await site.node.settled()
    assert site.node.names("component") == {"crane"}
