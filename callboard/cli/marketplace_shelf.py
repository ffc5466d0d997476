"""`callboard marketplace`: what happens to listings and releases later, and reports about them."""

from __future__ import annotations

from typing import Annotated

import typer

from callboard.cli.marketplace_remote import Listing, Reason, Token, Url, Version, ask, part
from callboard.cli.remote import DEFAULT_URL

reports = typer.Typer(
    add_completion=False, invoke_without_command=True, help="Reports about listings: list and decide."
)
AnyListing = Annotated[
    str, typer.Argument(metavar="LISTING", help="The name of a listing, or namespace/name.")
]


def yank(
    listing: Listing, version: Version, reason: Reason, url: Url = DEFAULT_URL, token: Token = None
) -> None:
    """Keep a version from being chosen by anybody who does not name it."""
    path = f"/listings/{part(listing)}/releases/{part(version)}/yank"
    ask(url, token, "POST", path, json={"reason": reason})
    typer.echo(f"{listing} {version} is yanked")


def unyank(listing: Listing, version: Version, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Take a yank back."""
    ask(url, token, "POST", f"/listings/{part(listing)}/releases/{part(version)}/unyank", json={})
    typer.echo(f"{listing} {version} can be chosen again")


def deprecate(
    listing: Listing,
    reason: Reason = "",
    instead: Annotated[str, typer.Option(help="The listing that takes its place.")] = "",
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Say that a listing has no future."""
    body = {"reason": reason, "replacedBy": instead}
    ask(url, token, "POST", f"/listings/{part(listing)}/deprecate", json=body)
    typer.echo(f"{listing} is deprecated")


def revive(listing: Listing, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Say that a deprecated listing has a future again."""
    ask(url, token, "POST", f"/listings/{part(listing)}/revive", json={})
    typer.echo(f"{listing} is maintained again")


def offer(
    listing: Listing,
    publisher: Annotated[
        str, typer.Argument(metavar="[PUBLISHER]", help="Whom it is offered to; nobody takes the offer back.")
    ] = "",
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Offer a listing to another publisher."""
    ask(url, token, "POST", f"/listings/{part(listing)}/transfer", json={"publisher": publisher})
    typer.echo(f"{listing} is offered to {publisher or 'nobody any more'}")


def accept(listing: Listing, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Take over a listing that your publisher is offered."""
    made = ask(url, token, "POST", f"/listings/{part(listing)}/accept", json={})
    typer.echo(f"{listing} belongs to {made['publisher']}")


def decline(listing: Listing, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Decline a listing that your publisher is offered."""
    ask(url, token, "POST", f"/listings/{part(listing)}/decline", json={})
    typer.echo(f"{listing} is declined")


def take_down(listing: AnyListing, reason: Reason, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Take a listing off the shelf."""
    ask(url, token, "POST", f"/listings/{_parts(listing)}/take-down", json={"reason": reason})
    typer.echo(f"{listing} is taken down")


def restore(listing: AnyListing, reason: Reason = "", url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Put a listing that was taken down back on the shelf."""
    ask(url, token, "POST", f"/listings/{_parts(listing)}/restore", json={"reason": reason})
    typer.echo(f"{listing} is on the shelf again")


def report(
    listing: AnyListing,
    kind: Annotated[
        str, typer.Argument(help="malware, vulnerability, impersonation, licence, broken or other.")
    ],
    text: Annotated[str, typer.Option(help="What you saw, in 10 to 5,000 characters.")],
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Report a listing to those who keep order."""
    made = ask(url, token, "POST", "/reports", json={"listing": listing, "kind": kind, "text": text})
    typer.echo(f"{made['id']} is reported")


@reports.callback()
def _reports(context: typer.Context, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Reports that are open."""
    if context.invoked_subcommand is None:
        list_reports("open", url, token)


@reports.command("list")
def list_reports(
    state: Annotated[str, typer.Option(help="open, dismissed, acted-on or all.")] = "open",
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Reports, the newest first."""
    found = ask(url, token, "GET", "/reports", params={"state": state})["items"]
    for one in found:
        typer.echo(f"{one['id']} {one['state']} {one['listing']} {one['kind']} by {one['reporter']}")
        for line in one["text"].split("\n"):
            typer.echo(f"  {line}")
        if one["decision"]:
            typer.echo(f"  decided by {one['decidedBy']}: {one['decision']}")
    if not found:
        typer.echo("There are none.")


@reports.command()
def decide(
    id: Annotated[str, typer.Argument(metavar="REPORT", help="The id of a report.")],
    decision: Annotated[str, typer.Option(help="What was decided, and why; the reporter reads it.")],
    dismiss: Annotated[bool, typer.Option("--dismiss", help="Nothing was done about it.")] = False,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Decide about a report."""
    body = {"dismissed": dismiss, "decision": decision}
    made = ask(url, token, "POST", f"/reports/{part(id)}/decide", json=body)
    typer.echo(f"{id} is {made['state']}")


def _parts(listing: str) -> str:
    """A name, or a namespace and a name, as parts of a path."""
    return "/".join(part(one) for one in listing.split("/", 1))
