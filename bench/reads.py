"""Puts load on the read API of a running server and prints what it bears.

usage: python -m bench.reads --base-url http://127.0.0.1:7399 [--seconds 4] [--connections 16] [--only NAME]

Names, owners and types are asked from the server first, so any catalog will do. Raw sockets and one thread,
because on two cores an HTTP client library would measure itself.
"""

from __future__ import annotations

import argparse
import json
import random
import selectors
import socket
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

VARIANTS = 240
ROOT = "/api/catalog"


@dataclass
class Result:
    """What one scenario gave."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    received: int = 0
    failed: int = 0

    def line(self, name: str) -> str:
        ordered = sorted(self.latencies) or [0.0]
        middle, high = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
        size = self.received / max(1, len(self.latencies))
        return (
            f"{name:<14}{len(self.latencies) / self.seconds:>9,.0f}/s   p50 {middle * 1e3:6.2f} ms   "
            f"p99 {high * 1e3:6.2f} ms   {size:>9,.0f} B   failed {self.failed}"
        )


class Connection:
    """One keep-alive connection with one request under way."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(1 << 18)
        self.view = memoryview(self.buffer)
        self.have = self.need = 0
        self.started = 0.0
        self.ok = True

    def send(self, request: bytes) -> None:
        self.have = self.need = 0
        self.started = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Reads what there is; True when the answer is complete."""
        count = self.socket.recv_into(self.view if self.need else self.view[self.have :])
        if not count:
            raise ConnectionError("the server closed the connection")
        self.have += count
        if not self.need:
            end = self.buffer.find(b"\r\n\r\n", 0, self.have)
            if end < 0:
                return False
            head = bytes(self.view[:end]).lower()
            self.ok = head[9:12] == b"200"
            at = head.index(b"content-length:") + 15
            stop = head.find(b"\r\n", at)
            self.need = end + 4 + int(head[at : stop if stop > 0 else end])
        return self.have >= self.need


def run(address: tuple[str, int], requests: list[bytes], connections: int, seconds: float) -> Result:
    """Sends the requests round and round for some seconds."""
    selector = selectors.DefaultSelector()
    at = 0
    for _ in range(connections):
        connection = Connection(address)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(requests[at % len(requests)])
        at += 1
    result = Result(seconds)
    finish = time.perf_counter() + seconds
    while time.perf_counter() < finish:
        for key, _ in selector.select(0.5):
            connection = key.data
            if connection.receive():
                result.latencies.append(time.perf_counter() - connection.started)
                result.received += connection.need
                result.failed += not connection.ok
                connection.send(requests[at % len(requests)])
                at += 1
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr] # registered above, so it is a socket
    return result


def get(host: str, path: str) -> bytes:
    return f"GET {ROOT}{path} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode()


def post(host: str, path: str, body: object) -> bytes:
    data = json.dumps(body).encode()
    head = f"POST {ROOT}{path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % len(data) + data


Ask = Callable[[str, str], dict[str, object]]
"""Answers a path below a base URL with JSON."""


def ask(base: str, path: str) -> dict[str, object]:
    with urllib.request.urlopen(f"{base}{ROOT}{path}") as answer:
        found: dict[str, object] = json.load(answer)
    return found


def scenarios(base: str, ask: Ask = ask) -> dict[str, list[bytes]]:
    """The requests of each scenario, prepared from what the catalog holds."""
    host = urlsplit(base).netloc
    pick = random.Random(7)
    keys = ["kind", "spec.type", "spec.lifecycle", "relations.ownedBy", "metadata.tags"]
    facets: dict[str, list[dict[str, str]]] = ask(
        base, "/entity-facets?" + "&".join(f"facet={key}" for key in keys)
    )["facets"]  # type: ignore[assignment] # the shape of the answer
    some = {key: [item["value"] for item in facets[key]] for key in keys}
    page: list[dict[str, dict[str, str]]] = ask(
        base, "/entities/by-query?limit=2000&fields=kind,metadata.name,metadata.namespace"
    )["items"]  # type: ignore[assignment]
    pick.shuffle(page)
    named = [
        (str(one["kind"]), one["metadata"].get("namespace", "default"), one["metadata"]["name"])
        for one in page
    ]

    def filters(number: int) -> str:
        parts = [f"kind={pick.choice(some['kind'])}"]
        if number % 4:
            key = keys[1 + number % 4]
            parts.append(f"{key}={pick.choice(some[key] or ['none'])}")
        if number % 8 == 5:
            parts.append(f"spec.lifecycle={pick.choice(some['spec.lifecycle'] or ['none'])}")
        return quote(",".join(parts), safe="=,:/")

    def page_of(number: int, more: str = "") -> bytes:
        order = pick.choice(("asc", "desc"))
        return get(
            host,
            f"/entities/by-query?filter={filters(number)}&orderField=metadata.name,{order}&limit=20{more}",
        )

    def term() -> str:
        name = pick.choice(named)[2]
        start = pick.randrange(max(1, len(name) - 4))
        return quote(name[start : start + pick.randrange(3, 6)])

    def components(number: int) -> bytes:
        order = ("asc", "desc")[number % 2]
        return get(
            host,
            f"/entities/by-query?filter=kind=component&orderField=metadata.name,{order}&limit=20&offset={number}",
        )

    rounds = range(VARIANTS)
    return {
        "page": [page_of(number) for number in rounds],
        "page-offset": [components(number) for number in rounds],
        "full-text": [
            get(
                host,
                f"/entities/by-query?filter=kind={pick.choice(some['kind'])}&orderField=metadata.name,asc&limit=20"
                f"&fullTextFilterTerm={term()}&fullTextFilterFields=metadata.name,metadata.title",
            )
            for _ in rounds
        ],
        "facets": [
            get(host, f"/entity-facets?facet=spec.type&facet=metadata.tags&filter={filters(number)}")
            for number in rounds
        ],
        "facets-owner": [
            get(host, f"/entity-facets?facet=relations.ownedBy&facet=spec.lifecycle&filter={filters(number)}")
            for number in rounds
        ],
        "by-name": [
            get(host, "/entities/by-name/" + "/".join(map(quote, named[number % len(named)])))
            for number in range(1000)
        ],
        "by-refs": [
            post(
                host,
                "/entities/by-refs",
                {"entityRefs": ["{}:{}/{}".format(*pick.choice(named)).lower() for _ in range(50)]},
            )
            for _ in rounds
        ],
        "ancestry": [
            get(host, "/entities/by-name/" + "/".join(map(quote, named[number % len(named)])) + "/ancestry")
            for number in range(1000)
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--only", action="append", default=[])
    options = parser.parse_args()
    parts = urlsplit(options.base_url)
    address = (parts.hostname or "127.0.0.1", parts.port or 80)
    for name, requests in scenarios(options.base_url.rstrip("/")).items():
        if options.only and name not in options.only:
            continue
        run(address, requests, options.connections, 1)
        print(run(address, requests, options.connections, options.seconds).line(name), flush=True)


if __name__ == "__main__":
    main()
