"""Static files: named by their content, compressed once, and cached by browsers for a year."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path

import brotli
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC = Path(__file__).parent / "static"
PREFIX = "/assets"
_FOREVER = "public, max-age=31536000, immutable"
_COMPRESSED = {".css", ".js", ".svg", ".txt"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file with its encodings; None where compression does not pay."""

    content: bytes
    media_type: str
    brotli: bytes | None = None
    gzip: bytes | None = None


class Assets:
    """All files of one folder, read once: they only change with an installation."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._urls: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
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
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            return Response(status_code=404)
        headers = {"cache-control": _FOREVER, "vary": "accept-encoding"}
        accepted = request.headers.get("accept-encoding", "")
        content = asset.content
        if asset.brotli is not None and "br" in accepted:
            content, headers["content-encoding"] = asset.brotli, "br"
        elif asset.gzip is not None and "gzip" in accepted:
            content, headers["content-encoding"] = asset.gzip, "gzip"
        return Response(content, media_type=asset.media_type, headers=headers)


def _asset(path: Path, content: bytes) -> Asset:
    media_type = guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".js":
        media_type = "text/javascript"
    if path.suffix not in _COMPRESSED:
        return Asset(content, media_type)
    return Asset(content, media_type, brotli.compress(content), gzip.compress(content, mtime=0))
