"""The Definition tab of APIs, the raw text of a definition, and the endpoint that tries an operation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import PlainTextResponse, Response

from callboard.core.errors import CallboardError, ConfigError, NotAllowedError, Problem
from callboard.core.http import error_answer, json_answer
from callboard.core.http_body import check_model, read_json
from callboard.portal.apidocs.allow import KEY, TryAllowList, read_allow_list
from callboard.portal.apidocs.definition import Definition, read_definition
from callboard.portal.apidocs.openapi_model import OpenApi
from callboard.portal.apidocs.source import read_source
from callboard.portal.apidocs.try_it import MAX_BODY, METHODS, Attempt, Outcome, send
from callboard.web.contributions import Entity
from callboard.web.view import View

_log = structlog.get_logger(__name__)
# Read in a thread, which costs more than reading a small definition does.
_SMALL = 20_000
_MAX_REQUEST = MAX_BODY + 512 * 1024
_ENDINGS = {"graphql": "graphql", "protobuf": "proto"}


class _TryRequest(BaseModel):
    """What the page posts."""

    model_config = ConfigDict(extra="forbid", strict=True)

    method: Literal["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH"]
    url: str = Field(max_length=8192)
    headers: list[list[str]] = []
    body: str = ""


def is_api(entity: Entity) -> bool:
    return str(entity.get("kind", "")).lower() == "api"


async def definition_tab(view: View, entity: Entity) -> Mapping[str, Any]:
    """The variables of `apidocs/definition.html`."""
    wants_text = view.query.get("view") == "source"
    definition = await _definition(entity)
    allowed, complaint = _allowed(view)
    api = definition.api
    servers = allowed.permitted(server.url for server in api.servers) if isinstance(api, OpenApi) else ()
    text_only = wants_text or definition.view == "source"
    return {
        "definition": definition,
        "problems": [_shown(problem) for problem in definition.problems],
        "api": api,
        "source": read_source(definition.text) if text_only else None,
        "text_only": text_only,
        "path": view.request.url.path,
        "raw": f"/api-docs/raw/{_place(entity)}",
        "try_servers": servers,
        "try_hint": complaint or _hint(allowed, servers),
        "try_methods": METHODS if servers else (),
    }


async def raw_definition(view: View) -> Response:
    """The definition as a file; served as plain text, whatever it claims to be."""
    parameters = view.request.path_params
    namespace, name = parameters["namespace"], parameters["name"]
    entity = await view.entity(f"api:{namespace}/{name}")
    if entity is None:
        return await view.not_found(f"There is no API {namespace}/{name}.")
    definition = await _definition(entity)
    headers = {"content-disposition": f'attachment; filename="{_file_name(entity, definition)}"'}
    # Text from descriptors may hold what UTF-8 cannot.
    return PlainTextResponse(definition.text.encode("utf-8", "replace"), headers=headers)


async def try_operation(view: View) -> Response:
    """Sends what the visitor composed and answers with what came back, as JSON."""
    request = view.request
    try:
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise NotAllowedError("Operations can be tried from the pages of this portal only")
        asked = check_model(await read_json(request, limit=_MAX_REQUEST), _TryRequest)
        headers = [(pair[0], pair[1]) for pair in asked.headers if len(pair) == 2]
        attempt = Attempt(asked.method, asked.url, headers, asked.body)
        outcome = await send(attempt, read_allow_list(view.config))
    except CallboardError as error:
        return error_answer(request.scope, error)
    _log.info("operation tried", method=asked.method, site=outcome.site, status=outcome.status)
    return json_answer(_answer(outcome), headers={"cache-control": "no-store"})


async def to_catalog(view: View) -> Response:
    """All APIs are a table of the catalog."""
    return await view.redirect("/catalog?filters[kind]=api")


def _answer(outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status,
        "reason": outcome.reason,
        "url": outcome.url,
        "headers": outcome.headers,
        "text": outcome.body.text,
        "size": outcome.body.size,
        "isCut": outcome.body.is_cut,
        "notes": [note for note in (outcome.note, outcome.body.note) if note],
        "milliseconds": outcome.milliseconds,
    }


async def _definition(entity: Entity) -> Definition:
    spec = entity.get("spec")
    given = spec.get("definition") if isinstance(spec, dict) else None
    if isinstance(given, str) and len(given) < _SMALL:
        return read_definition(entity)
    return await asyncio.to_thread(read_definition, entity)


def _allowed(view: View) -> tuple[TryAllowList, str]:
    try:
        return read_allow_list(view.config), ""
    except ConfigError as error:
        return TryAllowList(), f"Operations cannot be tried here: {error}"


def _hint(allowed: TryAllowList, servers: tuple[str, ...]) -> str:
    if servers:
        return ""
    if not allowed:
        return f"Operations cannot be tried here: {KEY} in the configuration lists no host."
    return (
        f"Operations cannot be tried here: {KEY} in the configuration lists none of the servers of this API."
    )


def _shown(problem: Problem) -> dict[str, Any]:
    place = {"source": "definition", "line": problem.line, "column": problem.column} if problem.line else {}
    return {"message": problem.message, "field": problem.field, **place}


def _place(entity: Entity) -> str:
    metadata = entity["metadata"]
    return f"{metadata.get('namespace', 'default')}/{metadata['name']}"


def _file_name(entity: Entity, definition: Definition) -> str:
    if definition.view in ("openapi", "asyncapi"):
        ending = "json" if definition.text.lstrip().startswith("{") else "yaml"
    else:
        ending = _ENDINGS.get(definition.view, "txt")
    return f"{entity['metadata']['name']}.{ending}"
