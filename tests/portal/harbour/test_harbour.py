"""The example of docs/reference/page-contributions.md."""

from __future__ import annotations

from callboard.portal.plugins import PLUGINS
from tests.catalog.nodes import component, entity
from tests.portal.conftest import OpenSite
from tests.portal.harbour.plugin import PLUGIN


async def test_the_tab_of_a_plugin_is_shown_where_it_applies(open_site: OpenSite) -> None:
    site = await open_site(plugins=(*PLUGINS, PLUGIN))
    crew = entity("Group", "crew", type="team", children=[])
    await site.give(component("a", owner="crew"), component("b", owner="crew"), component("c"), crew)
    text = await site.page("/catalog/default/component/a/siblings")
    assert "/catalog/default/component/b" in text
    assert "/catalog/default/component/c" not in text
    assert "/component/a/siblings" in await site.page("/catalog/default/component/a")
    assert "/crew/siblings" not in await site.page("/catalog/default/group/crew")
