"""Gives the portal's installer the wheels of configured folders and indexes: `listing:<namespace>/<name>`.

A bare name would be looked up in whatever index the installer has, where a stranger may own it. So the wheel
is taken from where the listing itself was read, and only if its hash is the one that was read there.
"""

from __future__ import annotations

import asyncio
from hashlib import sha256
from urllib.parse import unquote, urlsplit

import orjson

from callboard.catalog.ingest.contract import LOCATION
from callboard.catalog.query import Queries
from callboard.catalog.sources.files import read_file
from callboard.core.config import Config
from callboard.core.errors import InputError, NotFoundError
from callboard.core.reader import UrlReader
from callboard.marketplace.model import Entity, Listing, Release
from callboard.marketplace.reading import mapping, text
from callboard.marketplace.settings import INDEX, WHEELS, Source, read_sources
from callboard.marketplace.shelf import Shelves
from callboard.plugins import PluginContext
from callboard.plugins.install.resolve import MAX_WHEEL

SCHEME = "listing"


def source_of(listing: Listing) -> str:
    """What the portal's installer takes for a listing; empty where nothing says where its wheel is."""
    if listing.source_type == "submission" and listing.namespace == "default":
        return f"marketplace:{listing.name}"
    if listing.source_type == "wheel":
        return f"{SCHEME}:{listing.namespace}/{listing.name}"
    return ""


async def find_wheel(context: PluginContext, what: str) -> tuple[str, bytes]:
    """File name and content of a wheel, for `<namespace>/<name>` or `…@<version>`.

    Raises NotFoundError, InputError for a listing that no configured source gave, and what reading raises.
    """
    queries = context.get(Queries)
    name, _, version = (part.strip() for part in what.partition("@"))
    ref = f"{SCHEME}:{name}".lower()
    found = await Shelves().of(queries).listing(ref)
    if found is None:
        raise NotFoundError(f"There is no listing {name}")
    chosen = (
        next((one for one in found.releases if one.version == version), None) if version else found.latest
    )
    if chosen is None:
        told = f"no version {version}" if version else "no version that is not yanked"
        raise NotFoundError(f"{name} has {told}")
    sources = read_sources(context.get(Config))
    _source(sources, await _entity(queries, ref))
    source = _source(sources, await _entity(queries, chosen.ref))
    content = await _content(context.get(UrlReader), source, chosen)
    if sha256(content).hexdigest() != chosen.artefact.sha256:
        raise InputError(f"The wheel of {name} {chosen.version} is not the one that was read for the catalog")
    return _filename(chosen), content


async def _entity(queries: Queries, ref: str) -> Entity:
    row = queries.index.row(ref)
    bodies = [] if row is None else await queries.index.bodies([row])
    if not bodies or bodies[0] is None:
        raise NotFoundError(f"{ref} is not there")
    entity: Entity = orjson.loads(bodies[0])
    return entity


def _source(sources: tuple[Source, ...], entity: Entity) -> Source:
    """The configured source that gave an entity. Its location was set by the catalog, not by its author."""
    place = text(mapping(mapping(entity.get("metadata")).get("annotations")).get(LOCATION))
    for one in sources:
        if one.type in (WHEELS, INDEX) and place == f"{one.type}:{one.target}":
            return one
    raise InputError("Nothing says where its wheel comes from, so it is not installed by this name")


async def _content(reader: UrlReader, source: Source, release: Release) -> bytes:
    address = urlsplit(release.artefact.url)  # as the source wrote it, so it lies where the source reads
    if source.type == INDEX:
        return (await reader.ask(release.artefact.url)).content
    return await asyncio.to_thread(read_file, unquote(address.path), MAX_WHEEL)


def _filename(release: Release) -> str:
    return unquote(urlsplit(release.artefact.url).path.rpartition("/")[2])
