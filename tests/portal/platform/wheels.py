"""Real wheels of small plugins, built by hand, and a package index on loopback that serves them."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

from callboard.plugins.manifest import FILE, manifest_bytes

_numbers = count(1)

TIDES = """
from enum import Enum
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr
from starlette.responses import JSONResponse
from starlette.routing import Route

from callboard.catalog.contributions import EntityProcessor
from callboard.plugins import Need, Plugin
from callboard.plugins.contributions import Router, ScheduledTask
from callboard.plugins.storage import PluginStorage
from callboard.web.contributions import EntityCard, NavigationItem, Page, Templates


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Retry(BaseModel):
    count: int = Field(default=3, ge=0, le=9)
    fast: bool = False


class Settings(BaseModel):
    greeting: str = Field(default="Ahoy", description="What the page says", max_length=20)
    seconds: float = 1.5
    loud: bool = True
    maybe: bool | None = None
    colour: Colour = Colour.RED
    hosts: list[str] = Field(default_factory=list)
    token: SecretStr | None = None
    retry: Retry = Retry()
    weights: dict[str, int] = Field(default_factory=dict)


async def page(view):
    settings = view.plugin("@ID@").settings(Settings)
    return await view.page("@ID@/page.html", title="Tides", settings=settings)


async def card(view, entity):
    return {"name": entity["metadata"]["name"]}


async def note(context):
    await context.get(PluginStorage).set("noted", True)


def routes(context):
    async def level(request):
        return JSONResponse({"level": context.settings(Settings).greeting})

    return [Route("/level", level)]


PLUGIN = Plugin(
    id="@ID@",
    title="Tides",
    description="Says how high the water is.",
    config=Settings,
    needs=(Need("catalog.read", "Counts the ships."),),
    contributions=(
        Page("/@ID@", page),
        NavigationItem("Tides", "/@ID@", "plugin"),
        EntityCard("@ID@", "Tide of it", "@ID@/card.html", card),
        Router(routes),
        ScheduledTask("note", note, every=3600, title="Note the level"),
        Templates("@ID@", Path(__file__).parent / "templates"),
    ),
)
"""
TEMPLATES = {
    "page.html": '{% extends "layout.html" %}{% block content %}'
    "<h1>{{ settings.greeting }} from the tides</h1>{% endblock %}",
    "card.html": "<p>The tide of {{ name }}</p>",
}


@dataclass(frozen=True)
class Made:
    """A plugin as a distribution: `package` and `id` are its own in this test run."""

    id: str
    package: str
    distribution: str
    version: str
    content: bytes = field(repr=False)

    @property
    def filename(self) -> str:
        return f"{self.package}-{self.version}-py3-none-any.whl"

    def into(self, folder: Path) -> Path:
        """The folder, with the wheel in it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.filename).write_bytes(self.content)
        return folder


def made(
    source: str = TIDES,
    *,
    version: str = "1.0",
    like: Made | None = None,
    manifest: Mapping[str, Any] | None = None,
    later: str = "",
    requires: tuple[str, ...] = (),
) -> Made:
    """A wheel of a plugin with this source. Each is a package of its own, unless it is `like` another.

    `manifest` changes keys of what the source declares; `later` is added to the code but not to the manifest.
    """
    id = like.id if like is not None else f"tides{next(_numbers)}"
    package, distribution = f"acme_{id}", f"acme-{id}"
    code = source.replace("@ID@", id)
    names: dict[str, Any] = {"__name__": f"declared_{id}", "__file__": f"{package}/__init__.py"}
    exec(compile(code, package, "exec", dont_inherit=True), names)
    import orjson

    declared = {**orjson.loads(manifest_bytes(names["PLUGIN"])), **(manifest or {})}
    info = f"{package}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
    files = {
        f"{package}/__init__.py": (code + later.replace("@ID@", id)).encode(),
        f"{package}/{FILE}": orjson.dumps(declared),
        **{f"{package}/templates/{name}": text.encode() for name, text in TEMPLATES.items()},
        f"{info}/METADATA": (metadata + "".join(f"Requires-Dist: {one}\n" for one in requires)).encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[callboard.plugins]\n{id} = {package}:PLUGIN\n".encode(),
    }
    return Made(id, package, distribution, version, _zipped(files, f"{info}/RECORD"))


def _zipped(files: Mapping[str, bytes], record: str) -> bytes:
    lines = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()},"
        f"{len(content)}"
        for name, content in files.items()
    ]
    lines.append(f"{record},,")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # of a fixed time: made twice, it is the same
        archive.writestr(zipfile.ZipInfo(record), "\n".join(lines) + "\n")
    return held.getvalue()


@contextmanager
def index_of(*plugins: Made) -> Iterator[tuple[str, list[Made]]]:
    """The address of an index (PEP 503) of these plugins, and the list, to which more may be added."""
    served = list(plugins)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, _, rest = self.path.lstrip("/").partition("/")
            body = None
            if kind == "simple":
                found = [one for one in served if one.distribution == rest.strip("/")]
                links = "".join(
                    f'<a href="/files/{one.filename}#sha256={hashlib.sha256(one.content).hexdigest()}">'
                    f"{one.filename}</a>"
                    for one in found
                )
                body = f"<!doctype html><html><body>{links}</body></html>".encode() if found else None
            elif kind == "files":
                body = next((one.content for one in served if one.filename == rest), None)
            self.send_response(404 if body is None else 200)
            self.send_header("content-type", "text/html" if kind == "simple" else "application/octet-stream")
            self.send_header("content-length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        do_HEAD = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple", served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
