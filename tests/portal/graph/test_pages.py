"""The page, its file and its card, through the whole application."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from callboard.portal.graph.plugin import PLUGIN
from callboard.portal.plugins import PLUGINS
from tests.catalog.nodes import component, entity
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

PLUGINS_WITH_GRAPH = [*(plugin for plugin in PLUGINS if plugin.id != PLUGIN.id), PLUGIN]
CREW = entity("Group", "crew", type="team", children=[])
ROOT = "/catalog-graph?rootEntityRefs[]=component:default/ship"


@pytest.fixture
async def harbour(open_site: OpenSite) -> Site:
    site = await open_site(plugins=PLUGINS_WITH_GRAPH)
    ship = component("ship", owner="crew", dependsOn=["resource:default/gone"])
    ship["metadata"]["title"] = "<b>Ship</b> & Co"
    await site.give(CREW, ship, component("radar", owner="crew"))
    return site


async def test_the_page_draws_and_tells_the_relations(harbour: Site) -> None:
    text = await harbour.page(ROOT)
    assert 'href="/catalog/default/group/crew"' in text
    assert "<relation-graph" in text
    assert "is owned by <b>crew</b>" in text
    assert "&lt;b&gt;Ship&lt;/b&gt; &amp; Co" in text
    assert "<b>Ship</b>" not in text
    assert "missing" in text


async def test_the_page_without_roots_offers_beginnings(harbour: Site) -> None:
    text = await harbour.page("/catalog-graph")
    assert "rootEntityRefs[]=group:default/crew" in text


async def test_htmx_gets_the_part_that_changes_and_the_short_address(harbour: Site) -> None:
    answer = await harbour.client.get(
        f"{ROOT}&maxDepth=2&follow=both&rootEntityRefs[]=&selectedKinds[]=group",
        headers={"hx-request": "true"},
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert answer.headers["hx-push-url"] == f"{ROOT}&selectedKinds[]=group"


async def test_a_wrong_address_says_what_is_wrong(harbour: Site) -> None:
    text = await harbour.page(f"{ROOT}&maxDepth=<script>", status=400)
    assert "must be a whole number" in text
    assert "&lt;script&gt;" in text
    assert "There is no entity" in await harbour.page(
        "/catalog-graph?rootEntityRefs[]=component:default/nobody"
    )


async def test_the_picture_is_a_file_that_stands_alone(harbour: Site) -> None:
    answer = await harbour.client.get(ROOT.replace("graph?", "graph.svg?"))
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-disposition"].startswith('attachment; filename="relations-of-')
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    tree = ElementTree.fromstring(answer.text)
    style = tree.findtext("{http://www.w3.org/2000/svg}style") or ""
    assert "#" in style
    assert "var(" not in style
    assert "light-dark" not in style


async def test_a_file_of_nothing_is_refused_with_a_reason(harbour: Site) -> None:
    assert "names no entity" in await harbour.page("/catalog-graph.svg", status=400)


async def test_names_are_suggested_while_one_types(harbour: Site) -> None:
    text = await harbour.page("/catalog-graph/suggest?rootEntityRefs[]=rad")
    assert '<option value="component:default/radar">' in text
    assert "<option" not in await harbour.page("/catalog-graph/suggest?rootEntityRefs[]=r")


async def test_the_overview_of_an_entity_has_a_card_with_its_relations(harbour: Site) -> None:
    text = await harbour.page("/catalog/default/component/ship")
    assert 'class="graph-card"' in text
    assert "/catalog-graph?rootEntityRefs[]=component:default/ship" in text
