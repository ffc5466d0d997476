"""`callboard schema`: the JSON Schemas of the kinds, for editors."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def schema(
    kind: Annotated[str | None, typer.Argument(help="A kind, such as Component; all when left out.")] = None,
) -> None:
    """Print the JSON Schema of a kind, or one that covers every kind."""
    from callboard.cli.kinds import known_kinds
    from callboard.model.schema import catalog_schema

    model = known_kinds([])
    try:
        printed = catalog_schema(model) if kind is None else model.json_schema(kind)
    except KeyError:
        known = ", ".join(one.name for one in model.kinds)
        typer.echo(f"there is no kind {kind}; known are {known}", err=True)
        raise typer.Exit(2) from None
    typer.echo(json.dumps(printed, indent=2, ensure_ascii=False))
