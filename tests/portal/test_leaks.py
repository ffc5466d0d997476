"""No page, fragment, file, suggestion, search answer or event tells of an entity that is hidden."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import Request

from callboard.access.identity.cookies import SESSION_COOKIE
from callboard.access.identity.sessions import Facts
from callboard.access.principals import SCOPE_KEY, Principal
from callboard.plugins import Registry
from callboard.portal.plugins import PLUGINS
from callboard.web import live
from callboard.web.contributions import EntityTab, Page
from tests.portal.conftest import OpenSite
from tests.portal.hidden import CANARY, RULES, USER, catalog, hiding, open_entity, secret_entity, secret_refs
from tests.portal.paths import with_values
from tests.portal.site import Site

REGISTRY = Registry(PLUGINS)
# The pages of others who look after a portal: what was asked for, which holds every address ever typed.
ELSEWHERE = ("/admin/audit", "/admin/roles", "/sign-", "/_components")
GETS = sorted(
    {page.path for page in REGISTRY.of(Page) if "GET" in page.methods and not page.path.startswith(ELSEWHERE)}
)
TABS = sorted({tab.id for tab in REGISTRY.of(EntityTab)})
OPEN = (("component", "ferry"), ("api", "tides"), ("system", "fleet"), ("group", "crew"), ("user", "jane"))
EVERY_COLUMN = "name,kind,namespace,email,groups,parent,members,system,domain,owner,type,lifecycle,targets,description,tags,apis,dependencies,errors"  # noqa: E501
MORE = (
    f"/catalog?filters[kind]=all&limit=100&columns={EVERY_COLUMN}",
    *(
        f"/catalog?filters[kind]=all&sort={column}&columns={EVERY_COLUMN}"
        for column in ("owner", "type", "system")
    ),
    f"/catalog/export.csv?filters[kind]=all&columns={EVERY_COLUMN}",
    f"/catalog/export.json?filters[kind]=all&columns={EVERY_COLUMN}",
    "/catalog?filters[kind]=all&filters[user]=owned",
    "/catalog?filters[kind]=all&filters[user]=starred",
    *(
        f"/catalog?filters[kind]={kind}&unfolded=tags"
        for kind in ("component", "resource", "domain", "group")
    ),
    *(f"/catalog-graph?rootEntityRefs[]={kind}:default/{name}&maxDepth=10" for kind, name in OPEN),
    "/catalog-graph?rootEntityRefs[]=component:default/ferry&maxDepth=3&mergeRelations=false",
    "/catalog-graph.svg?rootEntityRefs[]=system:default/fleet&maxDepth=10",
    "/catalog-graph/suggest?rootEntityRefs[]=zy",
    "/organisation?show=parentless",
    "/organisation?show=loose",
    "/organisation/branch?root=group:default/crew",
    "/organisation?root=group:default/crew",
    "/catalog/default/group/crew/members?with=all",
    "/catalog/default/group/crew/ownership?with=all",
    "/catalog/default/user/jane/ownership?with=all",
    *(
        f"/catalog/default/component/ferry/inspect?view={view}"
        for view in ("ancestry", "colocated", "json", "yaml", "raw")
    ),
    "/search?term=",
    "/search?term=zyxcanari",
    "/search?term=open&types=software-catalog",
    "/search/suggest?term=zy",
    "/search/suggest?term=",
    "/api/search/query",
    "/api/search/query?term=zyxcanari",
    "/admin/problems?type=error",
    "/",
)


def paths() -> Iterator[str]:
    """Every page, of every open entity."""
    for path in GETS:
        if "{" not in path:
            yield path
            continue
        for kind, name in OPEN:
            for tab in TABS if "{tab}" in path else [""]:
                for form in ("json", "yaml") if "{format}" in path else [""]:
                    given = {"namespace": "default", "kind": kind, "name": name, "tab": tab, "format": form}
                    yield with_values(path, given)
    yield from MORE


async def signed_in(site: Site) -> Principal:
    """The client is signed in as jane from now on."""
    identity = site.host.access.identity
    session, cookie = await identity.sessions.create(
        USER,
        [USER, "group:default/crew"],
        profile={},
        provider="test",
        facts=Facts("a browser", "127.0.0.1"),
        live=True,
    )
    site.client.cookies.set(SESSION_COOKIE, cookie)
    return await identity.sessions.principal(session)


async def grown(open_site: OpenSite, rule: str, *, hidden: bool = True) -> Site:
    """The portal over a catalog with a past, which jane starred and visited all of."""
    config: dict[str, Any] = {"permission_enabled": "true", "permission_policy": "hiding"} if hidden else {}
    site = await open_site(plugins=(*PLUGINS, hiding(rule)), config=config)
    await site.give(*catalog(rule, f"{CANARY}before"), secret_entity("Resource", "gone"))
    await site.give(*catalog(rule))
    store = site.host.preferences
    for ref in (*secret_refs(rule), f"resource:default/{CANARY}-gone", "component:default/ferry"):
        await store.star(USER, ref)
        await store.note_visit(USER, ref)
    await signed_in(site)
    return site


@pytest.mark.parametrize("rule", RULES)
async def test_no_page_tells_of_what_is_hidden(open_site: OpenSite, rule: str) -> None:
    site = await grown(open_site, rule)
    told = []
    for path in paths():
        for headers in ({}, {"hx-request": "true"}):
            answer = await site.client.get(path, headers=headers)
            assert answer.status_code < 500, path
            text = answer.text.lower().replace("zyxcanari", "")
            if CANARY in text:
                at = text.index(CANARY)
                told.append((path, text[max(0, at - 150) : at + 80]))
    assert not told, "\n".join(f"{path}: …{text}…" for path, text in told[:8])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_without_permissions_the_same_pages_do_tell(open_site: OpenSite) -> None:
    site = await grown(open_site, "HAS_LABEL", hidden=False)
    told = set()
    for path in paths():
        answer = await site.client.get(path)
        if CANARY in answer.text.lower().replace("zyxcanari", ""):
            told.add(path)
    expected = {
        path for path in MORE if "view=" not in path and "loose" not in path and "parentless" not in path
    }
    expected -= {"/admin/problems?type=error", "/search?term=open&types=software-catalog"}
    assert {
        "/",
        "/catalog/export.csv",
        "/catalog/default/component/ferry",
        "/catalog/default/component/ferry/relations",
        "/catalog/default/component/ferry/dependencies",
        "/catalog/default/group/crew/members",
        "/organisation",
        "/catalog-graph",
    } <= told
    assert len(expected - told) < 6, expected - told


@pytest.mark.parametrize("rule", ["HAS_LABEL", "IS_ENTITY_KIND"])
async def test_what_is_hidden_and_what_never_was_are_answered_alike(open_site: OpenSite, rule: str) -> None:
    site = await grown(open_site, rule)
    other = f"{CANARY[::-1]}-store"
    secret = f"{CANARY}-store"
    for path in (
        "/catalog/default/resource/NAME",
        *(f"/catalog/default/resource/NAME/{tab}" for tab in TABS),
        "/catalog/default/resource/NAME/unregister",
        "/catalog/default/resource/NAME/entity.json",
        "/catalog-graph?rootEntityRefs[]=resource:default/NAME&maxDepth=3",
        "/organisation?root=group:default/NAME",
        "/catalog?filters[kind]=all&filters[text]=NAME",
        "/catalog?filters[kind]=all&filters[owners]=group:default/NAME",
        "/search?term=NAME",
        "/search/suggest?term=NAME",
        "/api/search/query?term=NAME",
        "/api-docs/raw/default/NAME",
    ):
        answers = []
        for name in (secret, other):
            answer = await site.client.get(path.replace("NAME", name))
            # Ids of elements are made of the values they stand for.
            text = (
                re.sub(r"owners-[0-9a-f]{8}", "owners-ID", answer.text)
                .replace(name, "NAME")
                .replace(name.replace("-", " "), "NAME")
            )
            answers.append((answer.status_code, text))
        assert answers[0] == answers[1], path
    pasted = [
        await site.post("/catalog-import/paste", {"text": _descriptor(name)}, 200) for name in (secret, other)
    ]
    shown = [one.text.replace(secret, "NAME").replace(other, "NAME") for one in pasted]
    assert shown[0] == shown[1], "a preview compares with what is seen only"
    for action in ("refresh", "unregister"):
        for name in (secret, other):
            await site.post(f"/catalog/default/resource/{name}/{action}", {"what": "entity"}, 404)
    for name in (secret, other):
        await site.post("/-/star", {"ref": f"resource:default/{name}", "starred": "yes"}, 404)


async def test_events_tell_nothing_of_what_is_hidden(open_site: OpenSite) -> None:
    site = await grown(open_site, "HAS_LABEL")
    principal = await signed_in(site)
    scope = {"type": "http", "method": "GET", "path": "/-/changes", "headers": [], "query_string": b""}
    request = Request({**scope, SCOPE_KEY: principal})
    hidden = live._events(site.host.services, request, f"resource:default/{CANARY}-store")
    seen = live._events(site.host.services, request, "component:default/ferry")
    for one in (hidden, seen):
        assert await anext(one) == b"retry: 1000\n\n"
    waits = [asyncio.ensure_future(anext(one)) for one in (hidden, seen)]
    changed = [one for one in catalog("HAS_LABEL", "changed") if one["metadata"]["name"] != f"{CANARY}-ship"]
    await site.give(*changed)
    await asyncio.sleep(live.POLL * 3)
    assert [one.done() for one in waits] == [False, False], "only hidden entities changed"
    ferry = open_entity("Component", "ferry", type="boat", lifecycle="production", owner="crew")
    await site.give(*[one for one in changed if one["metadata"]["name"] != "ferry"], ferry)
    assert await asyncio.wait_for(waits[1], 20) == b"event: changed\ndata: put\n\n"
    assert not waits[0].done()
    assert principal.session is not None
    await site.host.access.identity.sessions.revoke(principal.session)
    ended = asyncio.ensure_future(anext(seen, None))
    await site.give(*catalog("HAS_LABEL"))
    assert await asyncio.wait_for(ended, 20) is None, "the stream ends with the session"
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(waits[0], 20)


async def test_what_was_just_removed_is_not_told_by_the_relations_that_still_lead_to_it(
    open_site: OpenSite,
) -> None:
    site = await grown(open_site, "HAS_LABEL")
    site.host.services.queries.index.remove(f"component:default/{CANARY}-ship")
    for path in ("", "/relations", "/dependencies", "/inspect?view=json", "/entity.json"):
        answer = await site.client.get(f"/catalog/default/component/ferry{path}")
        assert f"{CANARY}-ship" not in answer.text, path


async def test_the_past_tells_nothing_of_what_was_hidden_until_it_was_removed(
    open_site: OpenSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = await grown(open_site, "HAS_LABEL")
    before = time.time()
    await site.give(*[one for one in catalog("HAS_LABEL") if one["metadata"]["name"] != f"{CANARY}-ship"])
    monkeypatch.setattr("callboard.catalog.index.index.LATELY", 0.0)
    for path in (
        "/",
        "/catalog/default/component/ferry/history",
        *(f"/catalog/default/{kind}/{name}/history?at={before}" for kind, name in OPEN),
    ):
        assert "Open" in (text := (await site.client.get(path)).text), path
        assert f"{CANARY}-ship" not in text, path


def _descriptor(name: str) -> str:
    kind = "apiVersion: backstage.io/v1alpha1\nkind: Resource\n"
    return f"{kind}metadata: {{name: {name}}}\nspec: {{type: database, owner: crew}}\n"
