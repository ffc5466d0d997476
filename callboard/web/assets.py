"""Static files: named by their content, compressed when first asked for, cached by browsers for a year."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path

import brotli
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.core.http import FOR_EVER

STATIC = Path(__file__).parent / "static"
PREFIX = "/assets"
_COMPRESSED = {".css", ".js", ".svg", ".txt"}
_ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.compress,
    "gzip": lambda content: gzip.compress(content, mtime=0),
}
"""The ways to compress, the better first."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; `dense` where compression does not pay."""

    content: bytes
    media_type: str
    dense: bool


class Assets:
    """All files of one folder, read once: they only change with an installation."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._urls: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
        self._encoded: dict[tuple[str, str], bytes] = {}
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            hashed = f"{path.stem}.{digest}{path.suffix}"
            self._urls[path.name] = f"{PREFIX}/{hashed}"
            self._assets[hashed] = _asset(path, content)

    def url(self, name: str) -> str:
        """The path of a file; a misspelt name is a mistake in a template and raises KeyError."""
        return self._urls[name]

    def contents(self) -> dict[str, bytes]:
        """The content of every file by its path, for whoever serves them otherwise."""
        return {f"{PREFIX}/{name}": one.content for name, one in self._assets.items()}

    def routes(self) -> list[Route]:
        return [Route(f"{PREFIX}/{{name}}", self._serve, methods=["GET"])]

    async def _serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        asset = self._assets.get(name)
        if asset is None:
            return Response(status_code=404)
        headers = {"cache-control": f"public, {FOR_EVER}", "vary": "accept-encoding"}
        accepted = request.headers.get("accept-encoding", "")
        content = asset.content
        encoding = None if asset.dense else next((one for one in _ENCODINGS if one in accepted), None)
        if encoding is not None:
            content, headers["content-encoding"] = await self._compressed(name, asset, encoding), encoding
        return Response(content, media_type=asset.media_type, headers=headers)

    async def _compressed(self, name: str, asset: Asset, encoding: str) -> bytes:
        """The content in this encoding. Brotli takes up to 50 ms a file, hence a thread, and only once."""
        if (name, encoding) not in self._encoded:
            made = await asyncio.to_thread(_ENCODINGS[encoding], asset.content)
            self._encoded[name, encoding] = made
        return self._encoded[name, encoding]


def _asset(path: Path, content: bytes) -> Asset:
    media_type = guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".js":
        media_type = "text/javascript"
    return Asset(content, media_type, dense=path.suffix not in _COMPRESSED)
