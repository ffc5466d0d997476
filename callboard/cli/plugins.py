"""`callboard plugins`: what is installed, and what people do about it.

Works on the portal's database, so it needs no running server; one that runs follows within two seconds.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from callboard.cli.plugins_shown import as_data, print_json, print_manifest, print_plan
from callboard.core.errors import CallboardError

if TYPE_CHECKING:
    from callboard.core.database import Database
    from callboard.plugins import Offers
    from callboard.plugins.admin import Overview, PluginAdmin

T = TypeVar("T")
plugins = typer.Typer(
    add_completion=False, no_args_is_help=True, help="List, install, configure and make plugins."
)

Configs = Annotated[
    list[Path] | None, typer.Option("--config", help="An app-config.yaml; repeat to merge several.")
]
Data = Annotated[Path, typer.Option(help="Folder of the embedded database.")]
Name = Annotated[str, typer.Argument(metavar="PLUGIN", help="The id of a plugin.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DATA = Path("callboard-data")


@plugins.command("list")
def list_(config: Configs = None, data: Data = DATA, as_json: AsJson = False) -> None:
    """Every plugin with its version, origin and state."""
    found = _run(config, data, lambda admin: admin.all())
    if as_json:
        print_json([as_data(one) for one in found])
        return
    table = Table("Plugin", "Version", "From", "State", box=None, pad_edge=False)
    for one in found:
        status = one.status
        table.add_row(status.id, status.version or "-", status.origin, status.state)
    Console(soft_wrap=True).print(table)


@plugins.command()
def info(plugin: Name, config: Configs = None, data: Data = DATA, as_json: AsJson = False) -> None:
    """What a plugin adds, what it asks for, how it is configured, and what is wrong with it."""
    one = _run(config, data, lambda admin: admin.one(plugin))
    if as_json:
        print_json(as_data(one))
        return
    status = one.status
    typer.echo(f"{status.title} ({status.id}) {status.version} - {status.state}")
    for problem in status.problems:
        typer.echo(f"problem: {problem}")
    if one.manifest is not None:
        print_manifest(one.manifest)
    if one.effective:
        typer.echo("Configuration:")
        print_json(one.effective)


@plugins.command()
def enable(plugin: Name, config: Configs = None, data: Data = DATA) -> None:
    """Let a plugin run."""
    _run(config, data, lambda admin: admin.enable(plugin, True, _me()))
    typer.echo(f"{plugin} is enabled")


@plugins.command()
def disable(plugin: Name, config: Configs = None, data: Data = DATA) -> None:
    """Keep a plugin from running; its data stays."""
    _run(config, data, lambda admin: admin.enable(plugin, False, _me()))
    typer.echo(f"{plugin} is disabled")


@plugins.command()
def configure(  # noqa: PLR0917 - one parameter an option
    plugin: Name,
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="YAML, in place of what was set; - is standard input."),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change one value; repeat for more."),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Take back what was set at run time.")] = False,
    config: Configs = None,
    data: Data = DATA,
) -> None:
    """Lay a configuration over what the files say."""
    if [file is not None, bool(values), reset].count(True) != 1:
        _fail("give a file, or --set KEY=VALUE, or --reset")
    given = _mapping(file) if file is not None else None
    changes = [_change(one) for one in values or ()]

    async def work(admin: PluginAdmin) -> Overview:
        from callboard.plugins.live import merged

        wanted = given
        if changes:
            wanted = dict((await admin.one(plugin)).setting.config or {})
            for change in changes:
                wanted = merged(wanted, change)
        return await admin.configure(plugin, wanted, _me())

    _run(config, data, work)
    typer.echo(f"{plugin} is configured")


@plugins.command()
def install(
    source: Annotated[
        str, typer.Argument(help="A package, a wheel, a folder of wheels, or what a listing names.")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: Configs = None,
    data: Data = DATA,
) -> None:
    """Install a plugin: show what it adds and asks for, then do it."""

    async def work(admin: PluginAdmin) -> Overview | None:
        plan = await admin.plan(source)
        print_plan(plan)
        if not yes and not await asyncio.to_thread(typer.confirm, "Install it?"):
            return None
        return await admin.install(plan, _me())

    done = _run(config, data, work, source)
    if done is None:
        raise typer.Exit(1)
    if done.status.state != "live":
        _fail("\n".join(done.status.problems) or f"{done.status.id} is {done.status.state}")
    typer.echo(f"{done.status.title} {done.status.version} is installed")


@plugins.command()
def rollback(plugin: Name, config: Configs = None, data: Data = DATA) -> None:
    """Go back to the version that an update replaced; once more goes forward again."""
    done = _run(config, data, lambda admin: admin.rollback(plugin, _me()))
    typer.echo(f"{done.status.title} {done.status.version} is installed again")


@plugins.command()
def remove(
    plugin: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: Configs = None,
    data: Data = DATA,
) -> None:
    """Undo an installation wholly: the plugin, its packages, its settings and what it kept."""
    if not yes:
        typer.confirm(f"Remove {plugin} with its settings and all it kept?", abort=True)
    _run(config, data, lambda admin: admin.remove(plugin))
    typer.echo(f"{plugin} is removed")


@plugins.command()
def new(
    name: Annotated[str, typer.Argument(help="The id of the plugin: lower-case, with hyphens.")],
    folder: Annotated[Path | None, typer.Option(help="Where; a new folder of that name by default.")] = None,
    license: Annotated[
        str, typer.Option(help="Under which terms others may use it: an SPDX expression.")
    ] = "Apache-2.0",
) -> None:
    """Begin a plugin: a distribution with an entity card, a setting, and tests that pass."""
    from callboard.plugins.discovery import beside
    from callboard.plugins.scaffold import begin
    from callboard.portal.plugins import PLUGINS

    taken = [*(one.id for one in PLUGINS), *(one.id for one in beside())]
    try:
        made = begin(name, folder or Path(name), taken, license)
    except CallboardError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename} cannot be written: {error.strerror}")
    for path in made:
        typer.echo(f"wrote {path}")


@plugins.command()
def manifest(
    folder: Annotated[Path, typer.Argument(help="The folder of the distribution.")] = Path(),
    check: Annotated[bool, typer.Option("--check", help="Only say whether it is current.")] = False,
) -> None:
    """Write the manifest of a plugin from its declaration: what people see before they install it."""
    from callboard.plugins.scaffold import read_project, written_manifest

    try:
        project = read_project(folder)
        differed = written_manifest(project, check=check)
    except CallboardError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename} cannot be written: {error.strerror}")
    if differed and check:
        _fail(f"{project.manifest} is not what the plugin declares; run `callboard plugins manifest`")
    typer.echo(f"wrote {project.manifest}" if differed else f"{project.manifest} is current")


def _run(
    configs: list[Path] | None, data: Path, work: Callable[[PluginAdmin], Awaitable[T]], wanted: str = ""
) -> T:
    """Run `work` on the portal's plugins; mistakes end the command with their words.

    `wanted` is what will be installed, if anything: some sources have to look at the catalog.
    """
    from sqlalchemy.exc import DBAPIError

    async def inside() -> T:
        async with _administering(configs, data, wanted) as admin:
            return await work(admin)

    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        return asyncio.run(inside())
    except DBAPIError as error:
        if not wanted:
            raise
        _fail(f"{wanted} cannot be looked up: no portal has used this database yet ({error.orig})")
    except CallboardError as error:
        _fail(str(error))


@asynccontextmanager
async def _administering(
    configs: list[Path] | None, data: Path, wanted: str = ""
) -> AsyncIterator[PluginAdmin]:
    from functools import partial

    from callboard.catalog.settings import read_settings
    from callboard.core.config import Config, load_config
    from callboard.core.database import Database
    from callboard.core.reader import UrlReader
    from callboard.plugins import Offers
    from callboard.plugins.admin import PluginAdmin
    from callboard.plugins.contributions import PackageSource
    from callboard.plugins.discovery import beside, builtin
    from callboard.plugins.install import Installer
    from callboard.plugins.live import Live, go_live
    from callboard.plugins.settings import PluginSettings
    from callboard.portal.plugins import PLUGINS

    config = load_config(configs or [], os.environ)
    database = Database(read_settings(config, data).database_url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        settings = PluginSettings(database)
        await settings.migrate()
        if not database.is_postgresql:
            (data / "callboard.sqlite").chmod(0o600)  # as the server has it: not everyone may see everything
        # Not the server's folder: that may belong to another account, and the server runs from it.
        place = stack.enter_context(TemporaryDirectory(prefix="callboard-plugins-"))
        installer = Installer(database, Path(place), config, [one.id for one in PLUGINS])
        live: Live
        offers = Offers()
        offers.offer(Config, config)
        offers.offer(Database, database, "database")
        offers.offer(UrlReader, UrlReader.from_config(config.data), "network")

        async def renew() -> None:
            nonlocal live
            found = [*builtin(PLUGINS), *beside(), *await installer.found()]
            live = go_live(found, config, await settings.all(), offers)

        await renew()
        installer.contributed = {
            one.scheme: partial(one.find, live.context(plugin))
            for plugin, one in live.registry.owned(PackageSource)
        }
        if installer.knows(wanted):
            await _offer_catalog(offers, database)
        yield PluginAdmin(settings, config, lambda: live, renew, installer)


async def _offer_catalog(offers: Offers, database: Database) -> None:
    """What the database holds of the catalog, for sources that look a listing up."""
    from callboard.catalog.follower import read_index
    from callboard.catalog.query import Queries

    offers.offer(Queries, Queries(await read_index(database)), "catalog.read")


def _change(text: str) -> dict[str, Any]:
    """`a.b=1` as the mapping it stands for; the value is YAML, hence Any."""
    from callboard.core.yaml import read_documents

    key, separator, written = text.partition("=")
    if not separator or not all(key.split(".")):
        _fail(f"{text!r} must be KEY=VALUE")
    documents = read_documents(f"value: {written}\n", None)
    found: Any = documents[0].value if len(documents) == 1 else None
    if not isinstance(found, dict) or set(found) != {"value"}:
        _fail(f"the value of {key} is not YAML")
    value: Any = found["value"]
    for part in reversed(key.split(".")):
        value = {part: value}
    changed: dict[str, Any] = value
    return changed


def _mapping(file: str) -> dict[str, Any]:
    from callboard.core.yaml import read_documents

    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        _fail(f"{file} cannot be read: {error.strerror}")
    documents = read_documents(content, file)
    value = documents[0].value if documents and documents[0].problem is None else None
    if not isinstance(value, dict) or len(documents) != 1:
        _fail(
            str(documents[0].problem) if documents and documents[0].problem else f"{file} must be a mapping"
        )
    return value


def _me() -> str:
    """Who the audit of installations names: the account on this machine."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
