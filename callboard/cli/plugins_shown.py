"""Plugins as `callboard plugins` prints them: for people, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import typer

if TYPE_CHECKING:
    from callboard.plugins.admin import Overview
    from callboard.plugins.install import Plan


def print_plan(plan: Plan) -> None:
    """What installing would do, before it is done."""
    typer.echo(f"{plan.manifest['title']} ({plan.plugin}) {plan.version}, from {plan.source}")
    if plan.replaces is not None:
        typer.echo(f"It replaces version {plan.replaces}.")
    print_manifest(plan.manifest, plan.new_needs if plan.replaces is not None else ())
    typer.echo(f"Packages ({plan.size / 2**20:.1f} MiB):")
    for wheel in plan.wheels:
        typer.echo(f"  {wheel.name} {wheel.version}  sha256 {wheel.sha256[:16]}…")
    for one in plan.notices:
        typer.echo(f"{one.kind}: {one.text}{f' ({one.url})' if one.url else ''}", err=True)
    told = {"verified": "its origin is verified", "none": "nobody attests its origin"}
    attestation = plan.verified.get("attestation", "none")
    reason = f"an attestation was not verified: {plan.verified.get('reason', 'nobody knows why')}"
    told["stated"] = f"its origin is stated, not verified: {plan.verified.get('reason', 'nobody knows why')}"
    typer.echo(f"Hashes are verified; {told.get(attestation, reason)}.")
    if publisher := plan.verified.get("publisher"):
        typer.echo("Built by: " + ", ".join(f"{key} {value}" for key, value in publisher.items() if value))


def print_manifest(manifest: dict[str, Any], new: tuple[str, ...] = ()) -> None:
    """What a plugin adds and asks for; `new` are the needs that it did not have before."""
    from callboard.plugins.words import NEEDS, added  # with the whole contract, which --help does not need

    if manifest.get("description"):
        typer.echo(manifest["description"])
    typer.echo("It adds:" if manifest["contributions"] else "It adds nothing.")
    for group in added(manifest):
        more = [f"and {group.more} more"] if group.more else []
        typer.echo(f"  {group.title}: {', '.join([*group.items, *more])}")
    typer.echo("It asks for:" if manifest["needs"] else "It asks for nothing.")
    for need in manifest["needs"]:
        meaning = NEEDS.get(need["name"], need["name"])
        typer.echo(f"  {need['name']}{' (new)' if need['name'] in new else ''}: {need['why']} ({meaning})")


def as_data(one: Overview) -> dict[str, Any]:
    """A plugin for programs (JSON, hence Any)."""
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


def print_json(value: Any) -> None:
    """Any: JSON of any shape."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
