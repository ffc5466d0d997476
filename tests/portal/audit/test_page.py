"""The page of the audit log over the real portal, on either database."""

from __future__ import annotations

import re
from html import unescape

import pytest

from callboard.access.audit import Audit, Event
from tests.access.audit.events import event
from tests.portal.conftest import OpenSite
from tests.portal.site import Site


@pytest.fixture
async def site(open_site: OpenSite) -> Site:
    return await open_site()


@pytest.fixture
def audit(site: Site) -> Audit:
    return site.host.access.audit


def text_of(html: str) -> str:
    """What a person reads, without the markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.partition("<main")[2])).split())


async def given(audit: Audit, *events: Event) -> None:
    await audit.store.add(events)


async def test_an_empty_log_says_so_and_is_in_the_navigation(site: Site) -> None:
    page = await site.page("/admin/audit")
    assert "Nothing has happened yet" in text_of(page)
    assert 'href="/admin/audit" aria-current="page"' in page


async def test_an_event_shows_who_what_when_from_where_and_how_it_ended(site: Site, audit: Audit) -> None:
    await given(
        audit,
        event(
            via="plugin:ci",
            severity="high",
            status="failed",
            http_status=409,
            error="ConflictError",
            user_agent="curl/8",
            meta={"entityRef": "component:default/crane", "list": [1, 2], "none": None, "yes": True},
        ),
    )
    said = text_of(await site.page("/admin/audit"))
    for part in (
        "entity-delete",
        "user:default/jane",
        "through plugin:ci",
        "failed",
        "high",
        "10.0.0.1",
        "DELETE /api/catalog/entities/by-uid/1",
        "409 ConflictError",
        "curl/8",
        "component:default/crane",
        "just now",
    ):
        assert part in said


async def test_filters_stand_in_the_address_the_form_the_exports_and_the_links(
    site: Site, audit: Audit
) -> None:
    await given(audit, event(), event(actor="user:default/joe", status="failed"))
    page = await site.page("/admin/audit?outcome=failed&q=DELETE&since=2026-01-01")
    assert "user:default/joe" in text_of(page)
    assert "user:default/jane" not in text_of(page)
    assert '<option value="failed" selected>' in page
    assert 'value="DELETE"' in page
    assert 'href="/api/audit/events.csv?outcome=failed&amp;since=2026-01-01&amp;q=DELETE"' in page
    assert 'href="/api/audit/events.jsonl?outcome=failed&amp;since=2026-01-01&amp;q=DELETE"' in page
    assert "?actor=user%3Adefault%2Fjoe&amp;" in page or "&amp;actor=user%3Adefault%2Fjoe" in page


async def test_a_long_log_is_paged(site: Site, audit: Audit) -> None:
    await given(audit, *(event(actor=f"user:default/u{number:03}") for number in range(120)))
    path, seen = "/admin/audit?plugin=catalog", set[str]()
    for _ in range(3):
        page = await site.page(path)
        seen |= set(re.findall(r"user:default/u\d{3}(?=</a>)", page))
        match = re.search(r'rel="next" href="([^"]+)"', page)
        path = unescape(match[1]) if match else ""
    assert (len(seen), path) == (120, "")
    assert "Newest" in text_of(page)


async def test_no_match_offers_the_way_back(site: Site, audit: Audit) -> None:
    await given(audit, event())
    said = text_of(await site.page("/admin/audit?actor=nobody"))
    assert "No event matches" in said
    assert "Show all" in said


async def test_without_the_permission_the_page_says_403(open_site: OpenSite) -> None:
    config = {
        "auth_providers_guest": "{}",
        "permission_enabled": "true",
        "permission_policy": "deny-all",
    }
    site = await open_site(config=config)
    signed_in = await site.client.get("/api/auth/guest/start?flow=redirect&redirectUrl=/")
    assert signed_in.status_code == 303
    assert "You are not allowed to do this" in text_of(await site.page("/admin/audit", 403))


async def test_a_filter_that_cannot_be_read_says_so(site: Site) -> None:
    assert "severity must be one of" in text_of(await site.page("/admin/audit?severity=<b>", 400))


async def test_nothing_that_clients_send_becomes_markup(site: Site, audit: Audit) -> None:
    evil = "<img src=x onerror=alert(1)>"
    await given(
        audit,
        event(
            actor=evil,
            via=evil,
            plugin=evil,
            event=evil,
            url=f"/{evil}",
            user_agent=evil,
            ip=evil,
            error=evil,
            meta={evil: evil, "list": [evil]},
        ),
    )
    page = await site.page(f"/admin/audit?q={evil[:4]}")
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x") >= 9
