"""Wheels made by hand, so that a test can make every part of them wrong, and an index that serves them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import stat
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MODULE = """
from pathlib import Path

from callboard.plugins import Need, Plugin
from callboard.web.contributions import NavigationItem, Page

VERSION = "{version}"


async def page(view):
    return await view.error(200, "High water", "version " + VERSION)


PLUGIN = Plugin(
    "{id}",
    "Tides",
    (Page("/{id}", page), NavigationItem("Tides", "/{id}", "docs")),
    needs=tuple(Need(name, "to know") for name in {needs!r}),
)
"""


def manifest(id: str = "tides", asks: Sequence[str] = (), **changes: Any) -> dict[str, Any]:
    """What `MODULE` declares (JSON, hence Any)."""
    return {
        "id": id,
        "title": "Tides",
        "description": "",
        "api": 1,
        "needs": [{"name": name, "why": "to know"} for name in asks],
        "config": None,
        "contributions": [
            {"kind": "Page", "path": f"/{id}", "methods": ["GET"]},
            {
                "kind": "NavigationItem",
                "title": "Tides",
                "path": f"/{id}",
                "icon": "docs",
                "order": 50,
                "section": "main",
                "permission": None,
            },
        ],
        **changes,
    }


@dataclass(frozen=True)
class Made:
    """A wheel's filename and content."""

    filename: str
    content: bytes

    def at(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.filename
        path.write_bytes(self.content)
        return path


@dataclass
class Recipe:
    """A healthy wheel until a test changes a part of it."""

    name: str = "callboard-plugin-tides"
    version: str = "1.0"
    files: dict[str, bytes] = field(default_factory=dict)
    requires: Sequence[str] = ()
    entry_points: str | None = None
    metadata: str | None = None
    record: str | None = None
    further: Sequence[tuple[zipfile.ZipInfo, bytes]] = ()

    @property
    def folder(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}.dist-info"

    def made(self) -> Made:
        requires = "".join(f"Requires-Dist: {one}\n" for one in self.requires)
        files = {
            **self.files,
            f"{self.folder}/METADATA": (
                self.metadata
                or f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n{requires}"
            ).encode(),
            f"{self.folder}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        if self.entry_points is not None:
            files[f"{self.folder}/entry_points.txt"] = f"[callboard.plugins]\n{self.entry_points}\n".encode()
        record = self.record
        if record is None:
            record = "".join(f"{name},{hash_of(content)},{len(content)}\n" for name, content in files.items())
            record += f"{self.folder}/RECORD,,\n"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                # Of a fixed time, so that a wheel that is built twice is the same wheel.
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
            for info, content in self.further:
                archive.writestr(info, content)
            archive.writestr(zipfile.ZipInfo(f"{self.folder}/RECORD"), record, zipfile.ZIP_DEFLATED)
        return Made(f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl", packed.getvalue())


def plugin(
    id: str = "tides",
    version: str = "1.0",
    *,
    needs: Sequence[str] = (),
    declared: Mapping[str, Any] | None = None,
    package: str = "",
    module: str | None = None,
    **changes: Any,
) -> Recipe:
    """A wheel with a plugin that has one page. `declared` is its manifest, where it is to be another one."""
    package = package or f"callboard_{id.replace('-', '_')}_test"
    shipped = manifest(id, needs) if declared is None else dict(declared)
    text = MODULE.format(id=id, version=version, needs=list(needs)) if module is None else module
    files = {
        f"{package}/__init__.py": text.encode(),
        f"{package}/callboard-plugin.json": json.dumps(shipped).encode(),
    }
    return Recipe(
        **{
            "name": f"callboard-plugin-{id}",
            "version": version,
            "files": files,
            "entry_points": f"{id} = {package}:PLUGIN",
            **changes,
        }
    )


def library(name: str, version: str = "1.0", **changes: Any) -> Recipe:
    """A wheel without a plugin."""
    text = f"VERSION = {version!r}\n".encode()
    return Recipe(**{"name": name, "version": version, "files": {f"{name}/__init__.py": text}, **changes})


def hash_of(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    """An entry that unpackers make a symbolic link of."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


@dataclass
class Index:
    """A package index. `lies` gives files another content than the one whose hash is named."""

    url: str
    wheels: list[Made] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    lies: dict[str, bytes] = field(default_factory=dict)
    provenance: dict[str, bytes] = field(default_factory=dict)
    provenance_host: str = ""
    password: str | None = None
    asked: list[str] = field(default_factory=list)


@contextmanager
def package_index() -> Iterator[Index]:
    """An index on loopback that speaks the Simple API as JSON; it ends with the block."""
    index = Index("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append(self.path)
            basic = "Basic " + base64.b64encode(f"ann:{index.password}".encode()).decode()
            if index.password is not None and self.headers.get("authorization") != basic:
                self._answer(401, b"")
                return
            section, _, name = self.path.strip("/").partition("/")
            if section == "simple":
                self._answer(200, page_of(index, name), "application/vnd.pypi.simple.v1+json")
            elif section == "files":
                known = {one.filename: one.content for one in index.wheels}
                content = index.lies.get(name, known.get(name))
                self._answer(404 if content is None else 200, content or b"")
            else:
                self._answer(200, index.provenance[name], "application/json")

        do_HEAD = do_GET

        def _answer(self, status: int, content: bytes, kind: str = "application/octet-stream") -> None:
            self.send_response(status)
            if status == 401:
                self.send_header("www-authenticate", "Basic")
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    index.url = f"http://127.0.0.1:{server.server_port}/simple"
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page_of(index: Index, name: str) -> bytes:
    """The files of one distribution, as PEP 691 writes them."""
    files = [
        {
            "filename": one.filename,
            "url": f"/files/{one.filename}",
            "hashes": {"sha256": hashlib.sha256(one.content).hexdigest()},
            **(
                {"provenance": f"{index.provenance_host}/provenance/{one.filename}"}
                if one.filename in index.provenance
                else {}
            ),
        }
        for one in index.wheels
        if one.filename.startswith(name.replace("-", "_") + "-")
    ]
    files += [
        {"filename": one, "url": f"/files/{one}", "hashes": {"sha256": "0" * 64}}
        for one in index.sources
        if one.startswith(name + "-")
    ]
    return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": files}).encode()
