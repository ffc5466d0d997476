"""`callboard marketplace`: publish plugins and review them, on a running server, with a token.

Thin: every answer and every refusal is the server's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from callboard.cli.remote import DEFAULT_URL, error_message, fail

marketplace = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Submit, review and release plugins of the Marketplace."
)

Url = Annotated[str, typer.Option("--url", envvar="CALLBOARD_URL", help="A running Callboard.")]
Token = Annotated[
    str | None,
    typer.Option(envvar="CALLBOARD_TOKEN", help="A token of yours; to publish from CI, of the publisher."),
]
Id = Annotated[str, typer.Argument(metavar="SUBMISSION", help="The id of a submission.")]
Listing = Annotated[str, typer.Argument(metavar="LISTING", help="The name of a listing.")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="The version of a release.")]
Words = Annotated[str, typer.Option("--text", help="What to say.")]
Reason = Annotated[str, typer.Option(help="Why; people read it.")]
FILE = "application/octet-stream"


@marketplace.command()
def apply(  # noqa: PLR0917 - one parameter an option
    name: Annotated[str, typer.Argument(help="The name of the publisher, which stays.")],
    title: Annotated[str, typer.Option(help="As people call you.")],
    domain: Annotated[str, typer.Option(help="A domain of yours, to prove.")] = "",
    contact: Annotated[str, typer.Option(help="A mail address or an https: address.")] = "",
    website: Annotated[str, typer.Option(help="An https: address.")] = "",
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Apply as a publisher."""
    body = {"name": name, "title": title, "domain": domain, "contact": contact, "url": website}
    made = _ask(url, token, "POST", "/publishers", json=body)
    typer.echo(f"{name} is {made['state']}")
    for one in made["domains"]:
        typer.echo(f"prove {one['name']}: set the TXT record callboard-verification={one['token']}")


@marketplace.command()
def verify(
    name: Annotated[str, typer.Argument(help="The name of the publisher.")],
    domain: Annotated[str, typer.Argument(help="The domain to look at now.")],
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Look whether a domain shows its proof."""
    path = f"/publishers/{_part(name)}/domains/{_part(domain)}/verify"
    found = _ask(url, token, "POST", path, json={})
    if not found["verified"]:
        fail(f"{domain} is not proved: {'; '.join(found['found'])}")
    typer.echo(f"{domain} is proved by {found['method']}")


@marketplace.command()
def submit(  # noqa: PLR0917 - one parameter an option
    publisher: Annotated[str, typer.Argument(help="The name of the publisher.")],
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
    """Send a plugin, and hand it in; the checks answer at once."""
    fields = _fields(listing)
    if again:
        id = again
        _ask(url, token, "PUT", f"/submissions/{_part(id)}", json={"listing": fields, "changelog": changelog})
    else:
        body = {"publisher": publisher, "listing": fields}
        id = str(_ask(url, token, "POST", "/submissions", json=body)["id"])
        if changelog:
            _ask(url, token, "PUT", f"/submissions/{id}", json={"changelog": changelog})
    path = f"/submissions/{_part(id)}"
    _send(url, token, "PUT", f"{path}/wheel", wheel)
    for use, files in (("icon", [icon] if icon else []), ("screenshot", screenshot or [])):
        for file in files:
            _send(url, token, "POST", f"{path}/pictures", file, use=use)
    if draft:
        typer.echo(f"{id} is a draft")
        return
    done = _ask(url, token, "POST", f"{path}/submit", json={})
    _shown(done)
    if done["state"] != "in-review":
        raise typer.Exit(1)


@marketplace.command()
def status(id: Id, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """How a submission stands, what was found, and what can be done with it."""
    found = _ask(url, token, "GET", f"/submissions/{_part(id)}")
    _shown(found)
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
    """What waits for reviewers; or do something with a submission."""
    if not id:
        for one in _ask(url, token, "GET", "/submissions")["items"]:
            typer.echo(f"{one['id']} {one['state']} {one['publisher']}/{one['listing']['name']}")
        return
    if not action:
        status(id, url, token)
        return
    _shown(_ask(url, token, "POST", f"/submissions/{_part(id)}/{_part(action)}", json={"text": text}))


@marketplace.command()
def publish(
    target: Annotated[
        str, typer.Argument(help="The id of an approved submission, or the name of a listing.")
    ],
    wheel: Annotated[
        Path | None, typer.Argument(help="With a listing: the wheel of its new release (from CI).")
    ] = None,
    changelog: Annotated[str, typer.Option(help="What is new, as Markdown.")] = "",
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Put what was approved on the shelf; or release a version with a token of the publisher."""
    if wheel is None:
        _shown(_ask(url, token, "POST", f"/submissions/{_part(target)}/publish", json={}))
        return
    path = f"/listings/{_part(target)}/releases"
    made = _send(url, token, "POST", path, wheel, **({"changelog": changelog} if changelog else {}))
    typer.echo(f"{made['package']} {made['version']} is released, sha256 {made['sha256']}")


@marketplace.command()
def yank(
    listing: Listing, version: Version, reason: Reason, url: Url = DEFAULT_URL, token: Token = None
) -> None:
    """Keep a version from being chosen by anybody who does not name it."""
    path = f"/listings/{_part(listing)}/releases/{_part(version)}/yank"
    _ask(url, token, "POST", path, json={"reason": reason})
    typer.echo(f"{listing} {version} is yanked")


@marketplace.command()
def unyank(listing: Listing, version: Version, url: Url = DEFAULT_URL, token: Token = None) -> None:
    """Take a yank back."""
    _ask(url, token, "POST", f"/listings/{_part(listing)}/releases/{_part(version)}/unyank", json={})
    typer.echo(f"{listing} {version} can be chosen again")


@marketplace.command()
def deprecate(
    listing: Listing,
    reason: Reason = "",
    instead: Annotated[str, typer.Option(help="The name of a listing that takes its place.")] = "",
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Say that a listing has no future."""
    body = {"reason": reason, "replacedBy": instead}
    _ask(url, token, "POST", f"/listings/{_part(listing)}/deprecate", json=body)
    typer.echo(f"{listing} is deprecated")


def _shown(found: Any) -> None:
    """A submission (JSON, hence Any)."""
    typer.echo(f"{found['id']} {found['state']}")
    for one in found["findings"]:
        place = f"{one['field']}: " if one["field"] else ""
        typer.echo(f"{one['level']}: {place}{one['message']}")


def _fields(path: Path) -> dict[str, Any]:
    """The listing in a YAML or JSON file (of any shape, hence Any: the server reads it)."""
    from callboard.core.yaml import read_documents

    content = _bytes(path)
    documents = read_documents(content, str(path))
    value = documents[0].value if len(documents) == 1 and documents[0].problem is None else None
    if not isinstance(value, dict):
        fail(str(documents[0].problem) if documents and documents[0].problem else f"{path} must be a mapping")
    return value


def _send(url: str, token: str | None, method: str, path: str, file: Path, **params: str) -> Any:
    headers = {"content-type": FILE, "x-filename": file.name}
    return _ask(url, token, method, path, content=_bytes(file), headers=headers, params=params)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}")


def _part(text: str) -> str:
    """A part of a path, which cannot become two."""
    return quote(text, safe="")


def _ask(url: str, token: str | None, method: str, path: str, **options: Any) -> Any:
    """JSON of the answer (of any shape); ends the command with the server's words when it refuses."""
    import httpx

    base = url.rstrip("/").removesuffix("/api/marketplace")
    own = {"authorization": f"Bearer {token}"} if token else {}
    headers = {**own, **options.pop("headers", {})}
    try:
        answer = httpx.request(
            method, f"{base}/api/marketplace{path}", headers=headers, timeout=120, trust_env=True, **options
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        fail(f"{base} cannot be reached: {error or type(error).__name__}")
    if answer.status_code >= 400:
        fail(f"{base} answered {answer.status_code}: {error_message(answer)}")
    return answer.json()
