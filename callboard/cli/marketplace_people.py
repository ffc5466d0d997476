"""`callboard marketplace`: applications, members, tokens and domains of publishers."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from callboard.cli.marketplace_remote import Publisher, Reason, Token, Url, ask, part
from callboard.cli.remote import DEFAULT_URL, fail

applications = typer.Typer(
    add_completion=False, invoke_without_command=True, help="Applications of publishers: list and decide."
)
members = typer.Typer(add_completion=False, no_args_is_help=True, help="The members of a publisher.")
tokens = typer.Typer(add_completion=False, no_args_is_help=True, help="The tokens with which CI publishes.")
domains = typer.Typer(add_completion=False, no_args_is_help=True, help="The domains of a publisher.")

Member = Annotated[str, typer.Argument(metavar="MEMBER", help="user:default/jane or group:default/crew.")]
Domain = Annotated[str, typer.Argument(metavar="DOMAIN", help="Such as tides.example.org.")]


@applications.callback()
def _applications(context: typer.Context, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Applications that wait for a decision."""
    if context.invoked_subcommand is None:
        list_applications(url, token)


@applications.command("list")
def list_applications(url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Applications that wait for a decision, with their domains and what is found about their names."""
    found = ask(url, token, "GET", "/applications")["items"]
    for one in found:
        typer.echo(f"{one['name']} {one['title']!r} by {one['appliedBy']}")
        _domains(one)
        for each in one.get("findings", ()):
            typer.echo(f"  {each['level']}: {each['message']}")
    if not found:
        typer.echo("Nobody waits.")


@applications.command()
def approve(
    name: Publisher,
    type: Annotated[str, typer.Option(help="community, verified-partner or first-party.")] = "community",
    reason: Reason = "",
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Approve an application."""
    body = {"type": type, "reason": reason}
    _state(ask(url, token, "POST", f"/publishers/{part(name)}/approve", json=body))


@applications.command()
def reject(name: Publisher, reason: Reason, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Reject an application."""
    _state(ask(url, token, "POST", f"/publishers/{part(name)}/reject", json={"reason": reason}))


def suspend(name: Publisher, reason: Reason, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Keep a publisher from submitting and releasing."""
    _state(ask(url, token, "POST", f"/publishers/{part(name)}/suspend", json={"reason": reason}))


def resume(name: Publisher, reason: Reason = "", url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Let a publisher submit and release again."""
    _state(ask(url, token, "POST", f"/publishers/{part(name)}/resume", json={"reason": reason}))


def edit(  # noqa: PLR0917 - one parameter an option
    name: Publisher,
    title: Annotated[str | None, typer.Option(help="As people call you.")] = None,
    contact: Annotated[str | None, typer.Option(help="A mail address or an https: address.")] = None,
    website: Annotated[str | None, typer.Option(help="An https: address.")] = None,
    about: Annotated[str | None, typer.Option(help="What you say of yourself, as Markdown.")] = None,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Change what a publisher says of itself; what is not given stays."""
    known = ask(url, token, "GET", f"/publishers/{part(name)}")
    given = {"title": title, "contact": contact, "url": website, "about": about}
    body = {key: known[key] if value is None else value for key, value in given.items()}
    ask(url, token, "PUT", f"/publishers/{part(name)}", json=body)
    typer.echo(f"{name} is changed")


@members.command("list")
def list_members(name: Publisher, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Who belongs to a publisher, in which role."""
    for one in ask(url, token, "GET", f"/publishers/{part(name)}")["members"]:
        typer.echo(f"{one['member']} {one['role']}")


@members.command("set")
def set_member(
    name: Publisher,
    member: Member,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="owner, maintainer or viewer.")],
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Add a member, or change its role."""
    ask(url, token, "POST", f"/publishers/{part(name)}/members", json={"member": member, "role": role})
    typer.echo(f"{member} is {role} of {name}")


@members.command("remove")
def remove_member(name: Publisher, member: Member, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Take a member away; the last owner stays."""
    ask(url, token, "POST", f"/publishers/{part(name)}/members", json={"member": member, "role": None})
    typer.echo(f"{member} is no member of {name} any more")


@tokens.command("list")
def list_tokens(name: Publisher, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """The tokens of a publisher, without their secrets."""
    for one in ask(url, token, "GET", f"/publishers/{part(name)}/tokens")["items"]:
        bound = one["listing"] or "every listing"
        used = f"used {one['usedAt']}" if one["usedAt"] else "never used"
        scopes = ",".join(one["scopes"])
        typer.echo(f"{one['id']} {one['name']!r} {scopes} for {bound}, ends {one['expiresAt']}, {used}")


@tokens.command("create")
def create_token(  # noqa: PLR0917 - one parameter an option
    name: Publisher,
    title: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    scope: Annotated[list[str], typer.Option(help="release, yank or read; repeat it.")],
    listing: Annotated[str, typer.Option(help="The only listing that it is for.")] = "",
    days: Annotated[int, typer.Option(help="How long it lives, at most 366.")] = 90,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Make a token, and print it, this once."""
    body = {"name": title, "scopes": scope, "listing": listing, "days": days}
    typer.echo(ask(url, token, "POST", f"/publishers/{part(name)}/tokens", json=body)["token"])


@tokens.command("revoke")
def revoke_token(
    name: Publisher,
    id: Annotated[str, typer.Argument(metavar="ID", help="The id that `tokens list` shows.")],
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Revoke a token."""
    ask(url, token, "DELETE", f"/publishers/{part(name)}/tokens/{part(id)}")
    typer.echo(f"{id} is revoked")


@domains.command("list")
def list_domains(name: Publisher, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """The domains of a publisher, and what they have to show."""
    _domains(ask(url, token, "GET", f"/publishers/{part(name)}"), indent="")


@domains.command("add")
def add_domain(name: Publisher, domain: Domain, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Name a domain, to prove it."""
    made = ask(url, token, "POST", f"/publishers/{part(name)}/domains", json={"domain": domain})
    _domains(made, indent="")


@domains.command()
def verify(name: Publisher, domain: Domain, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Look whether a domain shows its proof."""
    path = f"/publishers/{part(name)}/domains/{part(domain)}/verify"
    found = ask(url, token, "POST", path, json={})
    if not found["verified"]:
        fail(f"{domain} is not proved: {'; '.join(found['found'])}")
    typer.echo(f"{domain} is proved by {found['method']}")


@domains.command("remove")
def remove_domain(name: Publisher, domain: Domain, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Take a domain away."""
    ask(url, token, "DELETE", f"/publishers/{part(name)}/domains/{part(domain)}")
    typer.echo(f"{name} names {domain} no more")


def _domains(publisher: Any, indent: str = "  ") -> None:
    """Those of a publisher (JSON, hence Any)."""
    for one in publisher["domains"]:
        proof = f"to prove with the TXT record callboard-verification={one['token']}"
        if one["verifiedAt"]:
            proof = f"proved by {one['method']}"
        typer.echo(f"{indent}{one['name']} {proof}")


def _state(publisher: Any) -> None:
    typer.echo(f"{publisher['name']} is {publisher['state']}")
