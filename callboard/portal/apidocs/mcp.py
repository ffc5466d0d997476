"""Reads an API of type `mcp-server`: where it can be reached, and how a client is configured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from callboard.core.errors import Problem
from callboard.portal.apidocs.document import items, text

# How clients write the transports in their configuration.
_TRANSPORTS = {"streamable-http": "http", "http": "http", "sse": "sse"}
_SPOKEN = {
    "streamable-http": "Streamable HTTP",
    "http": "Streamable HTTP",
    "sse": "Server-sent events (deprecated in the protocol)",
}


@dataclass(frozen=True, slots=True)
class Remote:
    """`configuration` is what most clients read; `editor` the same for editors that call it `servers`.

    Both are empty where the URL is not one that a client could call.
    """

    type: str
    transport: str
    url: str
    configuration: str = ""
    editor: str = ""


@dataclass(frozen=True, slots=True)
class McpServer:
    remotes: tuple[Remote, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_mcp(spec: Mapping[str, Any], name: str) -> McpServer:
    """The remotes of `spec`; `name` is how the server is called in the configuration of a client."""
    remotes = []
    problems = []
    for index, given in enumerate(items(dict(spec), "remotes")[:100]):
        kind = text(given.get("type"), 80) if isinstance(given, dict) else ""
        url = text(given.get("url"), 4_000) if isinstance(given, dict) else ""
        if not _is_callable(url):
            message = "is not an http or https URL: no client could reach the server there"
            problems.append(Problem(message, ("spec", "remotes", index, "url")))
        remotes.append(_remote(kind, url, name))
    if not remotes:
        problems.append(Problem("names no place where the server can be reached", ("spec", "remotes")))
    return McpServer(tuple(remotes), tuple(problems))


def _remote(kind: str, url: str, name: str) -> Remote:
    spoken = _SPOKEN.get(kind, kind)
    if not _is_callable(url):
        return Remote(kind, spoken, url)
    server = {name: {"type": _TRANSPORTS.get(kind, kind), "url": url}}
    return Remote(kind, spoken, url, _json({"mcpServers": server}), _json({"servers": server}))


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _is_callable(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
