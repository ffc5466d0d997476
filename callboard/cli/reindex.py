"""`callboard reindex`: asks a running server to process every entity anew."""

from __future__ import annotations

from typing import Annotated

import typer

from callboard.cli.remote import DEFAULT_URL, Remote, error_message, fail


def reindex(
    url: Annotated[str, typer.Option(envvar="CALLBOARD_URL", help="A running Callboard.")] = DEFAULT_URL,
    token: Annotated[str | None, typer.Option(envvar="CALLBOARD_TOKEN", help="A bearer token.")] = None,
) -> None:
    """Have every entity read and processed anew."""
    remote = Remote(url, token)
    answer = remote.request("POST", "/reindex")
    if answer.status_code != 202:
        fail(f"{remote.url} answered {answer.status_code}: {error_message(answer)}")
    typer.echo("every entity will be processed anew")
