"""Whatever a policy says, no path of the whole portal tells of an entity that by-name denies."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.access.attacks.siege import ROOT, Siege, roles
from tests.portal.hidden import CANARY, rule

ANY = "user:default/anybody"
POLICY = "/api/permission/policy"
KINDS = ["Component", "Group", "User", "API", "System", "Resource", "Domain"]
RULES = st.one_of(
    st.lists(st.sampled_from(KINDS), max_size=4, unique=True).map(
        lambda some: rule("IS_ENTITY_KIND", kinds=some)
    ),
    st.sampled_from(["group:default/crew", f"group:default/{CANARY}-team", "$ownerRefs"]).map(
        lambda one: rule("IS_ENTITY_OWNER", claims=[one])
    ),
    st.sampled_from(["open", "closed", "none"]).map(lambda one: rule("HAS_LABEL", label=one)),
    st.sampled_from(["example.org/open", f"example.org/{CANARY}"]).map(
        lambda one: rule("HAS_ANNOTATION", annotation=one)
    ),
    st.sampled_from(["title", "open", "tags"]).map(lambda one: rule("HAS_METADATA", key=one)),
    st.sampled_from(["type", "system", "owner", "profile.email"]).map(lambda one: rule("HAS_SPEC", key=one)),
)
CONDITIONS = st.recursive(
    RULES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda some: {"anyOf": some}),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: {"allOf": some}),
        inner.map(lambda one: {"not": one}),
    ),
    max_leaves=6,
)
GRANTS = st.lists(
    st.fixed_dictionaries(
        {"effect": st.sampled_from(["allow", "allow", "deny"]), "conditions": CONDITIONS}
    ).map(lambda one: {"permission": "catalog.entity.read", **one}),
    min_size=1,
    max_size=3,
)


async def told(browser: httpx.AsyncClient, refs: list[str]) -> dict[str, set[str]]:
    """The refs that each path names, and the counts as sets of one."""
    listed = (await browser.get("/api/catalog/entities")).json()
    queried = (await browser.get("/api/catalog/entities/by-query?orderField=metadata.name,asc")).json()
    asked = await browser.post("/api/catalog/entities/by-refs", json={"entityRefs": refs})
    exported = orjson.loads((await browser.get("/catalog/export.json?filters[kind]=all")).content)
    found = (await browser.get("/api/search/query?term=&pageLimit=100")).json()["results"]
    return {
        "list": {ref_of(one) for one in listed},
        "query": {ref_of(one) for one in queried["items"]},
        "refs": {ref_of(one) for one in asked.json()["items"] if one},
        "export": {one["ref"] for one in exported},
        "search": {location_ref(one["document"]) for one in found if one["type"] == "software-catalog"},
    }


def ref_of(entity: dict[str, Any]) -> str:
    metadata = entity["metadata"]
    return f"{entity['kind']}:{metadata.get('namespace', 'default')}/{metadata['name']}".lower()


def location_ref(document: dict[str, Any]) -> str:
    """The ref of the entity that a found document is about."""
    namespace, kind, name = document["location"].removeprefix("/catalog/").split("/")[:3]
    return f"{kind}:{namespace}/{name}"


async def granted(siege: Siege, grants: list[dict[str, Any]]) -> None:
    """From now on this is all that ANY may do."""
    async with await siege.user(ROOT) as root:
        version = (await root.get(POLICY)).json()["version"]
        document = roles()
        document["roles"].append({"name": "any", "members": [ANY], "grants": grants})
        saved = await root.put(POLICY, json={"document": document, "version": version})
        assert saved.status_code == 200, saved.text


@pytest.mark.asyncio(loop_scope="package")
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(GRANTS)
async def test_no_path_reveals_what_by_name_denies(siege: Siege, grants: list[dict[str, Any]]) -> None:
    await granted(siege, grants)
    refs = sorted(siege.node.refs)
    async with await siege.user(ANY) as browser:
        browser.headers["accept"] = "application/json, text/html"
        allowed = set()
        for ref in refs:
            path = ref.replace(":", "/")
            if (await browser.get(f"/api/catalog/entities/by-name/{path}")).status_code == 200:
                allowed.add(ref)
        for path, named in (await told(browser, refs)).items():
            assert named == allowed, path
        counted = (await browser.get("/api/catalog/entities/by-query?limit=0")).json()["totalItems"]
        facets = (await browser.get("/api/catalog/entity-facets?facet=metadata.name")).json()["facets"]
        assert counted == len(allowed) == sum(one["count"] for one in facets["metadata.name"])
        hidden = {ref.rpartition("/")[2] for ref in refs if CANARY in ref and ref not in allowed}
        for ref in sorted(allowed)[:3]:
            namespace, name = ref.partition(":")[2].split("/")
            page = f"/catalog/{namespace}/{ref.partition(':')[0]}/{name}"
            for address in (page, f"{page}/relations", f"/catalog-graph.svg?rootEntityRefs[]={ref}"):
                text = (await browser.get(address)).text
                assert not any(one in text for one in hidden), address
