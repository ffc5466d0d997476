from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from callboard.catalog.index.entry import Entry
from callboard.model.refs import entity_ref
from callboard.plugins import Plugin
from callboard.portal.plugins import PLUGINS
from callboard.web.contributions import Entity, EntityCard, EntityTab, Templates
from callboard.web.view import View
from tests.catalog.nodes import component, component_yaml, entity, location, write
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

SHOP = "/catalog/default/component/shop"
HOSTILE = "<script>alert(1)</script>\"'`"


def shown(site: Site, *entities: dict[str, Any]) -> None:
    """Puts entities before the pages that no descriptor could bring there, or too many to be read."""
    entries = [
        Entry(entity_ref(one), one["metadata"].get("uid") or f"id-{at}", orjson.dumps(one))
        for at, one in enumerate(entities)
    ]
    site.node.runtime.index.put_many(entries)


async def test_an_entity_is_found_in_any_case(site: Site) -> None:
    await site.give(component("Shop"))
    for path in (SHOP, "/catalog/Default/Component/Shop", "/catalog/default/COMPONENT/SHOP"):
        assert "<h1>Shop</h1>" in await site.page(path)


async def test_an_entity_without_a_relation_has_a_page_with_every_tab(site: Site) -> None:
    await site.give(entity("Location", "seven", type="url", targets=[]))
    for tab in ("", "/history", "/inspect", "/relations", "/dependencies", "/apis", "/errors"):
        assert "<h1>seven</h1>" in await site.page(f"/catalog/default/location/seven{tab}")


async def test_an_entity_of_a_kind_that_nobody_declared_has_a_page(site: Site) -> None:
    given = {"apiVersion": "a.example/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"type": [1]}}
    shown(site, given)
    for tab in ("", "/history", "/inspect"):
        assert "Widget" in await site.page(f"/catalog/default/widget/w{tab}")


async def test_a_hostile_entity_is_only_text(site: Site) -> None:
    await site.give(component("shop"))
    given = await site.node.entity("component:default/shop")
    given["spec"] |= {"type": HOSTILE, "lifecycle": HOSTILE}
    given["relations"] = [{"type": HOSTILE, "targetRef": f"{HOSTILE}:default/{HOSTILE}"}]
    given["metadata"] |= {
        "title": HOSTILE,
        "description": f"{HOSTILE}\n\n[press](javascript:alert(1)) <img src=x onerror=alert(1)>",
        "links": [
            {"url": "javascript:alert(1)", "title": HOSTILE},
            {"url": "https://ok.example/", "icon": HOSTILE},
        ],
        "labels": {"a.example/b": "x"},
    }
    given["metadata"]["annotations"] |= {
        "a.example/evil": HOSTILE,
        "backstage.io/view-url": "javascript:alert(1)",
        "a.example/script": "javascript:alert(1)",
    }
    error = {"message": HOSTILE, "source": HOSTILE, "line": HOSTILE, "field": HOSTILE, "name": HOSTILE}
    given["status"] = {"items": [{"level": "error", "message": HOSTILE, "error": error}]}
    shown(site, given)
    views = [f"/inspect?view={view}" for view in ("overview", "ancestry", "colocated", "json", "yaml", "raw")]
    for path in ("", "/relations", "/history", "/errors", "/unregister", *views):
        text = await site.page(SHOP + path)
        assert "<script>alert" not in text, path
        assert "<img" not in re.sub(r'<img src="/assets/brand[^>]*>', "", text), path
        assert 'href="javascript' not in text.lower(), path


async def test_the_overview_tells_what_people_ask_first(site: Site) -> None:
    given = component("shop", owner="crew", system="sales", subcomponentOf="mall")
    given["metadata"] |= {"tags": ["java"], "links": [{"url": "https://x.example/", "title": "Live"}]}
    given["metadata"]["annotations"]["backstage.io/edit-url"] = "https://git.example/edit"
    await site.give(
        given,
        entity("Group", "crew", type="team", children=[]),
        entity("System", "sales", owner="crew", domain="money"),
        entity("Domain", "money", owner="crew"),
        component("mall"),
    )
    text = await site.page(SHOP)
    for part in (
        "Component — service",
        "/catalog/default/group/crew",
        "/catalog/default/system/sales",
        "/catalog/default/domain/money",
        "/catalog/default/component/mall",
        'href="https://x.example/"',
        'href="https://git.example/edit"',
        "filters%5Btags%5D=java",
        "production",
    ):
        assert part in text
    assert text.count("<live-entity") == 1
    assert "Subcomponents" in await site.page("/catalog/default/component/mall")


async def test_relations_that_lead_nowhere_are_told(site: Site) -> None:
    await site.give(component("shop", dependsOn=["resource:nowhere"]))
    assert "Some relations lead to nothing" in await site.page(SHOP)
    assert "not in the catalog" in await site.page(f"{SHOP}/dependencies")


async def test_dependencies_reach_two_steps_in_both_directions(site: Site) -> None:
    await site.give(
        component("shop", dependsOn=["component:stock"]),
        component("stock", dependsOn=["component:shelf"]),
        component("shelf"),
    )
    text = await site.page(f"{SHOP}/dependencies")
    assert "Depends on, indirectly" in text
    assert "/catalog/default/component/shelf" in text
    text = await site.page("/catalog/default/component/shelf/dependencies")
    assert "Needed by, indirectly" in text
    assert "/catalog/default/component/shop" in text


async def test_apis_are_shown_from_both_sides(site: Site) -> None:
    api = entity("API", "till", type="openapi", lifecycle="production", owner="crew", definition="{}")
    await site.give(component("shop", providesApis=["till"]), component("app", consumesApis=["till"]), api)
    assert "Provided APIs" in await site.page(f"{SHOP}/apis")
    assert "Consumed APIs" in await site.page("/catalog/default/component/app/apis")
    text = await site.page("/catalog/default/api/till/apis")
    assert "Providers" in text
    assert "Consumers" in text


async def test_a_long_list_is_cut_and_can_be_shown_whole(site: Site) -> None:
    shelves = [component(f"shelf-{at:04}") for at in range(2000)]
    needed = [{"type": "dependsOn", "targetRef": entity_ref(one)} for one in shelves]
    shown(site, {**component("shop"), "relations": needed}, *shelves)
    for path, least in ((SHOP, 0), (f"{SHOP}/relations", 50), (f"{SHOP}/dependencies", 50)):
        text = await site.page(path)
        assert least <= text.count("shelf-") < 400
    assert "Show all 2,000" in text
    assert (await site.page(f"{SHOP}/dependencies?all=dependsOn")).count('scope="row"') == 2000
    assert (await site.page(f"{SHOP}/relations?all=dependsOn")).count("shelf-1999") > 0


async def test_a_name_that_does_not_exist_leads_to_what_was_meant(site: Site) -> None:
    await site.give(component("booking-service"), component("other"))
    text = await site.page("/catalog/default/component/booking-servise", 404)
    assert "There is no such entity" in text
    assert "/catalog/default/component/booking-service" in text
    assert "Did you mean" in text


@pytest.mark.parametrize(
    "path", ["/catalog/default/component/%3Cb%3E", "/catalog/a/%20/b", "/catalog/%3A/x/%00"]
)
async def test_a_path_that_names_nothing_is_not_found(site: Site, path: str) -> None:
    text = await site.page(path, 404)
    await site.post(f"{path}/refresh", {}, 404)
    assert "<b>" not in text.partition("<main")[2]


async def test_what_was_deleted_says_when_and_shows_what_it_was(site: Site) -> None:
    await site.give(component("shop", lifecycle="sunset"), component("other"))
    await site.give(component("other"))
    text = await site.page(SHOP, 404)
    assert "It was deleted" in text
    assert "lifecycle: sunset" in text


async def test_what_never_became_right_says_what_is_wrong(site: Site) -> None:
    await site.give(component("shop", type=7))
    text = await site.page(SHOP, 404)
    assert "with errors" in text
    assert "spec.type" in text


async def test_an_unknown_tab_leads_back(site: Site) -> None:
    await site.give(component("shop"))
    assert "There is no such tab" in await site.page(f"{SHOP}/nonsense", 404)
    answer = await site.client.get(f"{SHOP}/overview")
    assert (answer.status_code, answer.headers["location"]) == (303, SHOP)


async def test_errors_are_told_with_place_and_lines(open_site: OpenSite, tmp_path: Path) -> None:
    path = write(tmp_path / "catalog-info.yaml", component_yaml("shop"), component_yaml("secret"))
    site = await open_site(roots=[tmp_path])
    await site.give(location(path))
    assert "/errors" not in await site.page(SHOP)
    path.write_text(path.read_text().replace("type: service", "type: [7]", 1))
    await site.node.refresh(path)
    text = await site.page(SHOP)
    assert "Errors (1)" in text
    assert "The descriptor has an error" in text
    text = await site.page(f"{SHOP}/errors")
    assert f"{path}:6:3" in text
    assert "type: [7]" in text
    assert "secret" not in text.partition("<pre")[2].partition("</pre>")[0]
    path.write_text(path.read_text().replace("type: [7]", "type: service"))
    await site.node.refresh(path)
    assert "Nothing here for this entity" in await site.page(f"{SHOP}/errors")


async def test_what_an_entity_says_of_errors_shows_no_other_file(site: Site, tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.txt", "password: hunter2\n")
    await site.give(component("shop"))
    given = await site.node.entity("component:default/shop")
    given["metadata"]["annotations"]["backstage.io/managed-by-location"] = f"file:{secret}"
    error = {"message": "x", "source": str(secret), "line": 1, "column": 1}
    given["status"] = {"items": [{"type": "x", "level": "error", "message": "x", "error": error}]}
    shown(site, given)
    for path in ("/errors", "/inspect?view=raw"):
        assert "hunter2" not in await site.page(SHOP + path)


async def test_inspection_shows_every_view_and_gives_files(open_site: OpenSite, tmp_path: Path) -> None:
    path = write(tmp_path / "catalog-info.yaml", "# ours\n" + component_yaml("shop"), component_yaml("twin"))
    site = await open_site(roots=[tmp_path])
    await site.give(location(path))
    assert "component:default/shop" in await site.page(f"{SHOP}/inspect")
    assert "/catalog/default/location/root" in await site.page(f"{SHOP}/inspect?view=ancestry")
    assert "/catalog/default/component/twin" in await site.page(f"{SHOP}/inspect?view=colocated")
    assert "&#34;kind&#34;: &#34;Component&#34;" in await site.page(f"{SHOP}/inspect?view=json")
    assert "kind: Component" in await site.page(f"{SHOP}/inspect?view=yaml")
    raw = await site.page(f"{SHOP}/inspect?view=raw")
    assert "lifecycle: production" in raw
    assert "name: twin" not in raw
    await site.page(f"{SHOP}/inspect?view=nonsense", 400)
    answer = await site.client.get(f"{SHOP}/entity.json")
    assert answer.json()["metadata"]["name"] == "shop"
    assert answer.headers["content-disposition"] == 'attachment; filename="shop.json"'
    answer = await site.client.get(f"{SHOP}/entity.yaml")
    assert answer.text.startswith("apiVersion:")
    await site.page(f"{SHOP}/entity.exe", 404)


async def test_history_tells_what_changed_and_shows_what_was(site: Site) -> None:
    await site.give(component("shop", lifecycle="experimental"))
    await site.give(component("shop", lifecycle="production"))
    text = await site.page(f"{SHOP}/history")
    assert "spec.lifecycle" in text
    assert "<del>experimental</del>" in text
    moments = re.findall(r"\?at=([\d.]+)", text)
    assert len(moments) == 2
    assert "lifecycle: experimental" in await site.page(f"{SHOP}/history?at={moments[1]}")
    assert "lifecycle: production" in await site.page(f"{SHOP}/history?at={moments[0]}")
    await site.page(f"{SHOP}/history?at=1", 404)
    for wrong in ("x", "nan", "inf", "-1", "1e300"):
        await site.page(f"{SHOP}/history?at={wrong}", 400)


async def test_history_goes_back_page_by_page(site: Site) -> None:
    for at in range(23):
        await site.give(component("shop", lifecycle=f"stage-{at}"))
    text = await site.page(f"{SHOP}/history")
    assert text.count('class="event ') == 20
    older = re.search(r"\?before=[\d.]+", text)
    assert older
    text = await site.page(f"{SHOP}/history{older[0]}")
    assert text.count('class="event ') == 3
    assert "Created" in text
    assert 'rel="next"' not in text


async def test_a_visit_is_noted_once_and_a_page_renewing_itself_is_none(site: Site) -> None:
    await site.give(component("shop"))
    first = await site.client.get(SHOP)
    assert "callboard-browser" in first.headers["set-cookie"]
    await site.page(SHOP, x_live="1")
    await site.page("/catalog/default/component/none", 404)
    rows = await site.node.rows("SELECT entity_ref, count FROM visits")
    assert rows == [("component:default/shop", 1)]


FOLDER = Path(__file__).parent / "templates"


def contributed(*contributions: Any) -> tuple[Plugin, ...]:
    return (*PLUGINS, Plugin("ours", "Ours", (Templates("ours", FOLDER), *contributions)))


async def words(_: View, entity: Entity) -> Mapping[str, Any]:
    return {"word": f"<{entity['metadata']['name']}>"}


async def broken(_: View, __: Entity) -> Mapping[str, Any]:
    raise RuntimeError("the secret is 42")


async def test_a_plugin_adds_tabs_and_cards_where_they_apply(open_site: OpenSite) -> None:
    def is_shop(entity: Entity) -> bool:
        return bool(entity["metadata"]["name"] == "shop")

    site = await open_site(
        plugins=contributed(
            EntityTab("words", "Words", "ours/word.html", words, is_shop),
            EntityCard("word", "A word", "ours/word.html", words, is_shop),
        )
    )
    await site.give(component("shop"), component("other"))
    text = await site.page(SHOP)
    assert f'href="{SHOP}/words"' in text
    assert "word: &lt;shop&gt; component:default/shop" in text
    assert "word: &lt;shop&gt;" in await site.page(f"{SHOP}/words")
    text = await site.page("/catalog/default/component/other")
    assert "word" not in text.partition("<main")[2]


async def test_a_card_or_tab_that_fails_leaves_the_page_whole(open_site: OpenSite) -> None:
    def wrong(_: Entity) -> bool:
        raise RuntimeError("the secret is 42")

    site = await open_site(
        plugins=contributed(
            EntityCard("data", "Broken data", "ours/word.html", broken),
            EntityCard("template", "Broken template", "ours/broken.html", words),
            EntityCard("none", "No template", "ours/none.html", words),
            EntityCard("when", "Never", "ours/word.html", words, wrong),
            EntityTab("broken", "Broken tab", "ours/word.html", broken),
        )
    )
    await site.give(component("shop"))
    text = await site.page(SHOP)
    assert text.count("This part could not be made") == 3
    assert "About" in text
    assert "secret" not in text
    text = await site.page(f"{SHOP}/broken")
    assert "This part could not be made" in text
    assert "<h1>shop</h1>" in text
