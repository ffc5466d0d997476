"""Reads a wheel without running anything of it: its name, what it needs, its plugin's manifest, its files.

A wheel is a zip file that somebody else made, so nothing in it is believed before it was checked: names,
sizes, links, and the hashes of its RECORD.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from configparser import ConfigParser, Error
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import PurePosixPath
from typing import Any, get_args

import orjson
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from callboard.core.errors import InputError
from callboard.plugins.contract import ID, MAX_ID, NeedName
from callboard.plugins.discovery import GROUP
from callboard.plugins.manifest import FILE

MAX_UNPACKED = 300 * 1024 * 1024
MAX_FILES = 20_000
MAX_RATIO = 200  # of a file that unpacks to more than a megabyte
MAX_METADATA = 1024 * 1024
MAX_MANIFEST = 256 * 1024


# What Python raises for a zip file that is not in order: a bad structure, an unknown or broken compression.
_UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    RuntimeError,
    OSError,
    ValueError,
    struct.error,
    lzma.LZMAError,
)


@dataclass(frozen=True, slots=True)
class Wheel:
    """`entry_point` is `module:attribute` of the one plugin in it, `manifest` (JSON) what it declares."""

    filename: str
    name: str
    version: str
    sha256: str
    content: bytes
    requires: tuple[Requirement, ...]
    entry_point: str | None = None
    manifest: dict[str, Any] | None = None


def read_wheel(filename: str, content: bytes) -> Wheel:
    """Raises InputError that says what is wrong with the wheel."""
    try:
        name, version, _, _ = parse_wheel_filename(filename)
    except InvalidWheelFilename as error:
        raise InputError(f"{filename} is not the name of a wheel: {error}") from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = _checked(filename, archive)
            folder = _metadata_folder(filename, names, name)
            _check_record(filename, archive, names, folder)
            metadata = BytesHeaderParser().parsebytes(_read(archive, f"{folder}/METADATA", MAX_METADATA))
            if not _is_of(metadata["Name"], metadata["Version"], name, version):
                raise InputError(f"{filename}: its METADATA is of another name or version")
            requires = tuple(_requirement(filename, text) for text in metadata.get_all("Requires-Dist") or ())
            entry = _entry_point(filename, archive, names, folder)
            manifest = None if entry is None else _manifest(filename, archive, names, entry)
    except _UNREADABLE as error:
        raise InputError(f"{filename} is not a readable wheel: {error}") from None
    digest = hashlib.sha256(content).hexdigest()
    return Wheel(filename, name, str(version), digest, content, requires, entry, manifest)


def _is_of(named: str | None, versioned: str | None, name: str, version: Version) -> bool:
    try:
        return canonicalize_name(str(named)) == name and Version(str(versioned)) == version
    except InvalidVersion:
        return False


def members(wheel: Wheel) -> Iterator[tuple[str, bytes]]:
    """The files of a wheel that `read_wheel` gave, by their paths below the folder they are unpacked to."""
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                yield info.filename, archive.read(info)


def _checked(filename: str, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MAX_FILES:
        raise InputError(f"{filename} holds more than {MAX_FILES} files")
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise InputError(f"{filename} unpacks to more than {MAX_UNPACKED // 2**20} MiB")
    names: dict[str, zipfile.ZipInfo] = {}
    seen: set[PurePosixPath] = set()
    for info in infos:
        path = PurePosixPath(info.filename)
        if not path.parts or not info.filename.isprintable():
            raise InputError(f"{filename} holds a file whose name cannot be used: {info.filename!r}")
        if path.is_absolute() or ".." in path.parts or "\\" in info.filename or ":" in path.parts[0]:
            raise InputError(f"{filename} holds a file outside of it: {info.filename!r}")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise InputError(f"{filename} holds {info.filename!r}, which is a link or a device")
        if info.file_size > 2**20 and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise InputError(f"{filename} holds {info.filename!r}, which is packed suspiciously small")
        if path.parts[0].endswith(".data"):
            raise InputError(f"{filename} wants files outside its packages ({path.parts[0]})")
        if path.suffix == ".pth":
            raise InputError(f"{filename} holds {info.filename!r}, which would run at every start")
        # Two spellings of one path would be one file on the disk, and only one of them be checked.
        if path in seen:
            raise InputError(f"{filename} holds {info.filename!r} twice")
        seen.add(path)
        names[info.filename] = info
    files = {PurePosixPath(name) for name, info in names.items() if not info.is_dir()}
    if both := sorted(files & {folder for path in seen for folder in path.parents}):
        raise InputError(f"{filename} holds {str(both[0])!r} as a file and as a folder")
    return names


def _metadata_folder(filename: str, names: dict[str, zipfile.ZipInfo], name: str) -> str:
    folders = {path.partition("/")[0] for path in names if path.partition("/")[0].endswith(".dist-info")}
    if len(folders) != 1:
        raise InputError(f"{filename} has {len(folders)} dist-info folders instead of one")
    folder = folders.pop()
    if canonicalize_name(folder.removesuffix(".dist-info").rpartition("-")[0]) != name:
        raise InputError(f"{filename}: its dist-info folder is that of another distribution")
    return folder


def _check_record(
    filename: str, archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], folder: str
) -> None:
    """Every file is in the RECORD with the hash that it has, and the other way around."""
    record = f"{folder}/RECORD"
    rows = csv.reader(_read(archive, record, 8 * MAX_METADATA).decode("utf-8", "replace").splitlines())
    recorded = {row[0]: row[1] for row in rows if len(row) >= 2}
    files = {path for path, info in names.items() if not info.is_dir()}
    unsigned = {record, f"{record}.jws", f"{record}.p7s"}
    if missing := sorted((files - recorded.keys() - unsigned) | (recorded.keys() - files)):
        raise InputError(f"{filename}: its RECORD does not fit its files ({missing[0]})")
    for path in sorted(files - unsigned):
        method, _, wanted = recorded[path].partition("=")
        if method not in ("sha256", "sha384", "sha512"):
            raise InputError(f"{filename}: its RECORD has no strong hash of {path}")
        digest = hashlib.new(method, archive.read(path)).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != wanted:
            raise InputError(f"{filename}: {path} is not what its RECORD says")


def _read(archive: zipfile.ZipFile, path: str, most: int) -> bytes:
    try:
        info = archive.getinfo(path)
    except KeyError:
        raise InputError(f"the wheel has no {path}") from None
    if info.file_size > most:
        raise InputError(f"{path} in the wheel is larger than {most} bytes")
    return archive.read(info)


def _requirement(filename: str, text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement:
        raise InputError(f"{filename} requires {text!r}, which cannot be read") from None


def _entry_point(
    filename: str, archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], folder: str
) -> str | None:
    path = f"{folder}/entry_points.txt"
    if path not in names:
        return None
    parser = ConfigParser(delimiters=("=",), interpolation=None)
    try:
        parser.read_string(_read(archive, path, MAX_METADATA).decode("utf-8", "replace"))
    except Error:
        raise InputError(f"{filename}: its entry points cannot be read") from None
    found = dict(parser[GROUP]) if parser.has_section(GROUP) else {}
    if len(found) > 1:
        raise InputError(f"{filename} declares {len(found)} plugins; a distribution has one")
    return next(iter(found.values()), None)


def _manifest(
    filename: str, archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], entry: str
) -> dict[str, Any]:
    """The manifest beside the module of the entry point: a module of a package, or a package."""
    module = entry.partition(":")[0].strip().replace(".", "/")
    folder = module if f"{module}/__init__.py" in names else module.rpartition("/")[0]
    path = f"{folder}/{FILE}" if folder else FILE
    if path not in names:
        raise InputError(f"{filename} has no {path}; `callboard plugins manifest` writes it")
    try:
        manifest = orjson.loads(_read(archive, path, MAX_MANIFEST))
    except orjson.JSONDecodeError as error:
        raise InputError(f"{filename}: {path} is not valid JSON: {error}") from None
    return checked_manifest(manifest, f"{filename}: {path}")


def checked_manifest(manifest: Any, where: str) -> dict[str, Any]:
    """The manifest if it has the shape of one (JSON, hence Any). Raises InputError that names the field."""
    shape = {"id": str, "title": str, "description": str, "api": int, "needs": list, "contributions": list}
    if not isinstance(manifest, dict):
        raise InputError(f"{where} must be a mapping")
    for key, kind in shape.items():
        if not isinstance(manifest.get(key), kind):
            raise InputError(f"{where}: {key} must be {kind.__name__}")
    if not ID.fullmatch(manifest["id"]) or len(manifest["id"]) > MAX_ID:
        raise InputError(f"{where}: id must be lower-case letters, digits and hyphens, {MAX_ID} at most")
    for at, need in enumerate(manifest["needs"]):
        if not isinstance(need, dict) or not all(isinstance(need.get(key), str) for key in ("name", "why")):
            raise InputError(f"{where}: needs[{at}] must have `name` and `why`")
        if need["name"] not in get_args(NeedName):
            raise InputError(f"{where}: needs[{at}].name must be one of {', '.join(get_args(NeedName))}")
    for at, one in enumerate(manifest["contributions"]):
        if not isinstance(one, dict) or not isinstance(one.get("kind"), str):
            raise InputError(f"{where}: contributions[{at}] must have a `kind`")
    config = manifest.get("config")
    if config is not None and (
        not isinstance(config, dict)
        or not isinstance(config.get("key"), str)
        or not isinstance(config.get("schema"), dict)
    ):
        raise InputError(f"{where}: config must be null, or have `key` and `schema`")
    if not _is_readable(manifest):
        raise InputError(f"{where} holds characters that cannot be printed")
    return manifest


def _is_readable(value: Any) -> bool:
    """Whether people see everything that a JSON value says: a terminal obeys some characters unseen."""
    if isinstance(value, str):
        return value.replace("\n", "").replace("\t", "").isprintable()
    if isinstance(value, dict):
        return all(_is_readable(one) for pair in value.items() for one in pair)
    return not isinstance(value, list) or all(_is_readable(one) for one in value)
