"""Every page over a catalog whose every text was written by somebody who means harm."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callboard.plugins import Registry
from callboard.portal.plugins import PLUGINS
from callboard.web.contributions import EntityTab, Page
from tests.portal.conftest import OpenSite
from tests.portal.paths import with_values
from tests.portal.site import Site

EVIL = "\"><script>alert(1)</script>'{{7*7}}${7*7}%s%(x)s<img src=x onerror=alert(1)>"
EVIL_URL = "javascript:alert(1)//https://example.org"
REGISTRY = Registry(PLUGINS)
GETS = sorted({page.path for page in REGISTRY.of(Page) if "GET" in page.methods})
POSTS = sorted({page.path for page in REGISTRY.of(Page) if "POST" in page.methods})
TABS = sorted({tab.id for tab in REGISTRY.of(EntityTab)})
SOURCE = "url:https://example.org/%22%3E%3Cscript%3E"


def entity(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {
            "name": name,
            "title": f"{EVIL} {name}",
            "description": f"{EVIL} [a]({EVIL_URL}) <b onclick=alert(1)>",
            "annotations": {
                "backstage.io/managed-by-location": SOURCE,
                "backstage.io/managed-by-origin-location": SOURCE,
                "backstage.io/view-url": EVIL_URL,
                "backstage.io/edit-url": EVIL_URL,
                "backstage.io/techdocs-ref": EVIL,
                "backstage.io/source-location": f"url:{EVIL_URL}",
            },
            "links": [
                {"url": 'https://example.org/"onclick=alert(1)//', "title": EVIL, "icon": EVIL, "type": EVIL}
            ],
        },
        "spec": spec,
    }


OPENAPI = """
openapi: 3.0.0
info:
  {title: '%(evil)s', version: '%(evil)s', description: '%(evil)s', contact: {url: '%(url)s'}}
servers: [{url: '%(url)s', description: '%(evil)s'}]
tags: [{name: '%(evil)s', description: '%(evil)s'}]
paths:
  '/%(evil)s':
    get:
      summary: '%(evil)s'
      operationId: '%(evil)s'
      tags: ['%(evil)s']
      parameters:
        - {name: '%(evil)s', in: query, description: '%(evil)s', schema: {type: string, enum: ['%(evil)s']}}
      responses:
        '200':
          description: '%(evil)s'
          content: {'%(evil)s': {schema: {$ref: '#/components/schemas/Evil'}}}
components:
  schemas:
    Evil: {type: object, description: '%(evil)s', properties: {'%(evil)s': {type: '%(evil)s'}}}
"""


def definition(text: str) -> str:
    return text % {"evil": EVIL.replace("'", "''"), "url": EVIL_URL}


def catalog() -> list[dict[str, Any]]:
    service = {
        "type": EVIL,
        "lifecycle": EVIL,
        "owner": "crew",
        "system": "fleet",
        "dependsOn": ["resource:base"],
    }
    api = {"lifecycle": EVIL, "owner": "crew"}
    profile = {"displayName": EVIL, "email": EVIL, "picture": EVIL_URL}
    graphql = f'"""{EVIL}""" type Query {{ "{EVIL.replace(chr(34), "")}" a(b: Int = 1): String }}'
    proto = (
        f'syntax = "proto3"; // {EVIL}\nservice Evil {{ rpc A (B) returns (B); }} // {EVIL}\nmessage B {{}}'
    )
    events = definition(OPENAPI).replace("openapi: 3.0.0", "asyncapi: 2.6.0")
    return [
        entity("Component", "evil", **service, providesApis=["openapi", "nowhere"], consumesApis=["graphql"]),
        entity("API", "openapi", type="openapi", definition=definition(OPENAPI), **api),
        entity("API", "asyncapi", type="asyncapi", definition=events, **api),
        entity("API", "graphql", type="graphql", definition=graphql, **api),
        entity("API", "grpc", type="grpc", definition=proto, **api),
        entity("API", "other", type=EVIL, definition=EVIL, **api),
        entity("Resource", "base", type=EVIL, owner="crew"),
        entity("System", "fleet", type=EVIL, owner="crew", domain="sea"),
        entity("Domain", "sea", type=EVIL, owner="crew"),
        entity("Group", "crew", type=EVIL, profile=profile, children=[]),
        entity("User", "jane", profile=profile, memberOf=["crew"]),
    ]


FOLLOWED = ("href", "src", "action", "formaction", "hx-get", "hx-post", "data-path")
INSPECT = ("ancestry", "colocated", "json", "yaml", "raw")


class Reader(HTMLParser):
    """Collects what a browser would run or follow."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("style", "iframe", "object", "embed", "base") or (tag == "script" and "src" not in given):
            self.wrong.append(f"<{tag}> at {self.getpos()}")
        for name, value in attrs:
            text = (value or "").strip().lower()
            if (
                name.startswith("on")
                or name in ("style", "srcdoc")
                or not name.replace("-", "").replace(":", "").isalnum()
            ):
                self.wrong.append(f"{tag} has {name}={value!r}")
            elif name in FOLLOWED and text.startswith(("javascript:", "vbscript:", "data:text", "//")):
                self.wrong.append(f"{tag} leads to {value!r}")


def assert_harmless(html: str, path: str) -> None:
    reader = Reader()
    reader.feed(html)
    assert not reader.wrong, f"{path}: {reader.wrong[:5]}"


def with_parameters(path: str, **given: str) -> str:
    """A path about the evil component, or about what is given."""
    usual = {"namespace": "default", "kind": "component", "name": "evil", "format": "json"}
    return with_values(path, {**usual, **given})


def filled(path: str) -> Iterator[str]:
    """A page's path with every entity of the catalog, or what else its parameters stand for."""
    if "{" not in path:
        yield path
        return
    for one in catalog():
        name, kind = one["metadata"]["name"], one["kind"].lower()
        for tab in TABS if "{tab}" in path else [""]:
            yield with_parameters(path, kind=kind, name=name, tab=tab)


@pytest.fixture
async def evil(open_site: OpenSite) -> Site:
    site = await open_site()
    await site.give(*catalog())
    assert len(site.node.refs) == len(catalog())
    await site.post("/settings", {"me": "jane"})
    for one in ("component:default/evil", "api:default/openapi"):
        await site.post("/-/star", {"ref": one, "starred": "yes"})
    return site


async def test_nothing_of_an_entity_runs_on_any_page(evil: Site) -> None:
    more = [
        "/search?term=alert",
        f"/search?term={quote(EVIL)}",
        "/search/suggest?term=evil",
        "/catalog?filters[kind]=all&limit=100&columns=name,owner,type,description,tags,lifecycle",
        f"/catalog?filters[text]={quote(EVIL)}&filters[owners]={quote(EVIL)}&sort={quote(EVIL)}",
        "/catalog-graph?rootEntityRefs[]=component:default/evil&maxDepth=3",
        "/catalog-graph.svg?rootEntityRefs[]=component:default/evil&maxDepth=3",
        f"/catalog-graph?rootEntityRefs[]={quote(EVIL)}&selectedKinds[]={quote(EVIL)}",
        f"/catalog-import?url={quote(EVIL_URL)}",
        f"/admin/problems?q={quote(EVIL)}",
        f"/organisation?filter={quote(EVIL)}",
        *(f"/catalog/default/component/evil/inspect?view={view}" for view in INSPECT),
    ]
    seen = 0
    for path in [*(path for route in GETS for path in filled(route)), *more]:
        answer = await evil.client.get(path)
        assert answer.status_code < 500, path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        kind = answer.headers.get("content-type", "")
        if "svg" in kind:  # opened by itself it is saved, or may do nothing
            saved = answer.headers.get("content-disposition", "").startswith("attachment")
            assert saved or "sandbox" in answer.headers["content-security-policy"], path
        if kind.startswith("text/html"):
            seen += 1
            assert_harmless(answer.text, path)
            assert "<script>alert" not in answer.text, path
    assert seen > 60


NAMES = st.sampled_from(
    """filters[kind] filters[type] filters[owners] filters[text] filters[user] filters[error] sort columns
    limit offset cursor page term kind types rootEntityRefs[] maxDepth selectedKinds[] direction curve
    mergeRelations url example filter root show provider q type at before view done
    with all refreshed theme ref""".split()  # noqa: SIM905
)
VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "-1",
            "0",
            "99999999999999999999",
            "1e309",
            "NaN",
            "%",
            "%00",
            "\x00",
            "null",
            "true",
            "a:b:c/d/e",
            "all",
        ]
    ),
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_query_string_breaks_a_page(open_site: OpenSite) -> None:
    site = await open_site()
    await site.give(*catalog())
    loop_paths = [with_parameters(path, tab="history") for path in GETS]
    cases: list[tuple[str, list[tuple[str, str]]]] = []

    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(loop_paths), st.lists(st.tuples(NAMES, VALUES), max_size=5))
    def gather(path: str, pairs: list[tuple[str, str]]) -> None:
        cases.append((path, pairs))

    gather()
    for path, pairs in cases:
        text = "&".join(f"{quote(name)}={quote(value, errors='replace')}" for name, value in pairs)
        answer = await site.client.get(f"{path}?{text}")
        assert answer.status_code < 500, f"{path}?{text}"
    for raw in (b"%ff=%fe", b"filters[kind]=%ed%a0%80", b"&&&===;", b"limit=" + b"9" * 5000):
        for path in loop_paths:
            answer = await site.client.get(f"{path}?{raw.decode('latin-1')}")
            assert answer.status_code < 500, f"{path}?{raw[:40]!r}"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_form_is_taken_from_our_own_pages_only(site: Site) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    for route in POSTS:
        path = with_parameters(route, tab="x")
        for where in (
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "https://evil.example"},
            {"origin": "null"},
        ):
            answer = await site.client.post(path, content=b"a=b", headers={**form, **where})
            assert answer.status_code == 403, (path, where)


GARBAGE = [
    b"",
    b"%ff%fe",
    b"\x00",
    b"a" * 100_000,
    b"ref=%00&starred=yes&what=entity",
    b"&".join([b"x=1"] * 30_000),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_garbage_in_a_form_is_refused_politely(site: Site) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    for route in POSTS:
        path = with_parameters(route, tab="x")
        for body in GARBAGE:
            answer = await site.client.post(path, content=body, headers=headers)
            assert answer.status_code < 500, (path, body[:40])
