"""`callboard doctor`: looks for what would keep a server from starting or working, and advises."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from callboard.cli.doctor_checks import Check, checks

_SIGNS = {"ok": "[green]ok[/green]", "advice": "[yellow]advice[/yellow]", "failure": "[red]failure[/red]"}


def doctor(
    config: Annotated[
        list[Path] | None, typer.Option("--config", help="Configuration files, as for serve.")
    ] = None,
    data: Annotated[Path, typer.Option("--data", help="The data folder, as for serve.")] = Path(
        "callboard-data"
    ),
) -> None:
    """Check configuration, data folder, database, locations, disk and Python; exit status 1 on failures."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(soft_wrap=True)
    found: list[Check] = []
    for check in checks(config or [], data, os.environ):
        found.append(check)
        console.print(f"{_SIGNS[check.state]:<8} {escape(check.subject)}: {escape(check.message)}")
    failures = sum(check.state == "failure" for check in found)
    advice = sum(check.state == "advice" for check in found)
    console.print(f"{len(found)} checks, {failures} failures, {advice} with advice")
    if failures:
        raise typer.Exit(1)
