from __future__ import annotations

import re
from typing import Any

from tests.catalog.nodes import component, entity
from tests.portal.site import Site

HOSTILE = '"><script>alert(1)</script>'


def group(name: str, parent: str | None = None, **spec: Any) -> dict[str, Any]:
    above = {} if parent is None else {"parent": parent}
    return entity("Group", name, **{"type": "team", "children": [], **above, **spec})


def user(name: str, *groups: str, **profile: Any) -> dict[str, Any]:
    return entity("User", name, memberOf=list(groups), profile=profile)


COMPANY = (
    group("company", type="organisation"),
    group("sea", "company", type="department"),
    group("stokers", "sea"),
    user("ada", "stokers", displayName="Ada Birch", email="ada@example.com"),
    user("ben", "sea", "stokers", displayName="Ben Cole"),
    user("cleo", displayName="Cleo Dahl"),
    component("boiler", owner="stokers"),
    component("map", owner="sea"),
    component("lamp", owner="user:ada"),
)


def rows(text: str) -> dict[str, str]:
    """What the tree tells of each group, by name, as words."""
    found = {}
    for row in re.findall(r'<div class="tree-row">(.*?)</div>', text, re.DOTALL):
        words = " ".join(re.sub(r"<[^>]+>", " ", row).split())
        found[words.split()[0]] = words
    return found


async def test_an_empty_catalog_says_what_the_page_would_show(site: Site) -> None:
    text = await site.page("/organisation")
    assert "There is nobody here yet" in text
    assert "/catalog-import" in text


async def test_the_tree_counts_people_and_entities_once_with_child_groups(site: Site) -> None:
    await site.give(*COMPANY)
    found = rows(await site.page("/organisation"))
    assert list(found) == ["company", "sea", "stokers"]
    assert "2 people" in found["company"]
    assert "0 direct" in found["company"]
    assert "owns 2" in found["company"]
    assert "1 direct" in found["sea"]
    assert "2 people" in found["stokers"]
    assert "owns 1" in found["stokers"]


async def test_groups_that_stand_in_a_circle_are_shown_once_around(site: Site) -> None:
    await site.give(group("one", "three"), group("two", "one"), group("three", "two"), group("self", "self"))
    text = await site.page("/organisation")
    assert text.count("circle: stands above already") == 2
    assert set(rows(text)) == {"one", "two", "three", "self"}
    await site.page("/organisation?root=one")
    await site.page("/catalog/default/group/self/members?with=all")


async def test_a_parent_that_is_not_in_the_catalog_leaves_its_child_at_the_top(site: Site) -> None:
    await site.give(group("alone", "gone"), group("top"), group("below", "top"))
    text = await site.page("/organisation?show=parentless")
    assert "parent not in the catalog: gone" in text
    assert set(rows(text)) == {"alone", "top"}
    assert set(rows(await site.page("/organisation"))) == {"alone", "top", "below"}


async def test_users_in_no_group_are_listed(site: Site) -> None:
    await site.give(*COMPANY, user("dora", "no-such-group"))
    text = await site.page("/organisation?show=loose")
    assert "No group (2)" in text
    assert "Cleo Dahl" in text
    assert "dora" in text
    assert "Ada Birch" not in text


async def test_the_filter_keeps_what_matches_and_what_stands_above(site: Site) -> None:
    await site.give(*COMPANY, group("land", "company"))
    text = await site.page("/organisation?filter=%20STOK%20")
    assert list(rows(text)) == ["company", "sea", "stok"]
    assert "<mark>stok</mark>ers" in text
    assert "land" not in rows(text)
    assert "1 group matches" in text
    part = await site.page("/organisation?filter=stok", hx_request="true")
    assert "<html" not in part
    assert "stok" in rows(part)


async def test_wildcards_of_the_index_are_letters_in_the_filter(site: Site) -> None:
    await site.give(*COMPANY, group("a_b", "company"))
    for text in ("%25", "_x", "%5C"):
        assert "No group is called so" in await site.page(f"/organisation?filter={text}")
    assert "<mark>_</mark>" in await site.page("/organisation?filter=_")


async def test_a_root_shows_its_branch_with_the_way_to_it(site: Site) -> None:
    await site.give(*COMPANY)
    text = await site.page("/organisation?root=GROUP:default/Sea")
    assert list(rows(text)) == ["sea", "stokers"]
    assert "/organisation?root=group%3Adefault%2Fcompany" in text
    await site.page("/organisation?root=nobody", status=404)
    await site.page("/organisation?root=user:default/ada", status=404)
    await site.page("/organisation?root=%3A%2F%2F", status=404)
    await site.page("/organisation/branch?root=nobody", status=404)
    await site.page("/organisation?show=nonsense&offset=-1")
    assert "There is nothing more" in await site.page("/organisation?offset=500")


async def test_many_groups_are_shown_a_page_at_a_time(site: Site) -> None:
    children = [group(f"g{number:03}", "company") for number in range(120)]
    await site.give(*COMPANY, *children)
    text = await site.page("/organisation")
    assert "g000" in rows(text)
    assert "g119" not in rows(text)
    first = await site.page("/organisation?root=company")
    assert "1–50 of 121" in first
    second = await site.page("/organisation?root=company&offset=50")
    assert "g050" in rows(second)
    branch = await site.page("/organisation/branch?root=company")
    assert "and 71 more" in re.sub(r"<[^>]+>", "", branch)


async def test_members_are_direct_or_with_child_groups(site: Site) -> None:
    await site.give(*COMPANY)
    direct = await site.page("/catalog/default/group/sea/members")
    assert "Ben Cole" in direct
    assert "Ada Birch" not in direct
    everybody = await site.page("/catalog/default/group/sea/members?with=all")
    assert "Ada Birch" in everybody
    assert 'href="mailto:ada@example.com"' in everybody
    assert everybody.index("Ada Birch") < everybody.index("Ben Cole")


async def test_a_group_that_names_its_members_has_them(site: Site) -> None:
    await site.give(group("sea", members=["ada"]), user("ada", displayName="Ada Birch"))
    assert "Ada Birch" in await site.page("/catalog/default/group/sea/members")
    assert "No group (0)" in await site.page("/organisation")


async def test_members_without_a_display_name_come_last_and_none_is_lost(site: Site) -> None:
    named = [user(f"n{number}", "company", displayName=f"N {number:02}") for number in range(30)]
    nameless = [user(f"x{number:02}", "company") for number in range(30)]
    await site.give(group("company"), *named, *nameless)
    path = "/catalog/default/group/company/members"
    pages = [await site.page(path), await site.page(f"{path}?offset=50")]
    found = [name for page in pages for name in re.findall(r'/catalog/default/user/(\w+)"', page)]
    assert found == [f"n{n}" for n in range(30)] + [f"x{n:02}" for n in range(30)]


async def test_ownership_of_a_group_counts_by_kind_and_leads_to_the_catalog(site: Site) -> None:
    await site.give(*COMPANY)
    own = await site.page("/catalog/default/group/sea/ownership")
    assert "/catalog/default/component/map" in own
    assert "/catalog/default/component/boiler" not in own
    everything = await site.page("/catalog/default/group/sea/ownership?with=all")
    assert "/catalog/default/component/boiler" in everything
    address = re.search(r'href="(/catalog\?filters%5Bkind%5D=component[^"]*)"', everything)
    assert address is not None
    listed = await site.page(address[1].replace("&amp;", "&"))
    assert "/catalog/default/component/boiler" in listed
    assert "/catalog/default/component/map" in listed
    assert "/catalog/default/component/lamp" not in listed


async def test_ownership_of_a_user_is_own_or_with_the_users_groups(site: Site) -> None:
    await site.give(*COMPANY)
    own = await site.page("/catalog/default/user/ada/ownership")
    assert "/catalog/default/component/lamp" in own
    assert "/catalog/default/component/boiler" not in own
    through = await site.page("/catalog/default/user/ada/ownership?with=all")
    assert "/catalog/default/component/boiler" in through
    assert "/catalog/default/component/map" not in through
    assert "Nothing is owned here" in await site.page("/catalog/default/user/cleo/ownership")


async def test_a_long_list_of_what_is_owned_leads_to_the_catalog(site: Site) -> None:
    await site.give(group("sea"), *(component(f"c{number}", owner="sea") for number in range(60)))
    text = await site.page("/catalog/default/group/sea/ownership")
    assert text.count('<th scope="row">') == 50
    assert "filters%5Bkind%5D=all" in text


async def test_cards_tell_the_profile_the_teams_and_the_child_teams(site: Site) -> None:
    await site.give(*COMPANY)
    ada = await site.page("/catalog/default/user/ada")
    assert 'id="card-profile"' in ada
    assert ">AB<" in ada
    way = ada[ada.index("team-way") :]
    assert way.index("group/company") < way.index("group/sea") < way.index("group/stokers")
    company = await site.page("/catalog/default/group/company")
    assert 'id="card-child-teams"' in company
    assert 'id="card-teams"' not in await site.page("/catalog/default/user/cleo")


async def test_nothing_of_another_host_is_loaded_and_hostile_names_are_text(site: Site) -> None:
    await site.give(
        group("sea", type=HOSTILE, profile={"displayName": HOSTILE, "email": f"a@b{HOSTILE}"}),
        user("eve", "sea", displayName=HOSTILE, email=HOSTILE, picture="https://evil.example/eve.png"),
        component("map", owner="sea", type=HOSTILE),
    )
    paths = ("/organisation", "/organisation?filter=%22%3E%3Cscript%3E", "/organisation?show=parentless")
    group_path, user_path = "/catalog/default/group/sea", "/catalog/default/user/eve"
    tabs = (f"{group_path}/members", f"{group_path}/ownership", f"{user_path}/ownership?with=all")
    for path in (*paths, group_path, user_path, *tabs):
        text = await site.page(path)
        assert "<script>" not in text
        assert not any("evil" in source for source in re.findall(r'<img[^>]*src="([^"]*)', text))
