"""`callboard validate`: checks descriptor files and says what is wrong where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Format = Literal["text", "json", "sarif", "github"]


def validate(
    paths: Annotated[list[str], typer.Argument(help="Folders, files or globs.")],
    output: Annotated[
        Format, typer.Option("--format", help="For people, programs, code scanning, or GitHub Actions.")
    ] = "text",
    config: Annotated[
        list[Path] | None,
        typer.Option("--config", help="An app-config.yaml with `catalog.kinds`; repeat to merge several."),
    ] = None,
) -> None:
    """Check descriptor files: exit status 1 and a list of problems with positions when there are any."""
    from callboard.catalog.lint import lint
    from callboard.cli.formats import FORMATS
    from callboard.cli.kinds import known_kinds
    from callboard.core.errors import ConfigError

    try:
        model = known_kinds(config or [])
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    report = lint(paths, model)
    typer.echo(FORMATS[output](report))
    if report.problems:
        raise typer.Exit(1)
