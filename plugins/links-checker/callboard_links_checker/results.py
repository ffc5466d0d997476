"""What the plugin keeps: which entities have which links, and how each link is.

Keys of the storage: `entity/<ref>` holds the links of an entity, `link/<digest>` how a link is, and
`broken/<digest>` the same once more for those that are broken, so that they are found at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from callboard.plugins.storage import PluginStorage

ENTITY, LINK, BROKEN = "entity/", "link/", "broken/"
MAX_LINKS = 200  # of one entity
MAX_LENGTH = 4000  # of one link
CHUNK = 500

State = Literal["ok", "broken", "unchecked"]


@dataclass(frozen=True, slots=True)
class Result:
    """How a link is. Times are seconds since 1970; `since` is that of the state, `failures` are in a row."""

    url: str
    state: State
    why: str
    since: float
    checked_at: float
    failures: int = 0


def links_of(entity: Mapping[str, Any]) -> list[str]:
    """The distinct web links of an entity, in their order; whatever else stands there is passed over."""
    metadata = entity.get("metadata")
    items = metadata.get("links") if isinstance(metadata, Mapping) else None
    found: dict[str, None] = {}
    for item in items if isinstance(items, list) else ():
        url = item.get("url") if isinstance(item, Mapping) else None
        if isinstance(url, str) and is_web(url):
            found[url.strip()] = None
    return list(found)[:MAX_LINKS]


def is_web(url: str) -> bool:
    """Whether it is an http(s) address that can be asked about at all."""
    try:
        return len(url) <= MAX_LENGTH and urlsplit(url.strip()).scheme.lower() in ("http", "https")
    except ValueError:
        return False


def digest(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:40]


class Results:
    """The storage of the plugin, as its parts use it."""

    def __init__(self, storage: PluginStorage) -> None:
        self._storage = storage

    async def note(self, ref: str, urls: Sequence[str]) -> None:
        """These are the links of an entity now."""
        if urls:
            await self._storage.set(ENTITY + ref, list(urls))
        else:
            await self._storage.delete(ENTITY + ref)

    async def has_noted(self, ref: str) -> bool:
        return await self._storage.get(ENTITY + ref) is not None

    async def noted(self) -> dict[str, list[str]]:
        """The links of every entity that has some, by its ref."""
        found = await self._many(await self._storage.keys(ENTITY))
        return {key.removeprefix(ENTITY): urls for key, urls in found.items()}

    async def forget(self, refs: Iterable[str]) -> None:
        """Entities that are gone."""
        await self._delete([ENTITY + ref for ref in refs])

    async def of(self, urls: Iterable[str]) -> dict[str, Result]:
        """How links are, by URL; those that nobody looked at yet are missing."""
        found = await self._many([LINK + digest(url) for url in urls])
        return {value["url"]: Result(**value) for value in found.values()}

    async def all(self) -> dict[str, Result]:
        found = await self._many(await self._storage.keys(LINK))
        return {value["url"]: Result(**value) for value in found.values()}

    async def broken(self) -> list[tuple[Result, list[str]]]:
        """Every broken link with the entities that have it, the newest first."""
        found = await self._many(await self._storage.keys(BROKEN))
        pairs = [(Result(**value["result"]), list(value["refs"])) for value in found.values()]
        return sorted(pairs, key=lambda pair: (-pair[0].since, pair[0].url))

    async def keep(self, result: Result, refs: Sequence[str]) -> None:
        """How a link is now; `refs` are the entities that have it."""
        key = digest(result.url)
        values: dict[str, Any] = {LINK + key: asdict(result)}
        if result.state == "broken":
            values[BROKEN + key] = {"result": asdict(result), "refs": list(refs)}
        await self._storage.set_many(values)
        if result.state != "broken":
            await self._storage.delete(BROKEN + key)

    async def drop(self, urls: Iterable[str]) -> None:
        """Links that no entity has any more."""
        keys = [digest(url) for url in urls]
        await self._delete([prefix + key for key in keys for prefix in (LINK, BROKEN)])

    async def _many(self, keys: Sequence[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for start in range(0, len(keys), CHUNK):
            found |= await self._storage.get_many(list(keys[start : start + CHUNK]))
        return found

    async def _delete(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), CHUNK):
            await self._storage.delete(*keys[start : start + CHUNK])
