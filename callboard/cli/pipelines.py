"""`callboard pipelines`: run the pipelines here, make days again, and see how they stand.

Works on the portal's database and lake, so it needs no running server. Pictures of the catalog are taken by
a server that runs; the newest are used here.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from callboard.cli.plugins_shown import print_json
from callboard.core.errors import CallboardError, ConfigError

if TYPE_CHECKING:
    from callboard.pipelines.runs import Run, RunRequest
    from callboard.pipelines.service import Pipelines

T = TypeVar("T")
pipelines = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Run the pipelines, and see how they stand."
)

Configs = Annotated[
    list[Path] | None, typer.Option("--config", help="An app-config.yaml; repeat to merge several.")
]
Data = Annotated[Path, typer.Option(help="Folder of the embedded database and of the lake.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Only = Annotated[
    list[str] | None, typer.Option("--only", help="A model, and all that is made of it; repeat for more.")
]
Collecting = Annotated[bool, typer.Option("--collect/--no-collect", help="Let the sources collect first.")]
DATA = Path("callboard-data")


@pipelines.command()
def run(config: Configs = None, data: Data = DATA, only: Only = None, collect: Collecting = True) -> None:
    """Collect what is new, and make what is stale. Exit status 1 when something could not be made."""
    _run(config, data, only, collect)


@pipelines.command()
def backfill(  # noqa: PLR0917 - one parameter an option
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day.")],
    config: Configs = None,
    data: Data = DATA,
    only: Only = None,
    collect: Collecting = True,
) -> None:
    """Collect and make certain days again, stale or not."""
    _run(config, data, only, collect, (since.date(), until.date()))


@pipelines.command()
def status(config: Configs = None, data: Data = DATA, as_json: AsJson = False) -> None:
    """The last run, the sources, and how every dataset stands."""
    from callboard.pipelines.faces.api import shown
    from callboard.pipelines.faces.pages import states_of

    async def work(service: Pipelines) -> tuple[list[Run], dict[str, dict[str, object]], list[object]]:
        runs = await (await service.opened()).runs(1, service.lake.url)
        return runs, await service.collected(), [shown(one) for one in await states_of(service)]

    runs, sources, found = _with(config, data, work)
    if as_json:
        print_json({"runs": [_as_data(one) for one in runs], "sources": sources, "datasets": found})
        return
    console = Console(soft_wrap=True)
    for one in runs:
        console.print(
            f"last run {one.status}: {one.made} partitions, {one.rows} rows, {one.problems} problems"
        )
    for name, told in sources.items():
        for problem in told["problems"]:  # type: ignore[attr-defined]  # JSON
            console.print(f"[yellow]problem[/yellow] {name}: {problem['text']}", highlight=False)
    table = Table("Dataset", "Newest", "Fresh", "Checks", "Days", "Rows", box=None, pad_edge=False)
    for each in found:
        assert isinstance(each, dict)
        failing = sum(not check["passed"] for check in each["checks"])
        checks = f"{failing} of {len(each['checks'])} failed" if failing else f"{len(each['checks'])} passed"
        table.add_row(
            f"{each['layer']}.{each['name']}",
            each["newest"] or "-",
            {True: "yes", False: "no", None: "-"}[each["fresh"]],
            f"{len(each['problems'])} not made" if each["problems"] else checks if each["checks"] else "-",
            str(each["partitions"]),
            f"{each['rows']:,}",
        )
    console.print(table)


@pipelines.command()
def lineage(
    dataset: Annotated[str | None, typer.Argument(help="A dataset such as marts.health.")] = None,
    as_json: AsJson = False,
) -> None:
    """What every dataset is made of, or one with all that stands behind it."""
    from callboard.pipelines.models import MODELS
    from callboard.pipelines.records import RAW

    inputs = {
        f"{one.layer}.{one.name}": list(dict.fromkeys(f"{each.layer}.{each.dataset}" for each in one.inputs))
        for one in MODELS
    }
    inputs = {**{f"raw.{name}": [] for name in RAW}, **inputs}
    if dataset is not None:
        if dataset not in inputs:
            _fail(f"there is no dataset {dataset}: {', '.join(inputs)}")
        wanted = _behind(dataset, inputs)
        inputs = {name: made_of for name, made_of in inputs.items() if name in wanted}
    if as_json:
        print_json(inputs)
        return
    for name, made_of in inputs.items():
        typer.echo(f"{name} <- {', '.join(made_of)}" if made_of else name)


def _behind(dataset: str, inputs: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [dataset]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += inputs[one]
    return found


def _run(
    config: list[Path] | None,
    data: Path,
    only: list[str] | None,
    collect: bool,
    days: tuple[date, date] | None = None,
) -> None:
    from callboard.pipelines.runs import RunRequest

    request = RunRequest(only=tuple(only or ()))
    if days is not None:
        if days[0] > days[1]:
            _fail("the first day must not be after the last")
        request = RunRequest("backfill", days[0], days[1], True, tuple(only or ()))
    done, problems = _with(config, data, lambda service: _worked(service, request, collecting=collect))
    for problem in problems:
        typer.echo(f"problem: {problem}", err=True)
    took = (done.finished_at or done.started_at) - done.started_at
    typer.echo(f"{done.status}: {done.made} partitions of {done.rows} rows in {took:.1f} s")
    if done.status != "finished" or done.problems:
        _fail(done.error or f"{done.problems} partitions could not be made: see `callboard pipelines status`")


async def _worked(service: Pipelines, request: RunRequest, *, collecting: bool) -> tuple[Run, list[str]]:
    outcomes = await service.collect(request.since, request.until) if collecting else []
    done = await service.run(request, collecting=False)
    return done, [str(problem) for one in outcomes for problem in one.problems]


def _with(config: list[Path] | None, data: Path, work: Callable[[Pipelines], Awaitable[T]]) -> T:
    """Work with the pipelines of a configuration; a mistake ends the command."""
    from callboard.catalog.settings import read_settings
    from callboard.core.config import load_config
    from callboard.core.database import Database
    from callboard.pipelines.lake import LakeError
    from callboard.pipelines.service import Pipelines
    from callboard.pipelines.settings import PipelinesSettings

    async def main() -> T:
        settings = load_config(config or [], os.environ)
        await asyncio.to_thread(data.mkdir, parents=True, exist_ok=True, mode=0o700)
        database = Database(read_settings(settings, data).database_url)
        service = Pipelines(database, data, settings)
        try:
            given = PipelinesSettings.model_validate(settings.get("pipelines") or {})
            # A command captures no usage.
            await service.follow(given.model_copy(update={"usage": PipelinesSettings().usage}))
            return await work(service)
        finally:
            await service.stop()
            await database.close()

    try:
        return asyncio.run(main())
    except ConfigError as error:
        _fail("\n".join(str(problem) for problem in error.problems))
    except (CallboardError, LakeError, ValueError, OSError) as error:
        _fail(str(error))


def _as_data(run: Run) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(run)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
