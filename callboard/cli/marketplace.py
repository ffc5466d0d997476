"""`callboard marketplace`: publish plugins and review them, on a running server, with a token.

Thin: every answer and every refusal is the server's.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from callboard.cli.marketplace_listing import Shot, described
from callboard.cli.marketplace_people import (
    applications,
    domains,
    edit,
    members,
    resume,
    suspend,
    tokens,
    verify,
)
from callboard.cli.marketplace_remote import Listing, Publisher, Token, Url, Version, ask, part, read, send
from callboard.cli.marketplace_shelf import (
    accept,
    decline,
    deprecate,
    offer,
    report,
    reports,
    restore,
    revive,
    take_down,
    unyank,
    yank,
)
from callboard.cli.plugins_shown import print_manifest
from callboard.cli.remote import DEFAULT_URL, fail

marketplace = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Submit, review and release plugins of the Marketplace."
)

Id = Annotated[str, typer.Argument(metavar="SUBMISSION", help="The id of a submission.")]
Words = Annotated[str, typer.Option("--text", help="What to say.")]
_ID = re.compile(r"[0-9a-f]{24}")


@marketplace.command()
def apply(  # noqa: PLR0917 - one parameter an option
    name: Annotated[str, typer.Argument(help="The name of the publisher, which stays.")],
    title: Annotated[str, typer.Option(help="As people call you.")],
    domain: Annotated[str, typer.Option(help="A domain of yours, to prove.")] = "",
    contact: Annotated[str, typer.Option(help="A mail address or an https: address.")] = "",
    website: Annotated[str, typer.Option(help="An https: address.")] = "",
    about: Annotated[str, typer.Option(help="What you say of yourself, as Markdown.")] = "",
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Apply as a publisher."""
    body = {
        "name": name,
        "title": title,
        "domain": domain,
        "contact": contact,
        "url": website,
        "about": about,
    }
    made = ask(url, token, "POST", "/publishers", json=body)
    typer.echo(f"{name} is {made['state']}")
    for one in made["domains"]:
        typer.echo(f"prove {one['name']}: set the TXT record callboard-verification={one['token']}")


@marketplace.command()
def publishers(url: Url = DEFAULT_URL, token: Token = None) -> None:
    """The publishers that you are a member of, and your role."""
    for one in ask(url, token, "GET", "/publishers")["items"]:
        typer.echo(f"{one['name']} {one['state']} {one['type']} {one['role']}")


@marketplace.command()
def submit(  # noqa: PLR0917 - one parameter an option
    publisher: Publisher,
    listing: Annotated[Path, typer.Argument(help="A YAML file with the fields of the listing.")],
    wheel: Annotated[Path, typer.Argument(help="The wheel of the plugin.")],
    icon: Annotated[Path | None, typer.Option(help="A PNG, JPEG, WebP or SVG.")] = None,
    screenshot: Annotated[list[Path] | None, typer.Option(help="A PNG, JPEG or WebP; repeat it.")] = None,
    changelog: Annotated[str, typer.Option(help="What is new, as Markdown.")] = "",
    draft: Annotated[bool, typer.Option("--draft", help="Do not hand it in yet.")] = False,
    again: Annotated[str, typer.Option(help="The id of a submission to change instead.")] = "",
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Send a plugin, and hand it in; the checks answer at once.

    The file may also name `icon`, `screenshots` (each a file with `alt` and `caption`), and chapters of the
    `documentation` in files of their own.
    """
    given = described(listing)
    shots = [*(given.shots or ()), *(Shot(one) for one in screenshot or ())]
    for file in (wheel, *(one.file for one in shots), *([icon] if icon else [])):
        read(file)  # what is not there is told before anything is begun
    id = again or _begun(url, token, publisher, given.fields)
    path, hint = f"/submissions/{part(id)}", f"The draft is kept: correct it, and send it with --again {id}"
    changes: dict[str, Any] = {"listing": given.fields} if again else {}
    if changelog or again:
        ask(url, token, "PUT", path, hint=hint, json={**changes, "changelog": changelog})
    send(url, token, "PUT", f"{path}/wheel", wheel, hint=hint)
    if (picture := icon or given.icon) is not None:
        send(url, token, "POST", f"{path}/pictures", picture, hint=hint, use="icon")
    for one in shots:
        words = {"use": "screenshot", "alt": one.alt, "caption": one.caption}
        send(url, token, "POST", f"{path}/pictures", one.file, hint=hint, **words)
    if given.shots is not None and again:  # those that the file names no longer go
        named = [{"sha256": _sha256(one.file), "alt": one.alt, "caption": one.caption} for one in shots]
        ask(url, token, "PUT", path, hint=hint, json={"screenshots": named})
    if draft:
        typer.echo(f"{id} is a draft")
        return
    done = ask(url, token, "POST", f"{path}/submit", hint=hint, json={})
    _shown(done)
    if done["state"] != "in-review":
        fail(f"Correct it, and hand it in again with --again {id}")


def _begun(url: str, token: str | None, publisher: str, fields: dict[str, Any]) -> str:
    """The id of a new submission. Where one waits already, the option that changes it is named."""

    def hint(said: str) -> str:
        known = _ID.search(said)
        return f"To change that one and hand it in again: --again {known[0]}" if known else ""

    body = {"publisher": publisher, "listing": fields}
    return str(ask(url, token, "POST", "/submissions", hint=hint, json=body)["id"])


def _sha256(file: Path) -> str:
    return hashlib.sha256(read(file)).hexdigest()


@marketplace.command()
def status(id: Id, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """How a submission stands: what it adds and asks for, what was found, and what can be done with it."""
    found = ask(url, token, "GET", f"/submissions/{part(id)}")
    _shown(found)
    wheel, beside = found["wheel"], found.get("compared") or {"before": None, "newNeeds": ()}
    if wheel and wheel.get("manifest"):
        before = f", an update of {beside['before']}" if beside["before"] else ""
        typer.echo(f"{wheel['manifest']['title']} {wheel['version']}{before}")
        print_manifest(wheel["manifest"], tuple(beside["newNeeds"]))
    for one in found["timeline"]:
        typer.echo(f"{one['at']} {one['actor']}: {one['action']} {one['text']}".rstrip())
    if found["possible"]:
        typer.echo(f"possible: {', '.join(found['possible'])}")


@marketplace.command()
def review(
    id: Annotated[str, typer.Argument(metavar="SUBMISSION", help="Its id; without it, what waits.")] = "",
    action: Annotated[
        str, typer.Argument(help="approve, request-changes, reject, comment, publish or withdraw.")
    ] = "",
    text: Words = "",
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """What waits for reviewers, applications as well; or do something with a submission."""
    if not id:
        _waiting(url, token)
        return
    if not action:
        status(id, url, token)
        return
    _shown(ask(url, token, "POST", f"/submissions/{part(id)}/{part(action)}", json={"text": text}))


def _waiting(url: str, token: str | None) -> None:
    applied = ask(url, token, "GET", "/applications")["items"]
    for one in applied:
        typer.echo(f"application {one['name']} {one['title']!r} by {one['appliedBy']}")
    submitted = ask(url, token, "GET", "/submissions")["items"]
    for one in submitted:
        typer.echo(f"{one['id']} {one['state']} {one['publisher']}/{one['listing']['name']}")
    if applied:
        typer.echo("Decide with: marketplace applications approve NAME, or reject NAME --reason WHY")
    if not applied and not submitted:
        typer.echo("Nothing waits.")


@marketplace.command()
def publish(  # noqa: PLR0917 - one parameter an option
    target: Annotated[
        str, typer.Argument(help="The id of an approved submission, or the name of a listing.")
    ],
    wheel: Annotated[
        Path | None, typer.Argument(help="With a listing: the wheel of its new release (from CI).")
    ] = None,
    changelog: Annotated[str, typer.Option(help="What is new, as Markdown.")] = "",
    attestation: Annotated[
        Path | None, typer.Option(help="Who built the wheel: its attestation (PEP 740) or Sigstore bundle.")
    ] = None,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Put what was approved on the shelf; or release a version with a token of the publisher."""
    if wheel is None:
        if attestation is not None:
            fail("An attestation goes with a listing and its wheel")
        _shown(ask(url, token, "POST", f"/submissions/{part(target)}/publish", json={}))
        return
    path = f"/listings/{part(target)}/releases"
    params = {"changelog": changelog} if changelog else {}
    if attestation is None:
        made = send(url, token, "POST", path, wheel, **params)
    else:  # both at once: what is attested falsely is not released
        files = {"wheel": (wheel.name, read(wheel)), "attestation": (attestation.name, read(attestation))}
        made = ask(url, token, "POST", path, files=files, params=params)
    typer.echo(f"{made['package']} {made['version']} is released, sha256 {made['sha256']}")
    if attestation is not None:
        _attested(target, made)


@marketplace.command()
def attest(
    listing: Listing,
    version: Version,
    attestation: Annotated[Path, typer.Argument(metavar="FILE", help="An attestation, or a bundle.")],
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Say who built a release, with a token of the publisher; what is sent once is never replaced."""
    path = f"/listings/{part(listing)}/releases/{part(version)}/attestation"
    headers = {"content-type": "application/json"}
    made = ask(url, token, "PUT", path, content=read(attestation), headers=headers)
    _attested(listing, made)


def _attested(listing: str, made: Any) -> None:
    """What became of an attestation, by the answer about its release (JSON, hence Any)."""
    typer.echo(f"{listing} {made['version']} is attested: {made['attested']['state']}")


def _shown(found: Any) -> None:
    """A submission (JSON, hence Any)."""
    typer.echo(f"{found['id']} {found['state']}")
    for one in found["findings"]:
        place = f"{one['field']}: " if one["field"] else ""
        typer.echo(f"{one['level']}: {place}{one['message']}")


for _one in (
    verify,
    edit,
    suspend,
    resume,
    yank,
    unyank,
    deprecate,
    revive,
    accept,
    decline,
    restore,
    report,
):
    marketplace.command()(_one)
marketplace.command("transfer")(offer)
marketplace.command("take-down")(take_down)
for _name, _group in {
    "applications": applications,
    "members": members,
    "tokens": tokens,
    "domains": domains,
    "reports": reports,
}.items():
    marketplace.add_typer(_group, name=_name)
