"""The real files of Red Hat's extensions catalog."""

from __future__ import annotations

from typing import Any

from callboard.catalog.query import Queries
from callboard.marketplace.asked import Browse
from callboard.marketplace.shelf import Shelves
from tests.marketplace.conftest import until
from tests.marketplace.made import package, plugin
from tests.portal.site import Site

Entities = list[dict[str, Any]]


async def test_every_file_is_taken_in_without_a_problem(site: Site, extension_entities: Entities) -> None:
    await site.give(*extension_entities)
    index = site.node.runtime.index
    await until(site, lambda: len(site.node.names("release")) == 99)

    assert (len(site.node.names("plugin")), len(site.node.names("listing"))) == (59, 59)
    assert (len(site.node.names("package")), len(site.node.names("plugincollection"))) == (187, 6)
    assert [index.ref(row) for row in index.failing] == []
    publishers = {"red-hat", "aws", "dynatrace"}
    await until(site, lambda: site.node.names("publisher") == publishers)


async def test_listings_know_their_packages_publisher_and_collections(
    site: Site, extension_entities: Entities
) -> None:
    await site.give(*extension_entities)
    index = site.node.runtime.index
    await until(site, lambda: index.row("publisher:default/red-hat") is not None)
    shelf = Shelves().of(Queries(index))

    detail = await shelf.listing("listing:rhdh/redhat-argocd")
    assert detail is not None
    assert [one.name for one in detail.listing.packages] == [
        "@backstage-community/plugin-argocd",
        "@backstage-community/plugin-argocd-backend",
    ]
    assert detail.publisher is not None
    assert detail.publisher.title == "Red Hat"
    assert {one.name for one in detail.collections} == {"cicd", "redhat"}
    assert [one.version for one in detail.releases] == ["2.8.0", "1.4.0"]
    assert detail.releases[0].supports_backstage == "1.49.4"
    assert detail.listing.icon.startswith("data:image/svg+xml;base64,")
    cicd = await shelf.collection("plugincollection:rhdh/cicd")
    assert cicd is not None
    assert len(cicd.listings) == 5


async def test_words_are_found_in_titles_first(site: Site, extension_entities: Entities) -> None:
    await site.give(*extension_entities)
    shelf = Shelves().of(Queries(site.node.runtime.index))
    shown = await shelf.browse(Browse(text="argo cd"))
    assert [one.listing.title for one in shown.items][:2] == ["Argo CD", "Roadie Argo CD"]
    assert (await shelf.browse(Browse(text="100%_\\"))).total == 0


async def test_a_facet_is_counted_with_the_other_filters(site: Site, extension_entities: Entities) -> None:
    await site.give(*extension_entities)
    shelf = Shelves().of(Queries(site.node.runtime.index))
    shown = await shelf.browse(Browse(category=("CI/CD",), support=("community",)))
    facets = {facet.name: {one.value: one.count for one in facet.values} for facet in shown.facets}
    assert shown.total == 6
    assert facets["support"] == {"community": 6}
    for category, count in facets["category"].items():
        alone = await shelf.browse(Browse(category=(category,), support=("community",)))
        assert alone.total == count, category


async def test_a_package_that_is_not_there_is_named_on_its_plugin_until_it_comes(site: Site) -> None:
    await site.give(plugin("tides", packages=["tides-frontend", "gone"]), package("tides-frontend"))
    index = site.node.runtime.index
    await until(site, lambda: bool(index.failing))
    entity = await site.node.entity("plugin:default/tides")
    assert [item["error"]["message"] for item in entity["status"]["items"]] == [
        'names the package "gone", which is not in the catalog'
    ]
    listing = await site.node.entity("listing:default/tides")
    assert listing["spec"]["missingPackages"] == ["gone"]

    await site.give(
        plugin("tides", packages=["tides-frontend", "gone"]), package("tides-frontend"), package("gone")
    )
    await until(site, lambda: not index.failing)
    listing = await site.node.entity("listing:default/tides")
    assert [one["name"] for one in listing["spec"]["packages"]] == ["@made/tides-frontend", "@made/gone"]


async def test_odd_files_are_mended_and_older_forms_are_read(site: Site) -> None:
    ada = {"name": "Ada", "url": "https://ada.example"}
    odd = plugin("odd", support="dev-preview", author=ada, publisher=None)
    odd["apiVersion"] = "marketplace.backstage.io/v1alpha1"
    links = [{"url": "javascript:alert(1)", "title": "x"}]
    odd["metadata"] |= {"tags": ["CI/CD", "ok"], "links": links, "title": 7}
    await site.give(odd, {**plugin("none"), "spec": None})
    entity = await site.node.entity("listing:default/odd")
    assert entity["metadata"]["tags"] == ["ci-cd", "ok"]
    assert "links" not in entity["metadata"]
    assert entity["spec"]["support"] == {"level": "dev-preview"}
    assert entity["spec"]["publisher"] == "publisher:default/ada"
    assert "listing:default/none" in site.node.refs


async def test_the_extensions_api_answers(site: Site, extension_entities: Entities) -> None:
    await site.give(*extension_entities)

    async def get(path: str) -> Any:
        answer = await site.client.get(f"/api/extensions/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    asked = "limit=5&offset=5&orderFields=metadata.title,asc&filter=spec.categories=CI/CD"
    plugins = await get(f"plugins?{asked}")
    assert plugins["totalItems"] == 6
    assert len(plugins["items"]) == 1
    assert "description" not in plugins["items"][0]["spec"]
    assert plugins["items"][0]["spec"]["installStatus"] == "NotInstalled"
    one = await get("plugin/rhdh/redhat-argocd")
    assert one["spec"]["description"].startswith("You can use the Argo CD plugin")
    assert len(await get("plugin/rhdh/redhat-argocd/packages")) == 2
    assert (await get("packages?limit=0"))["totalItems"] == 187
    assert (await get("collections"))["totalItems"] == 6
    assert [one["metadata"]["name"] for one in await get("collection/dynatrace/dynatrace/plugins")] == [
        "dynatrace-commercial"
    ]
    facets = await get("plugins/facets?facet=spec.support.level")
    assert {"value": "tech-preview", "count": 7} in facets["facets"]["spec.support.level"]
    assert (await site.client.get("/api/extensions/plugin/rhdh/none")).status_code == 404
