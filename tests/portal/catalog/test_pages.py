"""The pages of the list over a real catalog: what they show, export, keep and refuse."""

from __future__ import annotations

import csv
import html
import io
import re
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from callboard.portal.catalog.columns import COLUMNS, columns_for
from callboard.portal.catalog.counts import choices, kinds
from callboard.portal.catalog.filters import Viewer
from callboard.portal.catalog.rows import table_rows
from callboard.portal.catalog.state import read_state
from tests.portal.catalog.made import group, queries_of, thing
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

FLEET = (
    group("crew", "The Crew"),
    group("deck"),
    thing("lamp", title="Harbour lamp", tags=["go", "safety"], description="Shines."),
    thing("rope", tags=["go"], lifecycle="experimental", owner="deck"),
    thing("site", type="website", namespace="sea"),
    thing("chart", kind="API", type="openapi", definition="{}"),
)


def names(text: str) -> list[str]:
    """What the rows of the table are called."""
    return [html.unescape(one) for one in re.findall(r'<th scope="row"><a[^>]*>.*?<span>(.*?)</span>', text)]


@pytest.fixture
async def fleet(site: Site) -> Site:
    await site.give(*FLEET)
    return site


async def test_components_are_shown_by_name_with_their_owner(fleet: Site) -> None:
    text = await fleet.page("/catalog")
    assert names(text) == ["Harbour lamp", "rope", "site"]
    assert '<a class="entity-link" href="/catalog/default/group/crew">The Crew</a>' in text
    assert 'aria-sort="ascending"' in text


async def test_htmx_gets_the_list_and_the_counts_alone_and_the_url_to_show(fleet: Site) -> None:
    answer = await fleet.client.get(
        "/catalog?filters[text]=&filters[tags]=go&sort=name", headers={"hx-request": "true"}
    )
    assert answer.headers["hx-push-url"] == "/catalog?filters[tags]=go"
    assert "<html" not in answer.text
    assert names(answer.text) == ["Harbour lamp", "rope"]
    assert 'hx-swap-oob="innerHTML:#catalog-filters"' in answer.text
    assert "2 entities" in answer.text


async def test_a_page_behind_the_last_is_the_last(fleet: Site) -> None:
    assert names(await fleet.page("/catalog?offset=4000")) == ["Harbour lamp", "rope", "site"]


async def test_an_empty_list_names_the_filter_to_drop(fleet: Site) -> None:
    text = await fleet.page("/catalog?filters[type]=website&filters[owners]=group:default/deck")
    assert "No entity matches all filters" in text
    assert 'href="/catalog?filters[owners]=group:default/deck"' in text
    text = await fleet.page("/catalog?filters[kind]=spaceship")
    assert 'href="/catalog?filters[kind]=all"' in text


async def test_an_empty_catalog_leads_to_the_import(site: Site) -> None:
    text = await site.page("/catalog")
    assert "There is nothing in the catalog yet" in text
    assert 'href="/catalog-import"' in text


async def test_owned_asks_who_one_is_and_starred_explains_the_star(fleet: Site) -> None:
    assert 'href="/settings"' in await fleet.page("/catalog?filters[user]=owned")
    assert "The star in front of" in await fleet.page("/catalog?filters[user]=starred")
    await fleet.post("/-/star", {"ref": "component:default/rope", "starred": "yes"})
    assert names(await fleet.page("/catalog?filters[user]=starred")) == ["rope"]


async def test_columns_are_kept_for_their_kind_and_a_url_has_its_own(fleet: Site) -> None:
    query = "filters[kind]=component&columns=tags"
    form: dict[str, str | list[str]] = {"query": query, "column": ["namespace", "type", "no-such"]}
    answer = await fleet.post("/catalog/columns", form)
    assert answer.headers["location"] == "/catalog"
    heads = r'<a id="sort-(\w+)"'
    assert re.findall(heads, await fleet.page("/catalog")) == ["name", "namespace", "type"]
    assert re.findall(heads, await fleet.page("/catalog?columns=lifecycle")) == ["name", "lifecycle"]
    assert "owner" in re.findall(heads, await fleet.page("/catalog?filters[kind]=api"))
    await fleet.post("/catalog/columns", {"query": query, "reset": "yes"})
    assert "owner" in re.findall(heads, await fleet.page("/catalog"))


async def test_columns_of_a_kind_that_is_not_there_are_refused(fleet: Site) -> None:
    await fleet.post("/catalog/columns", {"query": "filters[kind]=spaceship", "column": "type"}, status=400)


async def test_an_export_holds_the_listed_rows_in_their_order(fleet: Site) -> None:
    query = "filters[kind]=all&filters[owners]=group:default/crew&sort=-type&columns=name,type,tags"
    listed = names(await fleet.page(f"/catalog?{query}&limit=100"))
    answer = await fleet.client.get(f"/catalog/export.csv?{query}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="catalog-all.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["ref", "name", "type", "tags"]
    assert [row[1] for row in rows[1:]] == ["lamp", "chart"]
    assert listed == ["Harbour lamp", "chart"]
    items = (await fleet.client.get(f"/catalog/export.json?{query}")).json()
    assert items[0] == {
        "ref": "component:default/lamp",
        "name": "lamp",
        "type": "service",
        "tags": ["go", "safety"],
    }
    assert [item["ref"] for item in items] == [row[0] for row in rows[1:]]


async def test_an_export_of_nothing_is_valid(site: Site) -> None:
    assert (await site.client.get("/catalog/export.json")).json() == []
    assert (await site.client.get("/catalog/export.csv")).text.startswith("ref,name,")


async def test_a_spreadsheet_is_given_no_formula(site: Site) -> None:
    await site.give(thing("lamp", description="=HYPERLINK(A1)", type="@x", lifecycle='"+1'))
    text = (await site.client.get("/catalog/export.csv?columns=type,lifecycle,description")).text
    row = list(csv.reader(io.StringIO(text)))[1]
    assert row == ["component:default/lamp", "lamp", "'@x", '"+1', "'=HYPERLINK(A1)"]


async def test_a_view_is_pinned_once_renamed_and_removed(fleet: Site) -> None:
    form = {"title": " Go  things ", "query": "limit=20&filters[tags]=go&offset=20"}
    answer = await fleet.post("/catalog/pins", form)
    assert answer.headers["location"].startswith("/catalog?filters[tags]=go")
    text = await fleet.page("/catalog")
    assert 'href="/catalog?filters[tags]=go"' in text
    assert "Go things" in text
    await fleet.post("/catalog/pins", {**form, "title": "Gophers"})
    text = await fleet.page("/catalog?filters[tags]=go")
    assert "Gophers" in text
    assert "Go things" not in text
    await fleet.post("/catalog/pins", {"remove": "filters[tags]=go"})
    assert "Gophers" not in await fleet.page("/catalog")


@pytest.mark.parametrize("title", ["", "   ", "x" * 61])
async def test_a_pin_needs_a_fitting_title(fleet: Site, title: str) -> None:
    assert "title" in (await fleet.post("/catalog/pins", {"title": title, "query": ""}, status=400)).text


async def test_the_chosen_or_all_listed_entities_are_refreshed(fleet: Site) -> None:
    form: dict[str, str | list[str]] = {"query": "filters[tags]=go", "scope": "chosen"}
    answer = await fleet.post(
        "/catalog/refresh", {**form, "ref": ["component:default/lamp", "component:default/no"]}
    )
    assert answer.headers["location"] == "/catalog?filters[tags]=go&refreshed=1"
    assert "1 entity is being read again" in await fleet.page(answer.headers["location"])
    answer = await fleet.post("/catalog/refresh", {**form, "scope": "all"}, 200, **{"hx-request": "true"})
    assert "2 entities are being read again" in answer.text
    answer = await fleet.post("/catalog/refresh", form, 200, **{"hx-request": "true"})
    assert "Nothing was chosen" in answer.text


async def test_another_site_cannot_post(fleet: Site) -> None:
    for path in ("columns", "pins", "refresh"):
        answer = await fleet.client.post(
            f"/catalog/{path}", data={"query": ""}, headers={"sec-fetch-site": "cross-site"}
        )
        assert answer.status_code == 403


async def test_what_descriptors_say_is_escaped(site: Site) -> None:
    bad = '"><script>alert(1)</script>%(x)s'
    await site.give(thing("lamp", title=bad, type=bad, description=bad, lifecycle=bad))
    columns = ",".join(column.id for column in columns_for("component"))
    text = await site.page(
        f"/catalog?columns={columns}&filters[text]={quote(bad)}&filters[type]={quote(bad)}"
    )
    assert "<script>alert" not in text
    assert names(text) == [bad]
    await site.post("/catalog/pins", {"title": bad, "query": f"filters[text]={quote(bad)}"})
    assert "<script>alert" not in await site.page(f"/catalog?filters[text]={quote(bad)}")


@pytest.mark.parametrize(
    "query",
    [
        "filters[kind]=%00&filters[text]=%ff%fe&filters[owners]=:/",
        "filters[type]=" + "x" * 5000,
        "&".join(f"filters[tags][{number}]=t{number}" for number in range(300)),
        "limit=99999999999999999999&offset=99999999999999999999&refreshed=99999999999999999999999",
        "filters[kind]=all&filters[kind]=&filters=&filters[]=&sort=-&columns=,,,&all=,tags,nope",
        "filters[text]=%25_%5C%5C%25&sort=-name&offset=-1&limit=²",
        "cursor=%00&filters[user]=nobody&filters[orphan]=maybe&filters[error]=",
    ],
)
async def test_a_hostile_query_is_answered(open_site: OpenSite, query: str) -> None:
    site = await open_site()
    await site.give(*FLEET)
    await site.page(f"/catalog?{query}")
    for name in ("export.csv", "export.json"):
        assert (await site.client.get(f"/catalog/{name}?{query}")).status_code == 200


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_filtered_by(text: str) -> None:
    queries = queries_of([])
    state = read_state(QueryParams([("filters[text]", text), ("filters[kind]", text)]).multi_items())
    kinds(queries, state, Viewer())
    choices(queries, state, Viewer(), str)


async def test_every_kind_has_columns_that_can_be_shown(fleet: Site) -> None:
    for kind in ("component", "api", "group", "user", "location", "system", "domain", "template", "all", "x"):
        shown = ",".join(column.id for column in columns_for(kind))
        await fleet.page(f"/catalog?filters[kind]={kind}&columns={shown}")


def test_only_web_addresses_are_links_among_targets() -> None:
    targets = ["/etc/passwd", "javascript:alert(1)", "https://git.example/a.yaml"]
    root = thing("root", kind="Location", type="url", targets=targets)
    (row,) = table_rows(queries_of([]).index, [root], [COLUMNS["targets"]], [], str)
    assert [(link.path, link.text) for link in row.cells[0].links] == [
        ("", "/etc/passwd"),
        ("", "javascript:alert(1)"),
        ("https://git.example/a.yaml", "https://git.example/a.yaml"),
    ]
