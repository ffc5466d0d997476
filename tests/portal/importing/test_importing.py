"""The import pages over a real catalog and a real host of descriptors, on either database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.catalog.nodes import component, component_yaml
from tests.core.reader.servers import Server, answer, running
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

PATH = "/catalog-info.yaml"
REGISTER = 'method="post" action="/catalog-import">'
BROKEN = (
    "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: a b\nspec:\n  type: service\n"
)


def text_of(html: str) -> str:
    """What a person reads, without the markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.partition("<main")[2] or html)).split())


@pytest.fixture
def host() -> Iterator[Server]:
    """A host that serves descriptors."""
    with running() as server:
        yield server


@pytest.fixture
async def site(open_site: OpenSite, host: Server) -> Site:
    """A portal that may read the host."""
    return await open_site(allow=[host.host])


def serve(host: Server, *documents: str, path: str = PATH) -> str:
    host.routes[path] = answer("---\n".join(documents).encode())
    return host.url(path)


async def checked(site: Site, url: str, status: int = 200) -> str:
    reply = await site.client.get("/catalog-import", params={"url": url})
    assert reply.status_code == status, reply.text[:1000]
    return reply.text


async def registered(site: Site, url: str) -> str:
    """Registers the URL and waits until its entities are there; returns the address of the page after."""
    reply = await site.post("/catalog-import", {"url": url})
    await site.node.settled()
    return reply.headers["location"]


async def test_the_form_explains_itself_and_checks_nothing_yet(site: Site, host: Server) -> None:
    page = await site.page("/catalog-import")
    assert "How it works" in page
    assert 'href="/catalog-import/paste?example=component"' in page
    assert "What it would do" not in page
    assert host.seen == []


async def test_a_url_shows_what_is_new_and_what_is_refused_with_its_place(site: Site, host: Server) -> None:
    url = serve(host, component_yaml("crane"), BROKEN)
    html = await checked(site, url)
    assert REGISTER in html
    page = text_of(html)
    assert "1 new" in page
    assert "1 refused" in page
    assert f"{url}:13:3" in page
    assert "spec.owner is required" in page
    assert await site.node.catalog.locations() == []  # nothing was written


async def test_what_would_change_is_shown_field_by_field(site: Site, host: Server) -> None:
    url = serve(host, component_yaml("crane"), component_yaml("hoist"))
    await registered(site, url)
    serve(host, component_yaml("crane", lifecycle="deprecated"), component_yaml("hoist"))
    page = await checked(site, url)
    assert "1 changed" in text_of(page)
    assert "1 unchanged" in text_of(page)
    assert "<del>production</del>" in page
    assert "<ins>deprecated</ins>" in page
    assert "registered already" in page
    assert REGISTER not in page


async def test_a_registered_url_leads_to_its_entities(site: Site, host: Server) -> None:
    url = serve(host, component_yaml("crane"), component_yaml("hoist"))
    where = await registered(site, url)
    assert where.startswith("/catalog-import/registered?url=")
    page = await site.page(where)
    assert "2 entities came in." in text_of(page)
    assert 'href="/catalog/default/component/crane"' in page
    assert 'hx-trigger="load delay:1s"' in page  # others may follow
    settled = await site.page(f"{where}&seen=2&turn=1", hx_request="true")
    assert "<html" not in settled
    assert "hx-trigger" not in settled


async def test_a_registered_url_that_cannot_be_read_says_why(site: Site, host: Server) -> None:
    url = host.url("/gone.yaml")
    page = text_of(await site.page(await registered(site, url)))
    assert "something in it could not be taken in" in page
    assert url in page


async def test_what_is_not_registered_has_no_page(site: Site) -> None:
    await site.page("/catalog-import/registered?url=https://example.org/x.yaml", 404)


async def test_a_url_that_is_registered_already_can_be_read_again(site: Site, host: Server) -> None:
    url = serve(host, component_yaml("crane"))
    await registered(site, url)
    reply = await site.post("/catalog-import", {"url": url}, 409)
    assert "registered already" in reply.text
    assert 'action="/catalog-import/refresh"' in reply.text
    serve(host, component_yaml("crane"), component_yaml("new"))
    await site.post("/catalog-import/refresh", {"url": url})
    await site.node.settled()
    assert site.node.names("component") == {"crane", "new"}
    await site.post("/catalog-import/refresh", {"url": f"{url}?other"}, 404)


async def test_two_who_register_the_same_url_make_one_location(site: Site, host: Server) -> None:
    url = serve(host, component_yaml("crane"))
    replies = await asyncio.gather(
        *(
            site.client.post("/catalog-import", data={"url": url}, headers={"sec-fetch-site": "same-origin"})
            for _ in range(2)
        )
    )
    assert sorted(reply.status_code for reply in replies) == [303, 409]
    assert len(await site.node.catalog.locations()) == 1


async def test_an_entity_of_another_source_is_a_conflict(site: Site, host: Server) -> None:
    await site.node.change(component("crane"), key="file:/its/own.yaml")
    page = text_of(await checked(site, serve(host, component_yaml("crane"))))
    assert "1 in conflict" in page
    assert "file:/its/own.yaml" in page
    assert "nothing here that the catalog could take in" in page


async def test_a_host_that_is_not_allowed_is_refused_with_what_to_do(site: Site) -> None:
    page = await checked(site, "https://not-allowed.example/catalog-info.yaml")
    assert "is not allowed" in page
    assert "backend.reading.allow" in page
    assert REGISTER not in page


@pytest.mark.parametrize(
    "url", ["foo", "ftp://a/b", "https://", "https://[::1", "javascript:alert(1)", "/etc/passwd"]
)
async def test_what_is_no_web_address_is_refused_before_it_is_read(site: Site, url: str) -> None:
    assert "Give a whole address" in await checked(site, url, 400)
    await site.post("/catalog-import", {"url": url}, 400)
    assert await site.node.catalog.locations() == []


async def test_an_address_that_is_too_long_is_refused(site: Site, host: Server) -> None:
    assert "at most 2000 characters" in await checked(site, host.url("/" + "x" * 2000), 400)


async def test_a_repository_without_a_descriptor_gets_a_draft(site: Site, host: Server) -> None:
    page = await checked(site, host.url("/ports/crane"))
    assert "A first descriptor for it" in page
    assert "name: crane" in page
    draft = re.search(r"<textarea[^>]*>\n([^<]+)</textarea>", page)
    assert draft
    editor = await site.post("/catalog-import/paste", {"text": unescape(draft[1])}, 200)
    assert "1 new" in text_of(editor.text)


async def test_a_check_asked_by_script_is_a_part_of_a_page(site: Site, host: Server) -> None:
    reply = await site.client.get(
        "/catalog-import",
        params={"url": serve(host, component_yaml("crane"))},
        headers={"hx-request": "true"},
    )
    assert "<html" not in reply.text
    assert 'id="verdict"' in reply.text
    wrong = await site.client.get("/catalog-import", params={"url": "foo"}, headers={"hx-request": "true"})
    assert wrong.status_code == 200  # htmx shows no answer that failed
    assert "Give a whole address" in wrong.text


async def test_a_pasted_text_is_checked_and_stays_in_the_editor(site: Site) -> None:
    reply = await site.post(
        "/catalog-import/paste", {"text": component_yaml("crane").replace("\n", "\r\n")}, 200
    )
    assert "1 new" in text_of(reply.text)
    assert "It is valid" in reply.text
    assert ">\napiVersion: backstage.io/v1alpha1\nkind: Component\n" in reply.text
    assert REGISTER not in reply.text
    assert site.node.refs == set()


async def test_a_mistake_in_a_pasted_text_is_shown_in_its_line(site: Site) -> None:
    reply = await site.post("/catalog-import/paste", {"text": BROKEN}, 200)
    assert "catalog-info.yaml:4:3" in reply.text
    assert '<span class="import-excerpt-number">4</span>  <mark>name:</mark> a b' in reply.text
    assert "It is valid" not in reply.text


async def test_broken_yaml_hides_no_healthy_document(site: Site) -> None:
    text = component_yaml("crane") + "---\nfoo: [1\n---\n" + component_yaml("hoist")
    page = text_of((await site.post("/catalog-import/paste", {"text": text}, 200)).text)
    assert "2 new" in page
    assert "1 refused" in page
    assert "is not closed" in page


async def test_a_pasted_text_shows_what_it_would_change(site: Site, host: Server) -> None:
    await registered(site, serve(host, component_yaml("crane")))
    text = component_yaml("crane", owner="other")
    page = await site.post("/catalog-import/paste", {"text": text}, 200)
    assert "<ins>other</ins>" in page.text


async def test_what_is_pasted_stays_text(site: Site) -> None:
    text = "kind: </textarea><script>alert(1)</script>\n"
    page = (await site.post("/catalog-import/paste", {"text": text}, 200)).text
    assert "<script>alert" not in page


@pytest.mark.parametrize("text", ["", "  \n", "---\n", "# nothing\n"])
async def test_an_empty_text_is_no_mistake(site: Site, text: str) -> None:
    page = (await site.post("/catalog-import/paste", {"text": text}, 200)).text
    assert "refused" not in text_of(page)
    assert "It is valid" not in page


async def test_a_text_that_is_too_large_says_so(site: Site) -> None:
    page = (await site.post("/catalog-import/paste", {"text": "# x\n" * 600_000}, 200)).text
    assert "at most 2,097,152 are previewed" in page


async def test_an_example_stands_in_the_editor_and_is_valid(site: Site) -> None:
    page = await site.page("/catalog-import/paste?example=component")
    assert "name: my-service" in page
    assert "It is valid" in page
    await site.page("/catalog-import/paste?example=spaceship", 400)


async def test_a_text_is_downloaded_as_the_file_it_becomes(site: Site) -> None:
    text = component_yaml("crane")
    form = {"text": text.replace("\n", "\r\n")}
    reply = await site.post("/catalog-import/paste/catalog-info.yaml", form, 200)
    assert reply.text == text
    assert reply.headers["content-disposition"] == 'attachment; filename="catalog-info.yaml"'
    assert reply.headers["content-type"].startswith("application/yaml")


async def test_a_read_only_catalog_explains_itself_and_registers_nothing(
    open_site: OpenSite, host: Server
) -> None:
    site = await open_site(allow=[host.host], readonly=True)
    url = serve(host, component_yaml("crane"))
    for path in ("/catalog-import", "/catalog-import/paste"):
        page = await site.page(path)
        assert "This catalog is read-only." in page
        assert "<textarea" not in page
    await site.post("/catalog-import", {"url": url}, 403)
    await site.post("/catalog-import/refresh", {"url": url}, 403)
    await checked(site, url)
    assert host.seen == []


async def test_a_form_of_another_site_registers_nothing(site: Site, host: Server) -> None:
    await site.post(
        "/catalog-import", {"url": serve(host, component_yaml("crane"))}, 403, sec_fetch_site="cross-site"
    )
    assert await site.node.catalog.locations() == []
