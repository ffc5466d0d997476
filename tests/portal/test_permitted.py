"""What pages offer and do for somebody who may only read: nothing else, and they say so."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from callboard.access.permissions import ALLOWED, DENIED, Decision, Permission, PolicyContribution
from callboard.access.principals import Principal
from callboard.plugins import Plugin
from callboard.portal.plugins import PLUGINS
from tests.catalog.nodes import component
from tests.portal.conftest import OpenSite
from tests.portal.settings.test_access import sign_in
from tests.portal.site import Site

READING = "catalog.entity.read"
OPERATING = "catalog.operations.read"


@dataclass(frozen=True, slots=True)
class Only:
    """Allows some permissions by name, and no other."""

    names: frozenset[str]
    version: int = 1

    async def handle(self, permission: Permission, user: Principal) -> Decision:
        return ALLOWED if permission.name in self.names else DENIED


async def allowed(open_site: OpenSite, *names: str) -> Site:
    policy = PolicyContribution("only", lambda _: Only(frozenset(names)))
    config = {"permission_enabled": "true", "permission_policy": "only"}
    site = await open_site(plugins=(*PLUGINS, Plugin("only", "Only", (policy,))), config=config)
    await site.give(component("shop"), component("lamp"))
    await sign_in(site)
    return site


async def test_a_reader_is_offered_nothing_but_to_read(open_site: OpenSite) -> None:
    site = await allowed(open_site, READING)
    entity, listed = await site.page("/catalog/default/component/shop"), await site.page("/catalog")
    for text in (entity, listed):
        assert 'href="/catalog-import"' not in text
        assert 'href="/admin"' not in text
        assert "/refresh" not in text
    assert "/unregister" not in entity
    assert "/catalog/export.csv" in listed


REFUSED: tuple[tuple[str, dict[str, str]], ...] = (
    ("/catalog/default/component/shop/refresh", {}),
    ("/catalog/default/component/shop/unregister", {"what": "entity"}),
    ("/catalog-import", {"url": "https://example.org/a.yaml"}),
    ("/catalog-import/refresh", {"url": "https://example.org/a.yaml"}),
    ("/catalog-import/paste", {"text": "kind: Component"}),
    ("/admin/sources/read", {}),
    ("/admin/held-back", {"provider": "test", "at": "1", "decision": "confirm", "sure": "yes"}),
    ("/admin/orphans", {"all": "yes", "sure": "yes"}),
    ("/admin/index", {"sure": "yes"}),
)


@pytest.mark.parametrize(("path", "form"), REFUSED)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_not_offered_is_refused_as_well(
    open_site: OpenSite, path: str, form: dict[str, str]
) -> None:
    site = await allowed(open_site, READING, OPERATING)
    answer = await site.post(path, form, 403)
    assert "Not allowed" in answer.text
    assert site.node.names("component") == {"shop", "lamp"}


async def test_operations_are_for_those_who_may_see_them(open_site: OpenSite) -> None:
    paths = ("", "/sources", "/sources/runs?provider=test", "/queue", "/problems", "/held-back", "/index")
    site = await allowed(open_site, READING)
    for path in paths:
        await site.page(f"/admin{path}", 403)
    site.host.access.permissions._policy = Only(  # the same portal, another policy
        frozenset((READING, OPERATING, "catalog.entity.unprocessed.read")), version=2
    )
    for path in paths:
        await site.page(f"/admin{path}")
    assert 'action="/admin/index"' not in await site.page("/admin/index")
    assert 'href="/admin"' in await site.page("/")


async def test_nobody_may_refresh_in_bulk_what_they_may_not_refresh_alone(open_site: OpenSite) -> None:
    site = await allowed(open_site, READING)
    answer = await site.post("/catalog/refresh", {"scope": "all", "query": "filters[kind]=component"})
    assert "refreshed=0" in answer.headers["location"]
