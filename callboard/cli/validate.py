"""`callboard validate`: checks descriptor files and says what is wrong where."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

Format = Literal["text", "json", "sarif", "github"]


def validate(
    paths: Annotated[list[str], typer.Argument(help="Folders, files or globs.")],
    output: Annotated[
        Format, typer.Option("--format", help="For people, programs, code scanning, or GitHub Actions.")
    ] = "text",
) -> None:
    """Check descriptor files: exit status 1 and a list of problems with positions when there are any."""
    from callboard.catalog.lint import lint
    from callboard.cli.formats import FORMATS
    from callboard.model.model import Model

    report = lint(paths, Model.builtin())
    typer.echo(FORMATS[output](report))
    if report.problems:
        raise typer.Exit(1)
