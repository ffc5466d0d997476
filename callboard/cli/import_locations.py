"""`callboard import`: takes the registered locations of a running Backstage over."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from callboard.cli.remote import Remote, error_message, fail

DEFAULT_TO = "http://127.0.0.1:7007"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one location: registered, present, skipped or failed; `why` explains the last two."""

    state: str
    target: str
    why: str = ""


def import_locations(
    source: Annotated[str, typer.Option("--from", help="A running Backstage (or Callboard).")],
    to: Annotated[
        str | None,
        typer.Option("--to", help=f"The running Callboard to register them in (default {DEFAULT_TO})."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write an app-config fragment with them instead of registering.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(envvar="CALLBOARD_IMPORT_TOKEN", help="A bearer token for --from.", show_envvar=True),
    ] = None,
    to_token: Annotated[
        str | None, typer.Option(envvar="CALLBOARD_TOKEN", help="A bearer token for --to.")
    ] = None,
) -> None:
    """Take over all registered locations of a running Backstage."""
    if to is not None and output is not None:
        fail("give either --to URL or --output FILE")
    found = [one["data"] for one in Remote(source, token).get("/locations")]
    if output is not None:
        _write(output, found)
        return
    outcomes = [_register(Remote(to or DEFAULT_TO, to_token), one) for one in found]
    for one in outcomes:
        typer.echo(f"{one.state:<10} {one.target}" + (f": {one.why}" if one.why else ""))
    counts = {state: sum(one.state == state for one in outcomes) for state in _STATES}
    typer.echo(", ".join(f"{count} {state}" for state, count in counts.items()))
    if counts["failed"]:
        raise typer.Exit(1)


_STATES = ("registered", "present", "skipped", "failed")


def _register(remote: Remote, location: dict[str, str]) -> Outcome:
    target = f"{location['type']}:{location['target']}"
    if location["type"] != "url":
        return Outcome("skipped", target, "only url locations can be registered; put it in the configuration")
    body = {"type": location["type"], "target": location["target"]}
    answer = remote.request("POST", "/locations", json=body)
    if answer.status_code == 201:
        return Outcome("registered", target)
    if answer.status_code == 409:
        return Outcome("present", target)
    return Outcome("failed", target, error_message(answer))


def _write(output: Path, found: list[dict[str, Any]]) -> None:
    import ryaml

    locations = [{"type": one["type"], "target": one["target"]} for one in found]
    content = ryaml.dumps({"catalog": {"locations": locations}})  # type: ignore[attr-defined]  # stubs lack it
    try:
        output.write_text(content, encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}")
    typer.echo(f"{len(locations)} locations written to {output}")
