"""The Marketplace of a running server as the commands see it: its options, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from callboard.cli.remote import error_message, fail

Url = Annotated[str, typer.Option("--url", envvar="CALLBOARD_URL", help="A running Callboard.")]
Token = Annotated[
    str | None,
    typer.Option(envvar="CALLBOARD_TOKEN", help="A token of yours; to publish from CI, of the publisher."),
]
Publisher = Annotated[str, typer.Argument(metavar="PUBLISHER", help="The name of a publisher.")]
Listing = Annotated[str, typer.Argument(metavar="LISTING", help="The name of a listing.")]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="The version of a release.")]
Reason = Annotated[str, typer.Option(help="Why; people read it.")]
Hint = str | Callable[[str], str]
FILE = "application/octet-stream"


def ask(url: str, token: str | None, method: str, path: str, *, hint: Hint = "", **options: Any) -> Any:
    """JSON of the answer (of any shape); ends the command with the server's words when it refuses.

    `hint` is said after them, or what it makes of them. `options` are those of httpx, hence Any.
    """
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
        said = f"{base} answered {answer.status_code}: {error_message(answer)}"
        further = hint if isinstance(hint, str) else hint(said)
        fail(f"{said}\n{further}" if further else said)
    return answer.json() if answer.content else None


def send(
    url: str, token: str | None, method: str, path: str, file: Path, *, hint: Hint = "", **params: str
) -> Any:
    """Send a file as it is."""
    headers = {"content-type": FILE, "x-filename": file.name}
    content = read(file)
    return ask(url, token, method, path, hint=hint, content=content, headers=headers, params=params)


def read(path: Path) -> bytes:
    """The bytes of a file; ends the command where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}")


def part(text: str) -> str:
    """A part of a path, which cannot become two."""
    return quote(text, safe="")
