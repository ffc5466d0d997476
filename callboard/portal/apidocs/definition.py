"""Chooses how to show an API by its type, and reads its definition that way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from callboard.core.errors import Problem
from callboard.portal.apidocs.asyncapi import AsyncApi, read_asyncapi
from callboard.portal.apidocs.document import Document, text, text_of
from callboard.portal.apidocs.graphql_model import GraphQLApi
from callboard.portal.apidocs.mcp import McpServer, read_mcp
from callboard.portal.apidocs.openapi import read_openapi
from callboard.portal.apidocs.openapi_model import OpenApi
from callboard.portal.apidocs.protobuf import read_protobuf
from callboard.portal.apidocs.protobuf_model import ProtoFile

Api = OpenApi | AsyncApi | GraphQLApi | ProtoFile | McpServer

_VIEWS = {
    "openapi": "openapi",
    "swagger": "openapi",
    "asyncapi": "asyncapi",
    "graphql": "graphql",
    "grpc": "protobuf",
    "protobuf": "protobuf",
    "proto": "protobuf",
    "mcp-server": "mcp",
}


def _read_graphql(source: str) -> GraphQLApi:
    from callboard.portal.apidocs.graphql_api import read_graphql  # 50 ms that most starts can do without

    return read_graphql(source)


_READERS: dict[str, Callable[[str], OpenApi | AsyncApi | GraphQLApi | ProtoFile | Document]] = {
    "openapi": read_openapi,
    "asyncapi": read_asyncapi,
    "graphql": _read_graphql,
    "protobuf": read_protobuf,
}
# Definitions are read again only when they changed; few of them are open at the same time.
_KEPT = 24


@dataclass(frozen=True, slots=True)
class Definition:
    """`view` names the template; it is `source` when there is nothing but text to show."""

    type: str
    view: str
    api: Api | None
    text: str
    problems: tuple[Problem, ...] = ()


def read_definition(entity: Mapping[str, Any]) -> Definition:
    """The definition of an API entity. Never raises: whatever is wrong with it is in the problems."""
    spec = entity.get("spec")
    spec = spec if isinstance(spec, dict) else {}
    kind = text(spec.get("type"), 100)
    view = _VIEWS.get(kind.strip().lower(), "source")
    if view == "mcp":
        metadata = entity.get("metadata")
        server = read_mcp(spec, text(metadata.get("name"), 100) if isinstance(metadata, dict) else "server")
        return Definition(kind, view, server, text_of(spec.get("definition")), server.problems)
    return _read(kind, view, text_of(spec.get("definition")))


@lru_cache(maxsize=_KEPT)
def _read(kind: str, view: str, source: str) -> Definition:
    if not source.strip():
        problem = Problem("the definition is empty", ("spec", "definition"))
        return Definition(kind, "source", None, source, (problem,))
    if view == "source":
        return Definition(kind, view, None, source)
    try:
        api = _READERS[view](source)
    except RecursionError:
        return Definition(kind, "source", None, source, (Problem("the definition is nested too deep"),))
    problems = tuple(api.problems)
    # Nothing could be read: the text is all there is to show.
    if isinstance(api, Document) or api in (GraphQLApi(problems=problems), ProtoFile(problems=problems)):
        return Definition(kind, "source", None, source, problems)
    return Definition(kind, view, api, source, problems)
