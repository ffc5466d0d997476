"""`callboard roles`: the roles of a running portal as a file, their versions, and checks of a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from callboard.cli.remote import DEFAULT_URL, Remote, error_message, fail

if TYPE_CHECKING:
    import httpx

    from callboard.access.roles.document import Known

roles = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Who may do what: roles and their versions."
)

Url = Annotated[str, typer.Option("--url", envvar="CALLBOARD_URL", help="A running Callboard.")]
Token = Annotated[
    str | None, typer.Option(envvar="CALLBOARD_TOKEN", help="A bearer token.", show_envvar=True)
]
Comment = Annotated[str, typer.Option(help="Why; stands beside the new version.")]
File = Annotated[str, typer.Argument(help="A YAML or JSON file; - is standard input.")]


@roles.command()
def export(
    url: Url = DEFAULT_URL,
    token: Token = None,
    output: Annotated[str, typer.Option(help="A file; - is standard output.")] = "-",
    form: Annotated[Literal["yaml", "json"], typer.Option("--format")] = "yaml",
    version: Annotated[int | None, typer.Option(help="An old version instead of the newest.", min=1)] = None,
) -> None:
    """Write the document of the roles."""
    import orjson

    from callboard.access.roles.document import as_yaml

    path = "policy" if version is None else f"policy/versions/{version}"
    document = _json(_ask(url, token, "GET", path))["document"]
    text = (
        as_yaml(document)
        if form == "yaml"
        else orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"
    )
    if output == "-":
        sys.stdout.write(text)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}")


@roles.command("import")
def import_(
    file: File,
    url: Url = DEFAULT_URL,
    token: Token = None,
    comment: Comment = "",
    based_on: Annotated[
        int | None, typer.Option(help="Refuse unless this is the newest version.", min=0)
    ] = None,
) -> None:
    """Make the document in a file the one in force. The server checks it, and keeps the one before."""
    content = _read(file)
    if based_on is None:
        based_on = _json(_ask(url, token, "GET", "policy"))["version"]
    headers = {"content-type": "application/yaml", "if-match": f'"{based_on}"'}
    params = {"comment": comment} if comment else {}
    made = _json(_ask(url, token, "PUT", "policy", content=content, headers=headers, params=params))
    if made["version"] == based_on:
        typer.echo(f"nothing differs from version {based_on}")
    else:
        typer.echo(f"version {made['version']} is in force")


@roles.command()
def check(
    file: File,
    url: Annotated[
        str | None,
        typer.Option("--url", help="A running Callboard whose permissions and rules count; else those here."),
    ] = None,
    token: Token = None,
) -> None:
    """Say what is wrong with the document in a file, and where: exit status 1 when anything is."""
    from callboard.access.roles.reading import parse_policies
    from callboard.core.errors import ConfigError

    known = _known_here() if url is None else _known_there(url, token)
    try:
        document = parse_policies(_read(file), file, known)
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(str(problem))
        raise typer.Exit(1) from None
    typer.echo(f"{file} is in order: {len(document.roles)} roles")


@roles.command()
def versions(
    url: Url = DEFAULT_URL,
    token: Token = None,
    limit: Annotated[int, typer.Option(help="So many of the newest.", min=1, max=500)] = 20,
) -> None:
    """List the versions, the newest first."""
    from datetime import UTC, datetime

    for one in _json(_ask(url, token, "GET", "policy/versions", params={"limit": limit}))["items"]:
        at = datetime.fromtimestamp(one["at"], UTC).strftime("%Y-%m-%d %H:%M:%S")
        typer.echo(f"{one['version']:>6}  {at}  {one['author']}  {one['comment']}".rstrip())


@roles.command()
def restore(
    version: Annotated[int, typer.Argument(help="The version to bring back.", min=1)],
    url: Url = DEFAULT_URL,
    token: Token = None,
    comment: Comment = "",
) -> None:
    """Make a new version that is like an old one."""
    now = _json(_ask(url, token, "GET", "policy"))["version"]
    body = {"version": now, "comment": comment}
    made = _json(_ask(url, token, "POST", f"policy/versions/{version}/restore", json=body))
    typer.echo(f"version {made['version']} is in force, like version {version}")


def _ask(url: str, token: str | None, method: str, path: str, **options: Any) -> httpx.Response:
    """An answer that succeeded; ends the command with the server's words otherwise."""
    remote = Remote(url, token)
    answer = remote.request(method, f"{remote.url}/api/permission/{path}", **options)
    if not answer.is_success:
        fail(f"{remote.url} answered {answer.status_code}: {error_message(answer)}")
    return answer


def _json(answer: httpx.Response) -> Any:
    """JSON of any shape; ends the command when it is none."""
    try:
        return answer.json()
    except ValueError:
        fail(f"{answer.url} answered with something that is not JSON")


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}")


def _known_here() -> Known:
    """The permissions and rules of the plugins in this environment."""
    from callboard.access.permissions.types import Permission, PermissionRule
    from callboard.access.roles.document import Known
    from callboard.plugins.discovery import beside, builtin
    from callboard.portal.plugins import PLUGINS

    plugins = [one.plugin for one in (*builtin(PLUGINS), *beside()) if one.plugin is not None]
    given = [one for plugin in plugins for one in plugin.contributions]
    return Known(
        tuple(one for one in given if isinstance(one, Permission)),
        tuple(one for one in given if isinstance(one, PermissionRule)),
    )


def _known_there(url: str, token: str | None) -> Known:
    """Those of a running server."""
    from callboard.access.permissions.types import Permission, PermissionRule
    from callboard.access.roles.document import Known

    permissions = _json(_ask(url, token, "GET", "plugins/policies"))
    rules = _json(_ask(url, token, "GET", "plugins/condition-rules"))
    return Known(
        tuple(
            Permission(
                one["name"], one["policy"] if one["policy"] != "use" else None, one.get("resourceType")
            )
            for plugin in permissions
            for one in plugin["policies"]
        ),
        tuple(
            PermissionRule(
                plugin["pluginId"],
                one["name"],
                one["description"],
                one["resourceType"],
                one["paramsSchema"],
                lambda _resource, _params: False,  # only names and parameters are looked at
            )
            for plugin in rules
            for one in plugin["rules"]
        ),
    )
