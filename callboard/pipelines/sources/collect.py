"""Lets every source collect, one after another; what one of them lacks stops no other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from callboard.core.errors import CallboardError
from callboard.pipelines.lake import Lake
from callboard.pipelines.settings import Sources
from callboard.pipelines.sources.catalog import CatalogSnapshot
from callboard.pipelines.sources.contract import Outcome, Shelf, Source, SourceError, Work
from callboard.pipelines.sources.directory import Directory
from callboard.pipelines.sources.events import UsageEvents
from callboard.pipelines.sources.github import GitHubFacts
from callboard.pipelines.sources.gitlab import GitLabFacts
from callboard.pipelines.sources.installations import Installations
from callboard.pipelines.sources.listings import shelf_of
from callboard.pipelines.sources.npm import NpmPackages
from callboard.pipelines.sources.npm_downloads import NpmDownloads
from callboard.pipelines.sources.osv import OsvExport
from callboard.pipelines.sources.pypi import PypiPackages
from callboard.pipelines.sources.pypi_downloads import PypiDownloads, PypiExport
from callboard.pipelines.sources.recorded import Recorded
from callboard.pipelines.sources.repositories import Repositories

log = structlog.get_logger(__name__)


def sources_of(settings: Sources) -> list[Source]:
    """The sources that are configured, those first that say whom the others ask about."""
    found: list[Source] = [CatalogSnapshot()]
    if settings.directory:
        found.append(Directory(settings.directory.source))
    found += [Installations(), UsageEvents()]
    if settings.recorded:
        found.append(Recorded(settings.recorded.folder, shift=settings.recorded.shift))
    if settings.npm:
        found.append(NpmPackages(settings.npm.url))
        if settings.npm.downloads_url:
            found.append(NpmDownloads(settings.npm.downloads_url, settings.npm.history))
    if settings.pypi:
        found.append(PypiPackages(settings.pypi.url))
        if settings.pypi.downloads_folder:
            found.append(PypiExport(settings.pypi.downloads_folder, settings.pypi.mirrors))
        if settings.pypi.downloads_url:
            found.append(PypiDownloads(settings.pypi.downloads_url))
    if settings.repositories:
        found.append(Repositories({"github": GitHubFacts(), "gitlab": GitLabFacts()}))
    if settings.osv:
        found.append(OsvExport(settings.osv.source, settings.osv.ecosystems))
    return found


async def collect(
    sources: Sequence[Source], work: Work, report: Callable[[Outcome], None] = lambda _: None
) -> list[Outcome]:
    """What each source did. `report` is told as soon as one is through."""
    outcomes = []
    for source in sources:
        work.shelf = await asyncio.to_thread(newest_shelf, work.lake)
        outcome = Outcome(source.name)
        started, asked, unchanged = time.monotonic(), work.client.asked, work.client.unchanged
        try:
            await source.collect(work, outcome)
        except SourceError as error:
            outcome.failed(error.message, error.url, error.field)
        except CallboardError as error:
            outcome.failed(str(error))
        except Exception as error:  # a source must not end the others, whatever is wrong with it
            log.exception("a source failed", source=source.name)
            outcome.failed(f"{type(error).__name__}: {error}")
        outcome.seconds = time.monotonic() - started
        outcome.asked = work.client.asked - asked
        outcome.unchanged = work.client.unchanged - unchanged
        for problem in outcome.problems:
            log.warning("a source lacks something", problem=str(problem))
        report(outcome)
        outcomes.append(outcome)
    return outcomes


def newest_shelf(lake: Lake) -> Shelf:
    """Whom to ask about, by the newest picture of the listings; empty before there is one."""
    days = lake.days("raw", "listings")
    table = lake.read("raw", "listings", days[-1], days[-1]) if days else None
    return shelf_of(table.to_pylist()) if table is not None else Shelf()
