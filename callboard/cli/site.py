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
    from callboard.catalog.index import Index
    from callboard.catalog.runtime import Runtime
    from callboard.core.config import Config
    from callboard.core.database import Database
    from callboard.marketplace.figures import Figures
    from callboard.marketplace.site.build.frozen import Frozen

site = typer.Typer(add_completion=False, no_args_is_help=True, help="The public site of the Marketplace.")
PATIENCE = 600.0
QUIET, PAUSE = 2.0, 0.1  # seconds
DATABASE = "APP_CONFIG_backend_database"


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
        Path | None,
        typer.Option(help="Folder of a portal's database, which is only read; instead of descriptors."),
    ] = None,
) -> None:
    """Write the public site as static files; what did not change since the last build is not touched.

    Without descriptors, of a portal whose database is PostgreSQL, what that database holds is written.
    """
    from callboard.core.config import load_config
    from callboard.marketplace.site.build.build import build as write

    try:
        if data is not None and sources:
            raise CallboardError("give either descriptors or --data, not both")
        settings = load_config(config or [], os.environ)
        if data is not None or (not sources and settings.string("backend.database.client", "") == "pg"):
            frozen = asyncio.run(_stored(settings, data or Path()))
        else:
            # Whatever database is configured is that of a portal, and none of what is read here.
            others = {key: value for key, value in os.environ.items() if not key.startswith(DATABASE)}
            settings = load_config(config or [], {**others, f"{DATABASE}_client": "better-sqlite3"})
            with TemporaryDirectory(prefix="callboard-site-") as place:
                frozen = asyncio.run(_read(settings, Path(place), list(sources or [])))
        if not any(one.entity_ref.startswith("listing:") for one in frozen.entries):
            raise CallboardError("there is no listing to show, so no site was written")
        if not frozen.settings.url:
            typer.echo(
                "without `marketplace.public.url` the site has no sitemap, canonical links and pictures",
                err=True,
            )
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


async def _read(config: Config, data: Path, sources: list[str]) -> Frozen:
    """What everyone may see of the catalog of these sources, once it is whole."""
    from callboard.server import Address, Server, configure_logs

    configure_logs()
    server = Server(config, Address("127.0.0.1", 0), data, sources, watch=False)
    async with server.prepared() as host:
        async with asyncio.timeout(PATIENCE):
            await host.runtime.whole.wait()
            await _still(host.runtime)
        if host.figures is not None:
            await host.figures.refresh()
        return await _frozen(config, host.runtime.index, host.figures)


async def _still(runtime: Runtime) -> None:
    """Wait until nothing more follows from what was read: some providers look at the catalog themselves."""
    version, quiet = -1, 0.0
    while quiet < QUIET:
        await runtime.engine.settled()
        quiet = quiet + PAUSE if version == runtime.index.version else 0.0
        version = runtime.index.version
        await asyncio.sleep(PAUSE)


async def _stored(config: Config, data: Path) -> Frozen:
    """What everyone may see of the catalog that a portal's database holds. Nothing is written to it."""
    from sqlalchemy.exc import DBAPIError

    from callboard.catalog.follower import read_index
    from callboard.figures import mart_figures

    database = _opened(config, data)
    figures = mart_figures(config, data, lambda: config.get("pipelines.sources.recorded") is not None)
    try:
        index = await read_index(database)
        if figures is not None:
            await figures.refresh()
        return await _frozen(config, index, figures)
    except DBAPIError as error:
        raise CallboardError(f"the database of the portal cannot be read: {error.orig}") from error
    finally:
        await database.close()


def _opened(config: Config, data: Path) -> Database:
    from callboard.catalog.settings import read_settings
    from callboard.core.database import Database

    database = Database(read_settings(config, data).database_url)
    # SQLite would make a file that is not there.
    if not database.is_postgresql and not os.path.exists(database.engine.url.database or ""):
        raise CallboardError(f"{data} holds no database of a portal")
    return database


async def _frozen(config: Config, index: Index, figures: Figures | None) -> Frozen:
    from callboard.catalog.query import Queries
    from callboard.marketplace.figures import NoFigures
    from callboard.marketplace.site.build.frozen import freeze
    from callboard.marketplace.site.service import today
    from callboard.marketplace.site.settings import read_public

    portal = config.string("app.baseUrl", "").rstrip("/")
    return await freeze(Queries(index), figures or NoFigures(), read_public(config), today(), portal)
