"""`callboard plugins`: what is installed, and what people do about it.

Works on the portal's database, so it needs no running server; one that runs follows within two seconds.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from callboard.core.errors import CallboardError

if TYPE_CHECKING:
    from callboard.plugins.admin import Overview, PluginAdmin
    from callboard.plugins.install import Plan

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
        _print_json([_shown(one) for one in found])
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
        _print_json(_shown(one))
        return
    status = one.status
    typer.echo(f"{status.title} ({status.id}) {status.version} - {status.state}")
    for problem in status.problems:
        typer.echo(f"problem: {problem}")
    if one.manifest is not None:
        _print_manifest(one.manifest)
    if one.effective:
        typer.echo("Configuration:")
        _print_json(one.effective)


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
def configure(
    plugin: Name,
    file: Annotated[str, typer.Argument(metavar="FILE", help="YAML; - is standard input.")] = "-",
    reset: Annotated[bool, typer.Option("--reset", help="Take back what was set at run time.")] = False,
    config: Configs = None,
    data: Data = DATA,
) -> None:
    """Lay a configuration over what the files say."""
    given = None if reset else _mapping(file)
    _run(config, data, lambda admin: admin.configure(plugin, given, _me()))
    typer.echo(f"{plugin} is configured")


@plugins.command()
def install(
    source: Annotated[str, typer.Argument(help="A package, a wheel, or a folder of wheels.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: Configs = None,
    data: Data = DATA,
) -> None:
    """Install a plugin: show what it adds and asks for, then do it."""

    async def work(admin: PluginAdmin) -> Overview | None:
        plan = await admin.plan(source)
        _print_plan(plan)
        if not yes and not await asyncio.to_thread(typer.confirm, "Install it?"):
            return None
        return await admin.install(plan, _me())

    done = _run(config, data, work)
    if done is None:
        raise typer.Exit(1)
    if done.status.state != "live":
        _fail("\n".join(done.status.problems) or f"{done.status.id} is {done.status.state}")
    typer.echo(f"{done.status.title} {done.status.version} is installed")


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
) -> None:
    """Begin a plugin: a distribution with an entity card, a setting, and tests that pass."""
    from callboard.plugins.scaffold import scaffold

    try:
        made = scaffold(name, folder or Path(name))
    except CallboardError as error:
        _fail(str(error))
    for path in made:
        typer.echo(f"wrote {path}")


@plugins.command()
def manifest(
    folder: Annotated[Path, typer.Argument(help="The folder of the distribution.")] = Path(),
    check: Annotated[bool, typer.Option("--check", help="Only say whether it is current.")] = False,
) -> None:
    """Write the manifest of a plugin from its declaration: what people see before they install it."""
    from callboard.plugins.scaffold import manifest_file

    try:
        path, content = manifest_file(folder)
    except CallboardError as error:
        _fail(str(error))
    current = path.exists() and path.read_bytes() == content
    if check:
        if not current:
            _fail(f"{path} is not what the plugin declares; run `callboard plugins manifest`")
        typer.echo(f"{path} is current")
        return
    if not current:
        path.write_bytes(content)
    typer.echo(f"{path} is current" if current else f"wrote {path}")


def _run(configs: list[Path] | None, data: Path, work: Callable[[PluginAdmin], Awaitable[T]]) -> T:
    """Run `work` on the portal's plugins; mistakes end the command with their words."""

    async def inside() -> T:
        async with _administering(configs, data) as admin:
            return await work(admin)

    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        return asyncio.run(inside())
    except CallboardError as error:
        _fail(str(error))


@asynccontextmanager
async def _administering(configs: list[Path] | None, data: Path) -> AsyncIterator[PluginAdmin]:
    from callboard.catalog.settings import read_settings
    from callboard.core.config import load_config
    from callboard.core.database import Database
    from callboard.plugins import Offers
    from callboard.plugins.admin import PluginAdmin
    from callboard.plugins.discovery import beside, builtin
    from callboard.plugins.install import Installer
    from callboard.plugins.live import Live, go_live
    from callboard.plugins.settings import PluginSettings
    from callboard.portal.plugins import PLUGINS

    config = load_config(configs or [], os.environ)
    database = Database(read_settings(config, data).database_url)
    try:
        settings = PluginSettings(database)
        await settings.migrate()
        installer = Installer(database, data, config, [one.id for one in PLUGINS])
        live: Live

        async def renew() -> None:
            nonlocal live
            found = [*builtin(PLUGINS), *beside(), *await installer.found()]
            live = go_live(found, config, await settings.all(), Offers())

        await renew()
        yield PluginAdmin(settings, config, lambda: live, renew, installer)
    finally:
        await database.close()


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


def _print_plan(plan: Plan) -> None:
    typer.echo(f"{plan.manifest['title']} ({plan.plugin}) {plan.version}, from {plan.source}")
    if plan.replaces is not None:
        typer.echo(f"It replaces version {plan.replaces}.")
    _print_manifest(plan.manifest, plan.new_needs if plan.replaces is not None else ())
    typer.echo(f"Packages ({plan.size / 2**20:.1f} MiB):")
    for wheel in plan.wheels:
        typer.echo(f"  {wheel.name} {wheel.version}  sha256 {wheel.sha256[:16]}…")
    told = {"verified": "its origin is verified", "none": "nobody attests its origin"}
    attestation = plan.verified.get("attestation", "none")
    typer.echo(f"Hashes are verified; {told.get(attestation, plan.verified.get('reason', attestation))}.")


def _print_manifest(manifest: dict[str, Any], new: tuple[str, ...] = ()) -> None:
    if manifest.get("description"):
        typer.echo(manifest["description"])
    typer.echo("It adds:" if manifest["contributions"] else "It adds nothing.")
    for one in manifest["contributions"]:
        told = next((str(one[key]) for key in ("title", "path", "name", "id", "key") if one.get(key)), "")
        typer.echo(f"  {one['kind']} {told}".rstrip())
    typer.echo("It asks for:" if manifest["needs"] else "It asks for nothing.")
    for need in manifest["needs"]:
        typer.echo(f"  {need['name']}{' (new)' if need['name'] in new else ''}: {need['why']}")


def _shown(one: Overview) -> dict[str, Any]:
    status = one.status
    return {
        "id": status.id,
        "title": status.title,
        "version": status.version,
        "origin": status.origin,
        "state": status.state,
        "problems": list(status.problems),
        "manifest": one.manifest,
        "config": one.effective,
    }


def _print_json(value: Any) -> None:
    import orjson

    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def _me() -> str:
    """Who the audit of installations names: the account on this machine."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
