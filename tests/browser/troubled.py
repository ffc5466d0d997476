"""A portal where things went wrong: a held-back deletion, orphans, errors, a conflict, a failing location."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.catalog.nodes import Options, component, component_yaml, location, started, write
from tests.servers import Server, running_server

BROKEN = component_yaml("windlass").replace("  lifecycle: production\n  owner: team\n", "")


@contextmanager
def troubled_portal(folder: Path) -> Iterator[Server]:
    """Twelve cranes came from a provider that is gone by now; bollard and fender are orphans."""
    data, files = folder / "data", folder / "files"
    data.mkdir(parents=True)
    # A loop of its own, since that of the tests belongs to the browser.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _prepare(data, files)).result()
    write(files / "all.yaml", component_yaml("quay"), BROKEN, component_yaml("crane-1"))
    write(files / "catalog-info.yaml", _location("./all.yaml", "./gone.yaml"))
    env = {"APP_CONFIG_catalog_orphanStrategy": "keep"}
    with running_server([files / "catalog-info.yaml"], env, data=data) as server:
        yield server


async def _prepare(data: Path, files: Path) -> None:
    node = await started(f"sqlite+aiosqlite:///{data / 'callboard.sqlite'}", Options(keep_orphans=True))
    try:
        await node.give(*(component(f"crane-{number}") for number in range(12)), provider="harbour-inventory")
        names = ("bollard", "fender")
        file = write(files / "former.yaml", *map(component_yaml, (*names, "stays")))
        await node.give(location(file), provider="files")
        write(file, component_yaml("stays"))
        await node.runtime.connection("files").refresh([f"file:{file}"])
        await node.settled()
    finally:
        await node.stop()


def _location(*targets: str) -> str:
    lines = "".join(f"    - {target}\n" for target in targets)
    return (
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: harbour\n  title: Harbour\n"
        f"spec:\n  targets:\n{lines}"
    )
