from __future__ import annotations

import pytest

from tests.catalog.nodes import component, entity
from tests.portal.site import Site


async def test_theme_and_density_are_kept(site: Site) -> None:
    assert "data-theme" not in await site.page("/settings")
    await site.post("/settings", {"theme": "dark", "density": "compact"})
    text = await site.page("/")
    assert 'data-theme="dark"' in text
    assert 'data-density="compact"' in text
    await site.post("/settings", {"theme": "system"})
    assert "data-theme" not in await site.page("/")


@pytest.mark.parametrize(
    "form", [{"theme": "pink"}, {"density": "9"}, {"me": "nobody"}, {"me": "component:default/shop"}]
)
async def test_what_is_not_offered_is_refused_and_said(site: Site, form: dict[str, str]) -> None:
    await site.give(component("shop"))
    answer = await site.post("/settings", form, 400)
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "given", ["jane", "user:jane", "default/jane", "user:default/jane", "USER:Default/Jane"]
)
async def test_i_can_say_who_i_am_in_short_or_in_full(site: Site, given: str) -> None:
    await site.give(
        entity("User", "jane", memberOf=["crew"]), entity("Group", "crew", type="team", children=[])
    )
    await site.post("/settings", {"me": given})
    text = await site.page("/settings")
    assert "You are" in text
    assert "/catalog/default/group/crew" in text
    await site.post("/settings", {"me": ""})
    assert "You are" not in await site.page("/settings")
