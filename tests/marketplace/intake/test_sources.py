"""Files of the open plugin directory and folders of wheels, through the catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from callboard.catalog.query import Queries
from callboard.marketplace.shelf import Shelves
from tests.marketplace.conftest import until
from tests.marketplace.wheels import wheel
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
