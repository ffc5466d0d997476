"""`callboard serve`: the portal on this machine."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from callboard.core.errors import ConfigError

if TYPE_CHECKING:
    from callboard.core.config import Config
    from callboard.server import Address, Server

console = Console(stderr=True, highlight=False, soft_wrap=True)
DEFAULT_PORT = 7007
EXAMPLE = {
    f"APP_CONFIG_pipelines_{key}": value
    for key, value in {
        "enabled": "true",
        "owner": "group:engine-room/stokers",
        "sources_recorded_folder": str(files("callboard") / "example" / "pipelines"),
        "usage_enabled": "true",
    }.items()
}
"""What the example organisation is configured with: pipelines over the numbers that it ships."""


def serve(  # noqa: PLR0917 - one parameter an option
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH_OR_URL", help="Folders, files, globs or URLs with descriptors."),
    ] = None,
    config: Annotated[
        list[Path] | None, typer.Option("--config", help="An app-config.yaml; repeat to merge several.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (default 7007).")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (default 127.0.0.1).")] = None,
    data: Annotated[Path, typer.Option(help="Folder for the embedded database.")] = Path("callboard-data"),
    watch: Annotated[bool, typer.Option(help="Read local files again when they change.")] = True,
) -> None:
    """Serve a catalog. Without a source and a configuration, an example organisation."""
    # The index is millions of objects that stay: walking them at every 700th allocation costs a tenth of
    # the time of ingestion, and of the imports below, and finds no garbage.
    gc.set_threshold(100_000, 20, 50)
    from callboard.core.config import load_config

    try:
        example = not sources and not config
        settings = load_config(config or [], {**EXAMPLE, **os.environ} if example else os.environ)
        address = _address(settings, host, port)
        _run(list(sources or []), settings, address, data, watch=watch, example=example)
    except ConfigError as error:
        for problem in error.problems:
            console.print(f"[red]error[/red] {problem}")
        raise typer.Exit(1) from None
    except OSError as error:
        console.print(f"[red]error[/red] {error.filename or data}: {error.strerror or error}")
        raise typer.Exit(1) from None


def _run(
    sources: list[str],
    config: Config,
    address: Address,
    data: Path,
    *,
    watch: bool,
    example: bool,
) -> None:
    from callboard.server import Server, configure_logs

    configure_logs()
    if example:
        sources = [str(files("callboard") / "example" / "catalog-info.yaml")]
        console.print("no source given: serving the example organisation")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    server = Server(config, address, data, sources, watch=watch, console=console)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_until_signal(server))


def _address(config: Config, host: str | None, port: int | None) -> Address:
    from callboard.server import Address

    listen = config.get("backend.listen")
    configured_port: object = None
    if isinstance(listen, dict):
        configured_port = listen.get("port")
    elif isinstance(listen, str | int):
        configured_port = str(listen).rpartition(":")[2]
    try:
        chosen = port if port is not None else int(str(configured_port or DEFAULT_PORT))
    except ValueError:
        raise ConfigError([config.problem("backend.listen", "must end with a port number")]) from None
    return Address(host or "127.0.0.1", chosen)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return None
    return uvloop.new_event_loop


async def _until_signal(server: Server) -> None:
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(server.run())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    await running
