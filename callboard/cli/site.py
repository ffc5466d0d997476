"""`callboard site`: the public site of the Marketplace as files."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from callboard.core.errors import CallboardError

if TYPE_CHECKING:
    from callboard.core.config import Config
    from callboard.marketplace.site.build.frozen import Frozen

site = typer.Typer(add_completion=False, no_args_is_help=True, help="The public site of the Marketplace.")
PATIENCE = 600.0


@site.callback()
def _site() -> None:
    """Make `build` a command of its own, though it is the only one."""


@site.command()
def build(
    out: Annotated[Path, typer.Option(help="The folder to write the site into.")],
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH_OR_URL", help="Descriptors, as for `callboard serve`."),
    ] = None,
    config: Annotated[
        list[Path] | None, typer.Option("--config", help="An app-config.yaml; repeat to merge several.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of a portal's database; without it the sources are read anew.")
    ] = None,
) -> None:
    """Write the public site as static files; what did not change since the last build is not touched."""
    from callboard.core.config import load_config
    from callboard.marketplace.site.build.build import build as write

    try:
        settings = load_config(config or [], os.environ)
        with TemporaryDirectory(prefix="callboard-site-") as place:
            folder = data or Path(place)
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            frozen = asyncio.run(_frozen(settings, folder, list(sources or [])))
        done = write(frozen, out)
    except CallboardError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"{error.filename or out}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(
        f"{done.files} files in {out}: {done.written} written, {done.removed} removed, "
        f"{done.files - done.written} unchanged, in {done.seconds:.1f} s"
    )


async def _frozen(config: Config, data: Path, sources: list[str]) -> Frozen:
    """What everyone may see of the catalog, once it is whole."""
    from callboard.marketplace.site.build.frozen import freeze
    from callboard.marketplace.site.service import public_of, today
    from callboard.server import Address, Server, configure_logs

    configure_logs()
    server = Server(config, Address("127.0.0.1", 0), data, sources, watch=False)
    async with server.prepared() as host:
        async with asyncio.timeout(PATIENCE):
            await host.runtime.engine.settled()
            await host.runtime.whole.wait()
        public = public_of(host.services)
        portal = config.string("app.baseUrl", "").rstrip("/")
        return await freeze(host.services.queries, public.shelves.figures, public.settings, today(), portal)
