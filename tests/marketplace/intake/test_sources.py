"""Files of the open plugin directory and folders of wheels, through the catalog."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from callboard.catalog.query import Queries
from callboard.marketplace.shelf import Shelves
from tests.core.reader.servers import Server, answer, running
from tests.marketplace.conftest import until
from tests.marketplace.wheels import wheel
from tests.plugins.install.wheels import Made
from tests.portal.conftest import OpenSite
from tests.portal.site import Site

GOOD = """---
title: Tides
author: Harbour Works
authorUrl: https://harbour.example
category: Monitoring
description: High and low water beside every harbour.
documentation: https://harbour.example/tides
npmPackageName: "@harbour/plugin-tides"
addedDate: '2024-02-29'
status: inactive
"""


JSON = "application/vnd.pypi.simple.v1+json"


async def opened(open_site: OpenSite, key: str, folder: Path) -> Site:
    return await open_site(config={f"marketplace_{key}": f'[{{"target": "{folder}", "namespace": "open"}}]'})


async def test_a_file_of_the_directory_becomes_a_listing_and_mistakes_are_told_with_their_line(
    open_site: OpenSite, tmp_path: Path
) -> None:
    folder = tmp_path / "directory"
    folder.mkdir()
    (folder / "tides.yaml").write_text(GOOD)
    (folder / "bad.yaml").write_text(GOOD.replace("https://harbour.example/tides", "not a url"))
    site = await opened(open_site, "directories", folder)
    await until(site, lambda: "listing:open/harbour-plugin-tides" in site.node.refs)

    listing = await site.node.entity("listing:open/harbour-plugin-tides")
    assert listing["spec"]["lifecycle"] == "inactive"
    assert listing["spec"]["packages"] == [{"ecosystem": "npm", "name": "@harbour/plugin-tides"}]
    problems: list[dict[str, Any]] = await site.node.catalog.problems()
    told = [(one["source"], one["line"], one["field"], one["message"]) for one in problems]
    assert told == [(str(folder / "bad.yaml"), 7, "documentation", "must be an http or https URL")]


async def test_wheels_of_a_folder_become_a_listing_with_releases(open_site: OpenSite, tmp_path: Path) -> None:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for version in ("1.9", "1.10", "2.0rc1"):
        made = wheel(version=version)
        (folder / made.filename).write_bytes(made.content)
    (folder / "broken-1.0-py3-none-any.whl").write_bytes(b"no zip")
    site = await opened(open_site, "wheels", folder)
    await until(site, lambda: len(site.node.names("release")) == 3)

    (name,) = site.node.names("listing")
    detail = await Shelves().of(Queries(site.node.runtime.index)).listing(f"listing:open/{name}")
    assert detail is not None
    assert [one.version for one in detail.releases] == ["2.0rc1", "1.10", "1.9"]
    assert detail.latest is not None
    assert detail.latest.version == "1.10"
    assert len(detail.latest.artefact.sha256) == 64
    assert detail.listing.license == "Apache-2.0"
    assert detail.listing.description.startswith("# Tides")
    told = [one["source"] for one in await site.node.catalog.problems()]
    assert told == [str(folder / "broken-1.0-py3-none-any.whl")]


def digest(made: Made) -> str:
    return sha256(made.content).hexdigest()


def page_of(*wheels: Made, attributes: str = "") -> bytes:
    """A page of PEP 503; the attributes are the last wheel's."""
    links = [f'<a href="../files/{one.filename}#sha256={digest(one)}"' for one in wheels]
    return f"<!doctype html><body>{'>x</a>'.join(links)} {attributes}>x</a></body>".encode()


async def indexed(open_site: OpenSite, server: Server, packages: str) -> Site:
    index = f'[{{"target": "{server.url("/simple")}", "namespace": "open", "packages": {packages}}}]'
    return await open_site(config={"marketplace_indexes": index}, allow=[server.host])


async def test_wheels_of_an_index_become_a_listing_with_releases(open_site: OpenSite) -> None:
    made = [wheel(version=version) for version in ("1.9", "1.10")]
    with running() as server:
        page = page_of(made[1], made[0], attributes='data-yanked="loses rows"')
        server.routes["/simple/"] = answer(b'<a href="callboard-plugin-tides/">a</a><a href="gone/">b</a>')
        server.routes["/simple/callboard-plugin-tides/"] = answer(page)
        for one in made:
            server.routes[f"/simple/files/{one.filename}"] = answer(one.content)
        site = await indexed(open_site, server, "[]")
        await until(site, lambda: len(site.node.names("release")) == 2)
        (name,) = site.node.names("listing")
        detail = await Shelves().of(Queries(site.node.runtime.index)).listing(f"listing:open/{name}")
        assert detail is not None
        assert [one.version for one in detail.releases] == ["1.10", "1.9"]
        assert [one.yanked.reason if one.yanked else None for one in detail.releases] == [None, "loses rows"]
        assert detail.releases[0].artefact.url == server.url(f"/simple/files/{made[1].filename}")
        told = {one["source"] for one in await site.node.catalog.problems()}
        assert told == {server.url("/simple/gone/")}, "one package that is not there hides no other"


async def test_a_wheel_that_is_not_what_the_index_says_is_refused(open_site: OpenSite) -> None:
    good, changed = wheel(version="1.0"), wheel(version="1.1")
    with running() as server:
        files: list[dict[str, Any]] = [
            {
                "filename": one.filename,
                "url": f"/f/{one.filename}",
                "hashes": {"sha256": digest(good)},
            }
            for one in (good, changed)
        ]
        files[0]["upload-time"] = "2026-05-04T03:02:01Z"
        body = json.dumps({"files": files}).encode()
        server.routes["/simple/callboard-plugin-tides/"] = answer(
            body, Content_Type="application/vnd.pypi.simple.v1+json"
        )
        for one in (good, changed):
            server.routes[f"/f/{one.filename}"] = answer(one.content)
        site = await indexed(open_site, server, '["Callboard_Plugin_Tides"]')
        await until(site, lambda: len(site.node.names("release")) == 1)
        (name,) = site.node.names("release")
        release = await site.node.entity(f"release:open/{name}")
        assert (release["spec"]["version"], release["spec"]["date"]) == ("1.0", "2026-05-04")
        (problem,) = await site.node.catalog.problems()
        assert problem["source"] == server.url(f"/f/{changed.filename}")
        assert "SHA-256" in problem["message"]


async def test_an_index_whose_host_is_not_allowed_is_not_asked(open_site: OpenSite) -> None:
    with running() as server:
        index = f'[{{"target": "{server.url("/simple")}", "packages": ["tides"]}}]'
        site = await open_site(config={"marketplace_indexes": index})
        await site.node.settled()
        assert "backend.reading.allow" in (await site.node.messages())[0]
        assert not server.seen
