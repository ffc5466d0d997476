"""Reads Callboard plugins from a Python package index: its pages (PEP 503 or 691), then their wheels.

The index and whatever host its pages name are read only where `backend.reading.allow` or an integration
admits them, as every source of the catalog is.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from callboard.catalog.ingest.contract import Entity
from callboard.core.errors import CallboardError, InputError, Problem
from callboard.core.reader import UrlReader
from callboard.marketplace.intake.wheels import Offered, entities_of
from callboard.marketplace.reading import day, mapping, mappings, text
from callboard.plugins.install.wheel import read_wheel

ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
VERSIONS = 10  # of a package that are read, the newest
MOST_PACKAGES = 500


@dataclass(frozen=True, slots=True)
class File:
    """A wheel as a page of the index names it. `yanked` is the reason, None when it is not yanked."""

    name: str
    url: str
    version: Version
    sha256: str = ""
    published: date | None = None
    yanked: str | None = None


class IndexReader:
    """Remembers what each package's wheels said, and reads wheels only when its page names other ones."""

    def __init__(self, reader: UrlReader) -> None:
        self._reader = reader
        self._known: dict[str, tuple[list[File], list[Entity]]] = {}
        """By page: what it named, and the entities of it."""

    async def entities(
        self, index: str, packages: Sequence[str], namespace: str
    ) -> tuple[list[Entity], list[Problem]]:
        """Listings and releases of the packages, or of all that the index has when none are named.

        A package or a wheel that cannot be read is a problem and hides no other.
        """
        found: list[Entity] = []
        problems: list[Problem] = []
        for package in packages or await self._packages(index):
            page = f"{index.rstrip('/')}/{canonicalize_name(package)}/"
            try:
                found += await self._package(page, package, namespace, problems)
            except CallboardError as error:
                problems.append(Problem(str(error), name=error.name, source=page))
        return found, problems

    async def _packages(self, index: str) -> list[str]:
        page = await self._page(f"{index.rstrip('/')}/")
        names = [text(one.get("name")) for one in page.get("projects", ())]
        if len(names) > MOST_PACKAGES:
            raise InputError(f"{index} has more than {MOST_PACKAGES} packages: name those to read")
        return [name for name in names if name]

    async def _package(
        self, page: str, package: str, namespace: str, problems: list[Problem]
    ) -> list[Entity]:
        files = _newest(_files(await self._page(page), page, package))
        known = self._known.get(page)
        if known is not None and known[0] == files:
            return known[1]
        offered: list[Offered] = []
        wrong: list[Problem] = []
        for file in files:
            try:
                wheel = await asyncio.to_thread(read_wheel, file.name, await self._content(file))
            except CallboardError as error:
                wrong.append(Problem(str(error), name=error.name, source=file.url))
                continue
            if wheel.entry_point is not None:  # others are what plugins need
                offered.append(Offered(wheel, file.url, file.published, file.yanked))
        found = await asyncio.to_thread(entities_of, offered, namespace=namespace)
        if not wrong:
            self._known[page] = (files, found)
        problems += wrong
        return found

    async def _content(self, file: File) -> bytes:
        content = (await self._reader.ask(file.url)).content
        if file.sha256 and sha256(content).hexdigest() != file.sha256:
            raise InputError(f"{file.name} is not what the index says it is: its SHA-256 is another")
        return content

    async def _page(self, url: str) -> dict[str, Any]:
        """A page of the index as PEP 691 writes it, whichever of the two forms it has."""
        answer = await self._reader.ask(url, accept=ACCEPT)
        content = answer.content.decode("utf-8", "replace")
        if content.lstrip().startswith("{"):
            try:
                return dict(mapping(json.loads(content)))
            except ValueError as error:
                raise InputError(f"{url} is not JSON: {error}") from None
        links = _Links()
        links.feed(content)
        files = [{**one, "url": urljoin(url, one["url"])} for one in links.found]
        return {"files": files, "projects": [{"name": one["filename"]} for one in links.found]}


class _Links(HTMLParser):
    """The links of a page of PEP 503, as files of PEP 691."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag != "a" or not given.get("href"):
            return
        url, fragment = urldefrag(given["href"] or "")
        name, _, digest = fragment.partition("=")
        yanked = given.get("data-yanked") or True if "data-yanked" in given else False
        self.found.append(
            {
                "filename": unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2]),
                "url": url,
                "hashes": {name: digest},
                "yanked": yanked,
            }
        )


def _files(page: dict[str, Any], url: str, package: str) -> list[File]:
    """The wheels of a package; what else lies there is left out."""
    found = []
    for one in mappings(page.get("files")):
        name = text(one.get("filename"))
        try:
            wheel, version, _, _ = parse_wheel_filename(name)
        except InvalidWheelFilename:
            continue
        if wheel != canonicalize_name(package):
            continue
        yanked = one.get("yanked") or None
        found.append(
            File(
                name,
                urljoin(url, text(one.get("url"))),
                version,
                text(mapping(one.get("hashes")).get("sha256")),
                day(one.get("upload-time")),
                "no reason was given" if yanked is True else yanked if isinstance(yanked, str) else None,
            )
        )
    return found


def _newest(files: Sequence[File]) -> list[File]:
    """One wheel of each of the newest versions: the one for any platform where there is one."""
    by_version: dict[Version, File] = {}
    for file in sorted(files, key=lambda one: (not one.name.endswith("-none-any.whl"), one.name)):
        by_version.setdefault(file.version, file)
    newest = sorted(by_version, reverse=True)[:VERSIONS]
    return [by_version[version] for version in newest]
