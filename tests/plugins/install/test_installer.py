"""Installing, replacing and removing plugins on both databases, and on two nodes of one portal."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callboard.core.config import load_config
from callboard.core.database import Database
from callboard.core.errors import ConflictError, InputError, NotFoundError
from callboard.plugins.install import Installer
from callboard.plugins.install.environment import FOLDER, load, unpack
from callboard.plugins.live import Found
from callboard.plugins.settings import PluginSettings
from callboard.plugins.storage import PluginStorage
from callboard.plugins.tables import (
    plugin_artifacts,
    plugin_data,
    plugin_installations,
    plugin_settings,
    plugin_tasks,
)
from tests.plugins.install.wheels import Recipe, library, manifest, plugin

TIDES = "callboard_tides_test"


@pytest.fixture(autouse=True)
def clean_python() -> Iterator[None]:
    """Python's path and modules as they were."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.startswith(("callboard_", "buoys")):
            del sys.modules[name]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await PluginSettings(opened).migrate()
    yield opened
    await opened.close()


@pytest.fixture
def node(database: Database, tmp_path: Path) -> Installer:
    return made_node(database, tmp_path / "node")


def made_node(database: Database, data: Path) -> Installer:
    return Installer(database, data, load_config([], {}), ["catalog"], grace=0)


async def install(node: Installer, folder: Path, *recipes: Recipe) -> None:
    for recipe in recipes:
        recipe.made().at(folder)
    await node.apply(await node.plan(str(folder)), "user:default/ann")


async def loaded(node: Installer) -> dict[str, Found]:
    return {one.id: one for one in await node.found()}


def version_of(found: Found) -> str:
    """What the code that runs says of itself."""
    assert found.plugin is not None, found.problem
    page: Any = found.plugin.contributions[0]
    return str(page.handler.__globals__["VERSION"])


async def count(database: Database, table: Any) -> int:
    async with database.read() as rows:
        return int((await rows.execute(select(func.count()).select_from(table))).scalar_one())


async def settle(check: Any) -> None:
    """Wait for what happens after the grace of nothing."""
    async with asyncio.timeout(5):
        while not check():  # noqa: ASYNC110 - files have no event to wait for
            await asyncio.sleep(0.01)


async def test_a_plan_says_everything_and_changes_nothing(
    node: Installer, database: Database, tmp_path: Path
) -> None:
    plugin(needs=["network"], requires=["buoys"]).made().at(tmp_path / "wheels")
    library("buoys").made().at(tmp_path / "wheels")
    plan = await node.plan(str(tmp_path / "wheels"))
    assert (plan.plugin, plan.distribution, plan.version) == ("tides", "callboard-plugin-tides", "1.0")
    assert plan.manifest == manifest(asks=["network"])
    assert [wheel.name for wheel in plan.wheels] == ["callboard-plugin-tides", "buoys"]
    assert (plan.replaces, plan.new_needs) == (None, ("network",))
    assert plan.size == sum(len(wheel.content) for wheel in plan.wheels)
    assert plan.verified == {"sha256": plan.wheels[0].sha256, "attestation": "none"}
    assert TIDES not in sys.modules
    assert await count(database, plugin_installations) == 0


async def test_what_is_installed_is_on_record_and_runs_from_its_own_folder(
    node: Installer, database: Database, tmp_path: Path
) -> None:
    before = await PluginSettings(database).revision()
    await install(node, tmp_path / "wheels", plugin(requires=["buoys"]), library("buoys"))
    assert await PluginSettings(database).revision() > before
    one = (await node.installed())["tides"]
    assert (one.version, one.installed_by, one.entry_point) == ("1.0", "user:default/ann", f"{TIDES}:PLUGIN")
    assert one.manifest == manifest()
    found = (await loaded(node))["tides"]
    assert (found.origin, found.version, found.problem) == ("installed", "1.0", "")
    assert version_of(found) == "1.0"
    folder = Path(str(sys.modules[TIDES].__file__)).parents[1]
    assert folder.parent == tmp_path / "node" / FOLDER / "tides"
    assert (folder / "buoys" / "__init__.py").is_file()
    assert sys.path[-1] == str(folder)
    assert folder.stat().st_mode & 0o077 == 0
    assert (await loaded(node))["tides"] is found


async def test_two_nodes_run_the_same_without_asking_for_the_source_again(
    database: Database, tmp_path: Path
) -> None:
    first, second = made_node(database, tmp_path / "a"), made_node(database, tmp_path / "b")
    source = tmp_path / "wheels"
    await install(first, source, plugin(requires=["buoys"]), library("buoys"))
    for path in source.iterdir():
        path.unlink()
    assert version_of((await loaded(first))["tides"]) == "1.0"
    sys.modules.pop(TIDES)  # the second node is another process in truth
    sys.path[:] = [one for one in sys.path if not one.startswith(str(tmp_path / "a"))]
    assert version_of((await loaded(second))["tides"]) == "1.0"
    assert str(sys.modules[TIDES].__file__).startswith(str(tmp_path / "b"))


async def test_a_newer_version_takes_the_place_of_the_old_one(
    node: Installer, database: Database, tmp_path: Path
) -> None:
    await install(node, tmp_path / "1", plugin(version="1.0", requires=["buoys"]), library("buoys"))
    old = (await loaded(node))["tides"]
    plugin(version="1.1", needs=["search"]).made().at(tmp_path / "2")
    plan = await node.plan(str(tmp_path / "2"))
    assert (plan.replaces, plan.new_needs) == ("1.0", ("search",))
    await PluginStorage(database, "tides").set("height", 3)
    await node.apply(plan, "ann")
    new = (await loaded(node))["tides"]
    assert (version_of(new), version_of(old)) == ("1.1", "1.0")
    assert await PluginStorage(database, "tides").get("height") == 3
    # The one that was replaced is kept with what it needs, so that one can go back to it.
    assert await count(database, plugin_artifacts) == 3
    root = tmp_path / "node" / FOLDER / "tides"
    await settle(lambda: len(list(root.iterdir())) == 1)
    assert [path for path in sys.path if str(root) in path] == [str(next(root.iterdir()))]


async def test_a_version_can_be_taken_back(node: Installer, tmp_path: Path) -> None:
    for version in ("1.0", "1.1", "1.0"):
        await install(node, tmp_path / version, plugin(version=version))
        assert version_of((await loaded(node))["tides"]) == version


async def test_removing_leaves_nothing(node: Installer, database: Database, tmp_path: Path) -> None:
    await install(node, tmp_path / "wheels", plugin(requires=["buoys"]), library("buoys"))
    await loaded(node)
    await PluginSettings(database).configure("tides", {"a": 1}, "ann")
    await PluginStorage(database, "tides").set("height", 3)

    async def task(rows: AsyncConnection) -> None:
        await rows.execute(plugin_tasks.insert().values(plugin="tides", task="look", next_run_at=0.0))

    await database.write(task)
    await node.remove("tides")
    assert await loaded(node) == {}
    for table in (plugin_installations, plugin_artifacts, plugin_settings, plugin_data, plugin_tasks):
        assert await count(database, table) == 0, table.name
    await settle(lambda: not any((tmp_path / "node" / FOLDER).iterdir()))
    assert TIDES not in sys.modules
    assert not any(str(tmp_path / "node") in path for path in sys.path)
    with pytest.raises(NotFoundError):
        await node.remove("tides")


async def test_what_another_plugin_needs_stays(node: Installer, database: Database, tmp_path: Path) -> None:
    buoys = library("buoys")
    await install(node, tmp_path / "a", plugin("tides", requires=["buoys"]), buoys)
    await install(node, tmp_path / "b", plugin("ebb", requires=["buoys"]), buoys)
    assert await count(database, plugin_artifacts) == 3
    await node.remove("tides")
    assert await count(database, plugin_artifacts) == 2
    assert version_of((await loaded(node))["ebb"]) == "1.0"


async def test_what_was_removed_can_be_used_until_the_requests_with_it_have_ended(
    database: Database, tmp_path: Path
) -> None:
    node = Installer(database, tmp_path / "node", load_config([], {}), grace=60)
    await install(node, tmp_path / "wheels", plugin())
    await loaded(node)
    folder = Path(str(sys.modules[TIDES].__file__)).parents[1]
    await node.remove("tides")
    assert await loaded(node) == {}
    assert (folder / TIDES / "__init__.py").is_file()
    assert TIDES in sys.modules
    await install(node, tmp_path / "wheels")  # and it comes back in time
    assert version_of((await loaded(node))["tides"]) == "1.0"


async def test_folders_that_a_process_left_behind_are_deleted(node: Installer, tmp_path: Path) -> None:
    root = tmp_path / "node" / FOLDER
    (root / "ebb" / "1.0-abc").mkdir(parents=True)
    killed = root / "tides" / ".unpacking-abc"
    killed.mkdir(parents=True)
    os.utime(killed, (0, 0))
    working = root / "flood" / ".unpacking-abc"
    working.mkdir(parents=True)
    assert await loaded(node) == {}
    assert sorted(str(path.relative_to(root)) for path in root.rglob("*")) == [
        "flood",
        "flood/.unpacking-abc",
    ]


async def test_code_that_declares_something_else_than_its_manifest_is_not_run(
    node: Installer, tmp_path: Path
) -> None:
    await install(node, tmp_path / "wheels", plugin(needs=["network", "database"], declared=manifest()))
    found = (await loaded(node))["tides"]
    assert found.plugin is None
    assert "declares something else than its manifest, which was approved: needs" in found.problem
    assert TIDES not in sys.modules


@pytest.mark.parametrize(
    ("module", "problem"),
    [
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("1 / 0", "ZeroDivisionError"),
        ("import nowhere_at_all", "ModuleNotFoundError"),
        ("PLUGIN = 3", "is no Plugin"),
        ("", "AttributeError"),
    ],
)
async def test_code_that_cannot_be_loaded_is_found_as_broken(
    database: Database, tmp_path: Path, module: str, problem: str
) -> None:
    node = made_node(database, tmp_path / "node")
    await install(node, tmp_path / "wheels", plugin(module=module))
    found = (await loaded(node))["tides"]
    assert found.plugin is None
    assert problem in found.problem
    assert TIDES not in sys.modules


async def test_a_package_that_something_else_has_is_not_run(node: Installer, tmp_path: Path) -> None:
    await install(node, tmp_path / "wheels", plugin(package="tests"))
    assert "is that of something else here" in (await loaded(node))["tides"].problem


async def test_a_package_that_lies_beside_callboard_is_not_run_in_its_place(
    node: Installer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "callboard_beside_test.py").write_text("PLUGIN = 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    await install(node, tmp_path / "wheels", plugin(package="callboard_beside_test"))
    assert "is that of something else here" in (await loaded(node))["tides"].problem


async def test_wheels_that_were_changed_in_the_database_are_not_run(
    node: Installer, database: Database, tmp_path: Path
) -> None:
    await install(node, tmp_path / "wheels", plugin())
    evil = plugin(module="raise SystemExit").made().content

    async def work(rows: AsyncConnection) -> None:
        await rows.execute(update(plugin_artifacts).values(content=evil))

    await database.write(work)
    found = (await loaded(node))["tides"]
    assert "is not what was approved: its hash is another one" in found.problem


async def test_two_packages_that_bring_the_same_file_are_not_mixed(node: Installer, tmp_path: Path) -> None:
    twin = library("lamps")
    twin.files = {"buoys/__init__.py": b"VERSION = 'evil'\n"}
    await install(node, tmp_path / "wheels", plugin(requires=["buoys", "lamps"]), library("buoys"), twin)
    assert "which another package brings too" in (await loaded(node))["tides"].problem


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "tides").symlink_to(tmp_path / "elsewhere")
    made = plugin().made()
    with pytest.raises(InputError, match="leads elsewhere by a link"):
        unpack(tmp_path / "tides" / "1.0-abc", [(made.filename, "", made.content)])
    assert list((tmp_path / "elsewhere").iterdir()) == []


async def test_an_id_belongs_to_one_distribution(node: Installer, tmp_path: Path) -> None:
    await install(node, tmp_path / "a", plugin())
    plugin(name="callboard-plugin-other").made().at(tmp_path / "b")
    with pytest.raises(ConflictError, match="the id tides belongs to another plugin"):
        await node.plan(str(tmp_path / "b"))
    plugin("catalog").made().at(tmp_path / "c")
    with pytest.raises(ConflictError, match="the id catalog belongs to another plugin"):
        await node.plan(str(tmp_path / "c"))
    plugin("ebb", "2.0", name="callboard-plugin-tides").made().at(tmp_path / "d")
    with pytest.raises(ConflictError, match="is installed as the plugin tides"):
        await node.plan(str(tmp_path / "d"))


async def test_a_plan_that_somebody_overtook_is_not_applied(node: Installer, tmp_path: Path) -> None:
    plugin(version="1.0").made().at(tmp_path / "1")
    plan = await node.plan(str(tmp_path / "1"))
    await install(node, tmp_path / "2", plugin(version="1.1"))
    with pytest.raises(ConflictError, match="changed meanwhile"):
        await node.apply(plan, "ann")
    assert (await node.installed())["tides"].version == "1.1"
    overtaken = replace(plan, replaces="1.1")
    results = await asyncio.gather(
        node.apply(overtaken, "ann"), node.apply(overtaken, "bob"), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in results) == ["ConflictError", "NoneType"]


async def test_a_package_or_another_contract_is_no_plugin_that_can_be_installed(
    node: Installer, tmp_path: Path
) -> None:
    path = library("buoys").made().at(tmp_path)
    with pytest.raises(InputError, match="buoys is no plugin of Callboard"):
        await node.plan(str(path))
    path = plugin(declared=manifest(api=2)).made().at(tmp_path)
    with pytest.raises(InputError, match="for version 2 of the contract, not for 1"):
        await node.plan(str(path))


def test_a_plugin_is_loaded_from_its_own_folder_only(tmp_path: Path) -> None:
    (tmp_path / "callboard_own_test.py").write_text("from callboard.plugins import API as PLUGIN\n")
    with pytest.raises(InputError, match="is no Plugin"):
        load(tmp_path, "callboard_own_test:PLUGIN", manifest())
