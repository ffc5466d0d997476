"""The `callboard` command. One module a subcommand, imported only when that subcommand runs."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from callboard import __version__

_COMMANDS = {
    "serve": "serve",
    "validate": "validate",
    "schema": "schema",
    "export": "export",
    "import": "import_locations",
    "reindex": "reindex",
    "doctor": "doctor",
    "plugins": "plugins",
    "roles": "roles",
    "pipelines": "pipelines",
    "marketplace": "marketplace",
    "site": "site",
}


class LazyGroup(TyperGroup):
    """Finds a subcommand by importing its module: `callboard validate` need not load the server."""

    def list_commands(self, ctx: Any) -> list[str]:  # Any: typer's own click has no public types
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The subcommand: a function or a group of them in the module, both named in the table above."""
        if (name := _COMMANDS.get(cmd_name)) is None:
            return None
        module = import_module(f"callboard.cli.{name}")
        found = getattr(module, name)
        if isinstance(found, typer.Typer):
            return typer.main.get_group(found)
        single = typer.Typer(add_completion=False)
        single.command(cmd_name)(found)
        return typer.main.get_command(single)


app = typer.Typer(cls=LazyGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"callboard {__version__}")
        raise typer.Exit


@app.callback()
def callboard(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Callboard, an internal developer portal that speaks Backstage's API."""
