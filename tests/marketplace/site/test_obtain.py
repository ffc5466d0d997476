"""The installer gets the wheel that a listing was read from: of a folder or an index, never by its name."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from callboard.catalog.query import Queries
from callboard.core.config import Config, load_config
from callboard.core.errors import CallboardError, InputError, NotFoundError
from callboard.core.reader import UrlReader
from callboard.marketplace.obtain import find_wheel
from callboard.marketplace.plugin import PLUGIN
from callboard.plugins import Offers, PluginContext
from callboard.plugins.install.resolve import read_source
from tests.core.reader.servers import answer, running
from tests.marketplace.conftest import located, until
from tests.marketplace.wheels import wheel
from tests.portal.conftest import OpenSite
from tests.portal.site import Site


def context_of(site: Site, config: dict[str, Any], allow: list[str] | None = None) -> PluginContext:
    offers = Offers()
    offers.offer(Queries, Queries(site.node.runtime.index), "catalog.read")
    offers.offer(
        Config, load_config([], {f"APP_CONFIG_{key}": json.dumps(value) for key, value in config.items()})
    )
    reading = {"backend": {"reading": {"allow": [{"host": host} for host in allow or []]}}}
    offers.offer(UrlReader, UrlReader.from_config(reading), "network")
    return PluginContext(PLUGIN, None, offers)


async def test_a_wheel_of_a_folder_is_the_one_that_was_read(open_site: OpenSite, tmp_path: Path) -> None:
    folder = tmp_path / "wheels"
    folder.mkdir()
    made = {version: wheel(version=version) for version in ("1.0", "1.1")}
    for one in made.values():
        (folder / one.filename).write_bytes(one.content)
    sources = [{"target": str(folder), "namespace": "open"}]
    site = await open_site(config={"marketplace_wheels": f'[{{"target": "{folder}", "namespace": "open"}}]'})
    await until(site, lambda: len(site.node.names("release")) == 2)
    (name,) = site.node.names("listing")
    context = context_of(site, {"marketplace": {"wheels": sources}})

    assert await find_wheel(context, f"open/{name}") == (made["1.1"].filename, made["1.1"].content)
    assert (await find_wheel(context, f"open/{name}@1.0"))[1] == made["1.0"].content
    with pytest.raises(NotFoundError, match="no version 9"):
        await find_wheel(context, f"open/{name}@9")
    with pytest.raises(NotFoundError, match="no listing"):
        await find_wheel(context, "open/nothing")
    with pytest.raises(InputError, match="Nothing says where"):  # the folder is configured no more
        await find_wheel(context_of(site, {}), f"open/{name}")
    (folder / made["1.1"].filename).write_bytes(wheel(version="1.1", readme="# Another\n").content)
    with pytest.raises(InputError, match="is not the one that was read"):
        await find_wheel(context, f"open/{name}")


async def test_a_wheel_of_an_index_is_the_one_that_was_read(open_site: OpenSite) -> None:
    made = wheel()
    with running() as server:
        link = f'<a href="../files/{made.filename}#sha256={sha256(made.content).hexdigest()}">x</a>'
        server.routes["/simple/callboard-plugin-tides/"] = answer(link.encode())
        server.routes[f"/simple/files/{made.filename}"] = answer(made.content)
        target = server.url("/simple")
        index = f'[{{"target": "{target}", "packages": ["callboard-plugin-tides"]}}]'
        site = await open_site(config={"marketplace_indexes": index}, allow=[server.host])
        await until(site, lambda: bool(site.node.names("release")))
        (name,) = site.node.names("listing")
        given = {"marketplace": {"indexes": [{"target": target, "packages": ["callboard-plugin-tides"]}]}}
        found = await find_wheel(context_of(site, given, [server.host]), f"default/{name}")
        assert found == (made.filename, made.content)


async def test_what_somebody_wrote_into_a_descriptor_is_not_installed(
    open_site: OpenSite, tmp_path: Path
) -> None:
    made = wheel()
    path = tmp_path / made.filename
    path.write_bytes(made.content)
    api = "callboard.io/v1alpha1"
    artefact = {"url": path.as_uri(), "sha256": sha256(made.content).hexdigest()}
    spec: dict[str, Any] = {"listing": "tides", "version": "1.0", "artefact": artefact}
    given = {"Listing": ("tides", {"source": {"type": "wheel"}}), "Release": ("tides-1", spec)}
    site = await open_site()
    await site.give(
        *(
            located({"apiVersion": api, "kind": kind, "metadata": {"name": name}, "spec": spec})
            for kind, (name, spec) in given.items()
        )
    )
    await until(site, lambda: bool(site.node.names("release")))
    context = context_of(site, {"marketplace": {"wheels": [{"target": str(tmp_path)}]}})
    with pytest.raises(InputError, match="Nothing says where"):
        await find_wheel(context, "default/tides")


def test_no_source_of_a_listing_is_ever_taken_for_a_package() -> None:
    for source in ("marketplace:tides", "listing:default/tides"):
        with pytest.raises(CallboardError):
            read_source(source)
