"""Finds the wheels that a plugin consists of, with uv: nothing is built, so nothing of it runs.

What Callboard runs with already is not looked for again; it must fit what the wheels ask for. What other
plugins brought is kept at its version, so that no package is ever needed in two versions.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import sys_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from uv import find_uv_bin

from callboard.core.errors import InputError, ServiceUnavailableError
from callboard.plugins.install.wheel import Wheel, read_wheel

SECONDS = 120.0
MAX_WHEEL = 100 * 1024 * 1024
MAX_WHEELS = 60
MAX_TOTAL = 300 * 1024 * 1024  # of all wheels of a plugin: they are held in memory, and in the database


@dataclass(frozen=True, slots=True)
class Source:
    """What somebody wants installed: a requirement with where its wheels are looked for.

    `folder` is a folder of wheels that is looked in; with it the index is not asked at all. `index` is the
    index to ask, None for the one that uv is configured with.
    """

    requirement: str
    shown: str
    folder: Path | None = None
    index: str | None = None
    local: Path | None = None

    @property
    def distribution(self) -> str:
        """The name of the plugin's own distribution."""
        return canonicalize_name(Requirement(self.requirement).name)


def read_source(text: str, index: str | None = None) -> Source:
    """A wheel, a folder of wheels with one plugin, `name @ folder`, or a name, also with `==version`.

    A folder is written with a separator or a dot (`./tides`), so that a name is never taken for one.
    Raises InputError.
    """
    text = text.strip()
    path = Path(text)
    if text.endswith(".whl") and "://" not in text:
        if not path.is_file():
            raise InputError(f"{text} is not there")
        return Source(f"{_name_of(path)} @ {path.resolve().as_uri()}", text, None, index, path.resolve())
    if (os.sep in text or text.startswith(".")) and path.is_dir():
        return _folder(path.resolve(), text)
    name, separator, folder = text.partition(" @ ")
    if separator and Path(folder).is_dir():
        return Source(_requirement(name), text, Path(folder).resolve())
    return Source(_requirement(text), text, None, index)


def _folder(path: Path, shown: str) -> Source:
    """A folder with the wheels of one plugin and of what it needs: the plugin is the one with a manifest."""
    plugins = [
        wheel
        for file in sorted(path.glob("*.whl"))
        if (wheel := read_wheel(file.name, _bounded(file))).entry_point is not None
    ]
    names = sorted({wheel.name for wheel in plugins})
    if len(names) != 1:
        told = f"the plugins {', '.join(names)}: write NAME @ {shown}" if names else "no wheel of a plugin"
        raise InputError(f"{shown} holds {told}")
    return Source(names[0], shown, path)


def _requirement(text: str) -> str:
    try:
        wanted = Requirement(text)
    except InvalidRequirement:
        raise InputError(f"{text!r} is no package, wheel or folder") from None
    if wanted.url is not None:
        raise InputError("a package is installed from an index, a wheel or a folder, not from an address")
    return str(wanted)


def _name_of(path: Path) -> str:
    try:
        return str(parse_wheel_filename(path.name)[0])
    except InvalidWheelFilename as error:
        raise InputError(f"{path.name} is not the name of a wheel: {error}") from None


def _bounded(path: Path) -> bytes:
    if path.stat().st_size > MAX_WHEEL:
        raise InputError(f"{path.name} is larger than {MAX_WHEEL // 2**20} MiB")
    return path.read_bytes()


def own_distributions(beside: Sequence[Path] = ()) -> dict[str, str]:
    """Name and version of what Callboard runs with; what lies in the folders `beside` belongs to plugins."""
    found: dict[str, str] = {}
    for one in distributions():
        location = Path(str(one.locate_file("")))
        name = one.metadata["Name"]
        if name and not any(location.is_relative_to(folder) for folder in beside):
            found.setdefault(canonicalize_name(name), one.version)
    return found


async def resolve(source: Source, own: Mapping[str, str], kept: Mapping[str, str]) -> list[Wheel]:
    """The wheels of a plugin, its own first. `own` runs already, `kept` are versions other plugins brought.

    Raises InputError for what cannot be had or does not fit, ServiceUnavailableError when nothing answers.
    """
    lock = await _locked(source, own, kept)
    packages = lock.get("packages", [])
    if len(packages) > MAX_WHEELS:
        raise InputError(f"{source.shown} needs more than {MAX_WHEELS} packages")
    wanted = source.distribution
    if not any(canonicalize_name(str(package["name"])) == wanted for package in packages):
        told = "is part of what Callboard runs with" if wanted in own else "is not for this Python"
        raise InputError(f"{wanted} {told}")
    wheels, size = [], 0
    # Indexes keep their files elsewhere; what arrives is compared with the hash that the index named.
    async with httpx.AsyncClient(timeout=60, follow_redirects=True, max_redirects=5) as client:
        for package in packages:
            filename, content = await _fetched(client, package, source.index)
            size += len(content)
            if size > MAX_TOTAL:
                raise InputError(f"{source.shown} needs more than {MAX_TOTAL // 2**20} MiB of packages")
            wheels.append(await asyncio.to_thread(read_wheel, filename, content))
    wheels.sort(key=lambda wheel: (wheel.name != wanted, wheel.name))
    for wheel in wheels:
        check_fits(wheel, own)
    return wheels


def check_fits(wheel: Wheel, own: Mapping[str, str]) -> None:
    """Raises InputError when the wheel asks for another version of something that Callboard runs with."""
    for wanted in wheel.requires:
        version = own.get(canonicalize_name(wanted.name))
        if version is None or (wanted.marker is not None and not wanted.marker.evaluate({"extra": ""})):
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            raise InputError(
                f"{wheel.name} {wheel.version} needs {wanted.name}{wanted.specifier}, "
                f"but Callboard runs with {wanted.name} {version}"
            )


async def _locked(source: Source, own: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="callboard-resolve-") as folder:
        place = Path(folder)
        (place / "wanted.in").write_text(source.requirement + "\n")
        # uv is told that what runs already is needed by nobody; whether it fits is checked afterwards.
        (place / "own.txt").write_text("".join(f'{name} ; python_version < "0"\n' for name in sorted(own)))
        (place / "kept.txt").write_text("".join(f"{name}=={kept[name]}\n" for name in sorted(kept)))
        arguments = [
            *("pip", "compile", "wanted.in", "--override", "own.txt", "--constraint", "kept.txt"),
            *("--format", "pylock.toml", "--output-file", "pylock.toml"),
            *("--quiet", "--no-progress", "--no-cache"),
            *("--only-binary", ":all:", "--no-header", "--no-sources", "--python", sys.executable),
        ]
        if source.folder is not None:
            arguments += ["--no-index", "--no-config", "--find-links", str(source.folder)]
        elif source.index is not None:
            arguments += ["--default-index", source.index, "--no-config"]
        said, code = await _uv(arguments, place, _environment(source))
        if code != 0:
            raise InputError(f"{source.shown} cannot be installed: {_reason(said)}")
        return tomllib.loads((place / "pylock.toml").read_text("utf-8"))


async def _uv(arguments: Sequence[str], place: Path, environment: Mapping[str, str]) -> tuple[str, int]:
    process = await asyncio.create_subprocess_exec(
        find_uv_bin(),
        *arguments,
        cwd=place,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(SECONDS):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise ServiceUnavailableError("The package index did not answer in time") from None
    return said.decode("utf-8", "replace"), process.returncode or 0


def _environment(source: Source) -> dict[str, str]:
    """The variables of uv. Where people named a place to look in, no other counts: names differ there."""
    named = source.folder is not None or source.index is not None
    places = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")
    return {name: value for name, value in os.environ.items() if not (named and name.startswith(places))}


def _reason(said: str) -> str:
    """What uv said, without its colours, hints and the addresses of indexes, which may hold passwords."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", said)
    text = re.sub(r"https?://[^\s`'\")]+", "the index", text)
    lines = [line.strip(" ×╰─▶│") for line in text.splitlines() if line.strip() and "hint:" not in line]
    useful = [
        line for line in lines if not line.startswith(("warning:", "error: No solution", "No solution"))
    ]
    return " ".join(useful or lines)[:800] or "uv gave no reason"


async def _fetched(
    client: httpx.AsyncClient, package: Mapping[str, Any], index: str | None
) -> tuple[str, bytes]:
    """Name and content of the wheel of a package that fits this machine, its hash verified."""
    name = f"{package['name']} {package.get('version', '')}".strip()
    archive = package.get("archive")
    chosen = archive if archive is not None else _fitting(name, package.get("wheels", ()))
    digest = chosen.get("hashes", {}).get("sha256")
    if not digest:
        raise InputError(f"the index names no sha256 of {name}")
    filename, content = await _content(client, chosen, name, index)
    if sha256(content).hexdigest() != digest:
        raise InputError(f"{filename} is not what the index says: its hash is another one")
    return filename, content


def _fitting(name: str, wheels: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The first wheel that the interpreter prefers."""
    ranks = {tag: rank for rank, tag in enumerate(sys_tags())}
    best: tuple[int, Mapping[str, Any]] | None = None
    for wheel in wheels:
        try:
            tags = parse_wheel_filename(_filename(wheel))[3]
        except InvalidWheelFilename:
            continue
        rank = min((ranks[tag] for tag in tags if tag in ranks), default=None)
        if rank is not None and (best is None or rank < best[0]):
            best = rank, wheel
    if best is None:
        raise InputError(f"there is no wheel of {name} for this Python and platform; nothing is built here")
    return best[1]


def _filename(wheel: Mapping[str, Any]) -> str:
    place = str(wheel.get("name") or wheel.get("path") or urlsplit(str(wheel["url"])).path)
    return unquote(place.rpartition("/")[2])


async def _content(
    client: httpx.AsyncClient, wheel: Mapping[str, Any], name: str, index: str | None
) -> tuple[str, bytes]:
    filename, url = _filename(wheel), str(wheel.get("url", ""))
    path = wheel.get("path") or (unquote(urlsplit(url).path) if url.startswith("file:") else None)
    if path is not None:
        return filename, await asyncio.to_thread(_bounded, Path(path))
    try:
        async with client.stream("GET", url, auth=credentials(url, index)) as answer:
            if answer.status_code != 200:
                raise InputError(f"the index answered {answer.status_code} for {filename}")
            parts, size = [], 0
            async for part in answer.aiter_bytes():
                size += len(part)
                if size > MAX_WHEEL:
                    raise InputError(f"{filename} is larger than {MAX_WHEEL // 2**20} MiB")
                parts.append(part)
    except httpx.HTTPError as error:
        raise ServiceUnavailableError(f"{name} could not be fetched: {type(error).__name__}") from None
    return filename, b"".join(parts)


def credentials(url: str, index: str | None) -> httpx.BasicAuth | None:
    """Name and password of the index's address, for what lies on the same host; uv writes them nowhere."""
    known, wanted = urlsplit(index or ""), urlsplit(url)
    same = (known.scheme, known.hostname, known.port) == (wanted.scheme, wanted.hostname, wanted.port)
    if not same or known.username is None:
        return None
    return httpx.BasicAuth(unquote(known.username), unquote(known.password or ""))
