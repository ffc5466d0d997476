"""Installs plugins at run time: plan, apply, remove; and on every node, unpack and load what is installed.

API, command line and page plan first and apply what was shown. What is applied is in the database, the wheels
themselves included, so that every node of a portal runs the same without asking an index.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog
from packaging.utils import parse_wheel_filename

from callboard.core.config import Config
from callboard.core.database import Database
from callboard.core.errors import CallboardError, ConflictError, InputError
from callboard.plugins.contract import API
from callboard.plugins.contributions import OfferedWheel
from callboard.plugins.install.attestations import verified_facts
from callboard.plugins.install.environment import FOLDER, discard, folder_of, load, tidy, unload, unpack
from callboard.plugins.install.notices import Notice
from callboard.plugins.install.resolve import Source, own_distributions, read_source, resolve
from callboard.plugins.install.store import Installation, InstallationStore
from callboard.plugins.install.wheel import Wheel
from callboard.plugins.live import Found
from callboard.plugins.manifest import Manifest

log = structlog.get_logger(__name__)
GRACE = 30.0
SECONDS = 20.0
"""For one plugin to say what speaks against a plan."""
Find = Callable[[str], Awaitable[tuple[str, bytes] | OfferedWheel]]
"""Gives the file name and content of a wheel; see `contributions.PackageSource`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What installing would do. `manifest` says what the plugin adds and asks for, before any of it ran.

    `replaces` is the version that is installed now, `new_needs` what it did not ask for, `notices` what
    speaks against it. `fingerprint` stands for exactly these wheels: `apply` does no more than was shown.
    """

    source: str
    plugin: str
    distribution: str
    version: str
    manifest: Manifest
    wheels: tuple[Wheel, ...]
    verified: dict[str, Any]
    replaces: str | None
    new_needs: tuple[str, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def fingerprint(self) -> str:
        return ",".join(wheel.sha256[:16] for wheel in self.wheels)

    @property
    def size(self) -> int:
        """Of all wheels, in bytes."""
        return sum(len(wheel.content) for wheel in self.wheels)


class Installer:
    """`data` is the folder of this process; `taken` are the ids of plugins that are not installed here.

    What was replaced or removed stays for `grace` seconds: requests that began with it may still need a
    template or a module of it.
    """

    def __init__(
        self,
        database: Database,
        data: Path,
        config: Config,
        taken: Collection[str] = (),
        *,
        grace: float = GRACE,
    ) -> None:
        self.store = InstallationStore(database)
        self._data = data.resolve()
        self._grace = grace
        self._retired: dict[Path, asyncio.TimerHandle] = {}
        self._index = config.string("plugins.index.url", None)
        self._taken = set(taken)
        self._loaded: dict[str, tuple[Path, Found]] = {}
        self.contributed: Mapping[str, Find] = {}
        """By scheme, what plugins contribute. The host says which those are."""
        self.notices: Sequence[Callable[[Plan], Awaitable[Sequence[Notice]]]] = ()
        """What plugins know to speak against a plan; the host says which those are, too."""

    def knows(self, text: str) -> bool:
        """Whether a source is one that a plugin contributes."""
        scheme, colon, _ = text.strip().partition(":")
        return bool(colon) and scheme in self.contributed

    async def plan(self, text: str) -> Plan:
        """What installing `text` (a name, a wheel, a folder, `<scheme>:<what>`) would do.

        Raises InputError, ConflictError, and what contributed sources raise.
        """
        if not self.knows(text):
            plan = await self._plan(await asyncio.to_thread(read_source, text, self._index))
            return await self._noticed(plan)
        scheme, _, what = text.strip().partition(":")
        found = await self.contributed[scheme](what.strip())
        offered = found if isinstance(found, OfferedWheel) else OfferedWheel(*found)
        return await self._noticed(await self._contributed(text.strip(), offered))

    async def _contributed(self, text: str, offered: OfferedWheel) -> Plan:
        with tempfile.TemporaryDirectory(prefix="callboard-source-") as folder:
            path = Path(folder) / Path(offered.filename).name
            await asyncio.to_thread(path.write_bytes, offered.content)
            source = await asyncio.to_thread(read_source, str(path), self._index)
            try:
                return await self._plan(replace(source, shown=text), offered.provenance)
            except InputError as error:
                raise InputError(str(error).replace(f"{folder}/", "")) from None

    async def _noticed(self, plan: Plan) -> Plan:
        """The plan with what speaks against it. Who cannot say so keeps nobody from looking at the plan."""
        told: list[Notice] = []
        for find in self.notices:
            try:
                async with asyncio.timeout(SECONDS):
                    told += await find(plan)
            except Exception as error:  # it runs code that is not ours
                log.exception("what speaks against a plan could not be looked up", plugin=plan.plugin)
                reason = str(error) if isinstance(error, CallboardError) else type(error).__name__
                told.append(Notice("unread", reason))
        return replace(plan, notices=tuple(told))

    async def _plan(self, source: Source, provenance: bytes | None = None) -> Plan:
        installed = await self.store.all()
        own = await asyncio.to_thread(own_distributions, [self._data / FOLDER])
        others = [one for one in installed.values() if one.distribution != source.distribution]
        wheels = await resolve(source, own, _kept(others))
        first = wheels[0]
        if first.manifest is None:
            raise InputError(f"{first.name} is no plugin of Callboard: it has no entry point for one")
        verified = await verified_facts(source, first, provenance)
        return self._planned(source.shown, wheels, first.manifest, installed, verified)

    def _planned(
        self,
        source: str,
        wheels: list[Wheel],
        manifest: Manifest,
        installed: dict[str, Installation],
        verified: dict[str, Any],
    ) -> Plan:
        first, plugin = wheels[0], str(manifest["id"])
        if manifest["api"] != API:
            raise InputError(
                f"{first.name} is written for version {manifest['api']} of the contract, not for {API}"
            )
        before = installed.get(plugin)
        if plugin in self._taken or (before is not None and before.distribution != first.name):
            raise ConflictError(f"the id {plugin} belongs to another plugin")
        for one in installed.values():
            if one.distribution == first.name and one.plugin != plugin:
                raise ConflictError(
                    f"{first.name} is installed as the plugin {one.plugin}, which must be removed first"
                )
        known = {need["name"] for need in before.manifest["needs"]} if before is not None else set()
        new = tuple(need["name"] for need in manifest["needs"] if need["name"] not in known)
        return Plan(
            source,
            plugin,
            first.name,
            first.version,
            manifest,
            tuple(wheels),
            verified,
            before.version if before is not None else None,
            new,
        )

    async def apply(self, plan: Plan, by: str) -> None:
        """Install what was planned; every node loads it when it sees the change.

        Raises ConflictError when the plugin is not what it was when the plan was made.
        """
        await self.store.save(
            plan.plugin, plan.wheels, plan.source, plan.verified, by, replaces=plan.replaces
        )

    async def remove(self, plugin: str) -> None:
        """Raises NotFoundError for a plugin that was not installed at run time."""
        await self.store.remove(plugin)

    async def rollback(self, plugin: str, by: str) -> None:
        """Go back to the version before the last change; once more goes forward. Raises NotFoundError."""
        await self.store.swap(plugin, by)

    async def former(self) -> dict[str, Installation]:
        """What was replaced last, by plugin: what `rollback` goes back to."""
        return await self.store.former()

    async def installed(self) -> dict[str, Installation]:
        return await self.store.all()

    async def found(self) -> list[Found]:
        """What is installed, unpacked and loaded in this process; what cannot be is found as broken."""
        installed = await self.store.all()
        for plugin in [one for one in self._loaded if one not in installed]:
            self._retire(self._loaded.pop(plugin)[0])
        found = [await self._found(one) for _, one in sorted(installed.items())]
        used = [*map(self._folder, installed.values()), *self._retired]
        await asyncio.to_thread(tidy, self._data, used)
        return found

    async def _found(self, one: Installation) -> Found:
        folder = self._folder(one)
        known = self._loaded.get(one.plugin)
        if known is not None and known[0] == folder and known[1].plugin is not None:
            return known[1]
        if known is not None:
            unload(known[0])  # at once: the new version has modules of the same names
            if known[0] != folder:
                self._retire(known[0])
        if (waiting := self._retired.pop(folder, None)) is not None:
            waiting.cancel()
            unload(folder)
        try:
            await asyncio.to_thread(unpack, folder, await self.store.wheels(one))
            plugin = await asyncio.to_thread(load, folder, one.entry_point, one.manifest)
            found = Found(one.plugin, "installed", plugin, one.version)
        except (Exception, SystemExit) as error:  # it runs code that is not ours
            unload(folder)
            if not isinstance(error, CallboardError):
                log.exception("an installed plugin cannot be loaded", plugin=one.plugin)
            told = str(error) if isinstance(error, CallboardError) else f"{type(error).__name__}: {error}"
            found = Found(one.plugin, "installed", None, one.version, f"cannot be loaded: {told}")
        self._loaded[one.plugin] = (folder, found)
        return found

    def _retire(self, folder: Path) -> None:
        """Unload and delete what runs no more, once the requests that began with it have ended."""

        def end() -> None:
            self._retired.pop(folder, None)
            unload(folder)
            asyncio.get_running_loop().run_in_executor(None, discard, folder)

        if (waiting := self._retired.pop(folder, None)) is not None:
            waiting.cancel()
        self._retired[folder] = asyncio.get_running_loop().call_later(self._grace, end)

    def _folder(self, one: Installation) -> Path:
        hashes = [artifact.sha256 for artifact in one.artifacts]
        return folder_of(self._data, one.plugin, one.version, hashes)


def _kept(installed: Collection[Installation]) -> dict[str, str]:
    """The versions of packages that other plugins brought."""
    kept = {}
    for one in installed:
        for artifact in one.artifacts:
            name, version, _, _ = parse_wheel_filename(artifact.filename)
            kept[str(name)] = str(version)
    return kept
