"""Installs the shipped plugins into a running portal under load and counts the requests that fail: none may.

usage: python -m bench.installing [--seconds 8] [--rate 200]

A server with the example organisation is asked at a steady rate, over kept connections and new ones, while
each plugin is installed, its page asked for, and removed again on the command line, as an operator would.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bench.report import verdict
from tests.servers import COMMAND, running_server

PATIENCE = 60  # seconds
ROOT = Path(__file__).parent.parent
PLUGINS = {"links-checker": "/links-checker", "codeowners": "/"}
READS = (
    "/api/catalog/entities/by-query?limit=20",
    "/api/catalog/entity-facets?facet=kind",
    "/api/catalog/entities/by-name/component/default/ticket-shop",
)
PAGES = ("/catalog", "/", "/api/search/query?term=lantern", "/catalog/default/component/ticket-shop")
PATHS = tuple(path for page in PAGES for path in (*READS, *READS, page))
"""What clients and people ask: six reads of the API for a page."""


@dataclass
class Load:
    """What the load met. Latencies in seconds."""

    sent: int = 0
    failed: list[str] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)


class Connections:
    """Connections to one server that are kept and used again, with as much of HTTP as a load needs.

    A client of a library takes more of the processor for a request than the server does, and the two share
    one machine.
    """

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def status(self, path: str, *, anew: bool) -> int:
        """The status of a path; reads the whole answer. With `anew` on a connection of its own."""
        if anew or not self._idle:
            reader, writer = await asyncio.open_connection(self._host, self._port)
        else:
            reader, writer = self._idle.pop()
        close = "connection: close\r\n" if anew else ""
        head = f"GET {path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\naccept: text/html\r\n{close}\r\n"
        writer.write(head.encode())
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        if "content-length" in headers:
            await reader.readexactly(int(headers["content-length"]))
        else:
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        if anew:
            writer.close()
        else:
            self._idle.append((reader, writer))
        return int(lines[0].split(" ")[1])

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()


async def measure(
    base: str, data: Path, wheels: dict[str, Path], rate: int, seconds: float
) -> tuple[Load, dict[str, float]]:
    """The load, and how long after the command each plugin answered."""
    load, live, stop = Load(), dict[str, float](), asyncio.Event()
    connections = Connections(base)
    async with httpx.AsyncClient(base_url=base, timeout=10) as client:
        sending = asyncio.create_task(_send(connections, load, rate, stop))
        await asyncio.sleep(seconds / 4)
        for plugin, path in PLUGINS.items():
            await _command("install", str(wheels[plugin]), "--yes", data=data)
            live[plugin] = await _until(client, plugin, path, 200)
            await asyncio.sleep(seconds / 4)
        for plugin in PLUGINS:
            await _command("remove", plugin, "--yes", data=data)
        await asyncio.sleep(seconds / 4)
        stop.set()
        await sending
    connections.close()
    return load, live


async def _send(connections: Connections, load: Load, rate: int, stop: asyncio.Event) -> None:
    """Send at a steady rate, whether answers come or not."""
    begun, waiting = time.perf_counter(), set[asyncio.Task[None]]()
    while not stop.is_set():
        due = int((time.perf_counter() - begun) * rate)
        while load.sent < due:
            task = asyncio.create_task(_ask(connections, load, PATHS[load.sent % len(PATHS)], load.sent))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
            load.sent += 1
        await asyncio.sleep(0.002)
    await asyncio.gather(*waiting)


async def _ask(connections: Connections, load: Load, path: str, number: int) -> None:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(10):
            # Every tenth on a new connection: one that is opened at the wrong moment must be answered too.
            status = await connections.status(path, anew=number % 10 == 0)
        if status != 200:
            load.failed.append(f"{status} {path}")
    except (OSError, EOFError, TimeoutError, ValueError) as error:
        load.failed.append(f"{type(error).__name__} {path}")
    load.latencies.append(time.perf_counter() - started)


async def _command(*arguments: str, data: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        str(COMMAND), "plugins", *arguments, "--data", str(data), stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait() != 0:
        raise RuntimeError(f"callboard plugins {' '.join(arguments)} failed")


async def _until(client: httpx.AsyncClient, plugin: str, path: str, status: int) -> float:
    """Seconds until the running server has the plugin and answers its page."""
    started, states = time.perf_counter(), dict[str, str]()
    while time.perf_counter() - started < PATIENCE:
        listed = (await client.get("/api/plugins")).json()["items"]
        states = {one["id"]: one["state"] for one in listed}
        if states.get(plugin) == "live" and (await client.get(path)).status_code == status:
            return time.perf_counter() - started
        await asyncio.sleep(0.05)
    raise RuntimeError(f"{plugin} did not go live within {PATIENCE} s: {states}")


def build_wheels(folder: Path) -> dict[str, Path]:
    """Build the shipped plugins as their authors do; nothing is fetched."""
    built = {}
    for plugin in PLUGINS:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(build, cwd=ROOT / "plugins" / plugin, check=True, capture_output=True)
        built[plugin] = next(folder.glob(f"callboard_{plugin.replace('-', '_')}-*.whl"))
    return built


def print_installing(load: Load, live: dict[str, float]) -> None:
    ordered = sorted(load.latencies)
    middle, high, longest = (ordered[at] * 1e3 for at in (len(ordered) // 2, len(ordered) * 99 // 100, -1))
    failed = f"{len(load.failed)} failed   {verdict(not load.failed)}"
    print(f"  {load.sent:,} requests while plugins were installed and removed: {failed}")
    print(f"    p50 {middle:.1f} ms, p99 {high:.1f} ms, longest {longest:.0f} ms")
    print("    live after " + ", ".join(f"{plugin} {seconds:.1f} s" for plugin, seconds in live.items()))
    for failure in sorted(set(load.failed))[:10]:
        print(f"    {failure}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rate", type=int, default=200, help="requests a second")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="callboard-bench-") as temporary:
        data = Path(temporary) / "data"
        wheels = build_wheels(Path(temporary) / "wheels")
        # The pipelines are another load, which would run once while this one does.
        env = {**os.environ, "APP_CONFIG_pipelines_enabled": "false"}
        with running_server([], env, data=data) as server:
            load, live = asyncio.run(measure(server.base_url, data, wheels, options.rate, options.seconds))
    print_installing(load, live)


if __name__ == "__main__":
    main()
