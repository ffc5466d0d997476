"""The operations of the catalog API as a table; `openapi` makes a document of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from callboard.catalog.api.openapi_schemas import Schema, array, obj, ref, text

_REASONS = {
    304: "Not changed since the version named in `If-None-Match`.",
    400: "The request is not valid; the message says why.",
    403: "Not allowed: the catalog is read-only, or another site sent the request.",
    404: "There is no such thing.",
    408: "The body did not arrive in time.",
    409: "It conflicts with what exists.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    503: "The catalog is still being read.",
}
_BODY_ERRORS = (403, 408, 413, 415)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `answers` maps a status to a schema name, or None when there is no body."""

    method: str
    path: str
    id: str
    summary: str
    answers: dict[int, str | None]
    tag: str = "entities"
    parameters: tuple[Schema, ...] = ()
    body: Schema | None = None
    body_required: bool = True
    example: Any = None  # of the body: any JSON
    errors: tuple[int, ...] = (400,)
    waits: bool = False  # for the index, and is refused when that takes too long
    headers: tuple[tuple[str, str], ...] = ()

    def described(self) -> dict[str, Any]:
        """The operation object of OpenAPI."""
        errors = {
            *self.errors,
            *((503,) if self.waits else ()),
            *(_BODY_ERRORS if self.method == "post" or self.body else ()),
        }
        responses = {str(status): self._answer(schema) for status, schema in self.answers.items()}
        for status in sorted(errors - set(self.answers)):
            content = {} if status == 304 else {"content": _json(ref("Error"))}
            responses[str(status)] = {"description": _REASONS[status], **content}
        found: dict[str, Any] = {
            "operationId": self.id,
            "summary": self.summary,
            "tags": [self.tag],
            "parameters": list(self.parameters),
            "responses": responses,
        }
        if self.body is not None:
            content = _json(self.body)
            if self.example is not None:
                content["application/json"]["example"] = self.example
            found["requestBody"] = {"required": self.body_required, "content": content}
        return found

    def _answer(self, schema: str | None) -> dict[str, Any]:
        answer: dict[str, Any] = {"description": "Done." if schema is None else "The answer."}
        if schema is not None:
            answer["content"] = _json(ref(schema))
        if self.headers:
            answer["headers"] = {
                name: {"description": words, "schema": {"type": "string"}} for name, words in self.headers
            }
        return answer


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _path(*names: str) -> tuple[Schema, ...]:
    return tuple({"name": name, "in": "path", "required": True, "schema": text()} for name in names)


def _query(name: str, schema: Schema, description: str, **more: Any) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


_STRINGS = array(text())
_WORDS = array(text(minLength=1))  # an empty parameter is refused
_WHOLE = {"type": "integer", "minimum": 0}
_ORDER_BY = obj({"field": text(), "order": {"enum": ["asc", "desc"]}}, ["field", "order"])

FILTER = _query(
    "filter",
    _WORDS,
    "Conditions `path=value` or `path`, joined by commas: all of them must hold. Repeat the parameter for "
    "alternatives. Example: `kind=component,spec.type=service`.",
)
FIELDS = _query("fields", _WORDS, "Paths to keep of each entity; the rest is left out.", explode=False)
LIMIT = _query("limit", _WHOLE, "At most so many.")
OFFSET = _query("offset", _WHOLE, "Leave out so many first.")
TOTAL = _query("totalItems", {"enum": ["include", "exclude"]}, "`exclude` saves counting.")
NONE_MATCH: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` of an earlier answer.",
    "schema": text(pattern='^(W/)?"[A-Za-z0-9_-]*"$'),
}
_NAMED = _path("kind", "namespace", "name")
_ETAG = (("ETag", "The version of the answer."),)

_URL = "https://example.org/catalog-info.yaml"
_COMPONENT = {
    "apiVersion": "backstage.io/v1alpha1",
    "kind": "Component",
    "metadata": {"name": "lamp"},
    "spec": {"type": "service", "lifecycle": "production", "owner": "keepers"},
}

_E = "/api/catalog/entities"
_L = "/api/catalog/locations"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        _E,
        "GetEntities",
        "All entities that match a filter, as one array.",
        {200: "SelectedEntities"},
        parameters=(
            FIELDS,
            LIMIT,
            FILTER,
            OFFSET,
            _query("after", text(minLength=1), "From the `Link` header of the page before."),
            _query("order", _WORDS, "`asc:path` or `desc:path`; repeat for further orders."),
            NONE_MATCH,
        ),
        errors=(304, 400),
        headers=(*_ETAG, ("Link", "The next page, when there is one.")),
        waits=True,
    ),
    Operation(
        "get",
        f"{_E}/by-uid/{{uid}}",
        "GetEntityByUid",
        "The entity with a uid.",
        {200: "Entity"},
        parameters=(*_path("uid"), NONE_MATCH),
        errors=(304, 400, 404),
        headers=_ETAG,
        waits=True,
    ),
    Operation(
        "delete",
        f"{_E}/by-uid/{{uid}}",
        "DeleteEntityByUid",
        "Delete an entity. It comes back if a source still has it.",
        {204: None},
        parameters=_path("uid"),
    ),
    Operation(
        "get",
        f"{_E}/by-name/{{kind}}/{{namespace}}/{{name}}",
        "GetEntityByName",
        "The entity with a name.",
        {200: "Entity"},
        parameters=(*_NAMED, NONE_MATCH),
        errors=(304, 400, 404),
        headers=_ETAG,
        waits=True,
    ),
    Operation(
        "get",
        f"{_E}/by-name/{{kind}}/{{namespace}}/{{name}}/ancestry",
        "GetEntityAncestryByName",
        "The entity and everything it descends from.",
        {200: "Ancestry"},
        parameters=(*_NAMED, NONE_MATCH),
        errors=(304, 400, 404),
        waits=True,
    ),
    Operation(
        "post",
        f"{_E}/by-refs",
        "GetEntitiesByRefs",
        "The entities with these refs, in this order.",
        {200: "EntitiesByRefs"},
        parameters=(FILTER,),
        body=obj({"entityRefs": _STRINGS, "fields": _STRINGS, "query": ref("Predicate")}, ["entityRefs"]),
        waits=True,
        example={"entityRefs": ["component:default/lamp", "group:default/keepers"]},
    ),
    Operation(
        "get",
        f"{_E}/by-query",
        "GetEntitiesByQuery",
        "A page of the entities that match a filter.",
        {200: "EntitiesPage"},
        parameters=(
            FIELDS,
            LIMIT,
            OFFSET,
            _query("orderField", _WORDS, "`path,asc` or `path,desc`."),
            _query(
                "cursor", text(minLength=1), "From `pageInfo`; all else but `fields` and `limit` is ignored."
            ),
            FILTER,
            TOTAL,
            _query(
                "fullTextFilterTerm", text(minLength=1), "Text that must occur in one of the searched fields."
            ),
            _query("fullTextFilterFields", _WORDS, "The searched fields.", explode=False),
            NONE_MATCH,
        ),
        errors=(304, 400),
        waits=True,
    ),
    Operation(
        "post",
        f"{_E}/by-query",
        "QueryEntitiesByPredicate",
        "A page of the entities that satisfy a predicate.",
        {200: "EntitiesPage"},
        body=obj(
            {
                "cursor": text(),
                "limit": {"type": "number"},
                "offset": {"type": "number"},
                "orderBy": array(_ORDER_BY),
                "fullTextFilter": obj({"term": text(), "fields": _STRINGS}),
                "fields": _STRINGS,
                "totalItems": {"enum": ["include", "exclude"]},
                "query": ref("Predicate"),
            }
        ),
        body_required=False,
        waits=True,
        example={"query": {"kind": "component"}, "limit": 20},
    ),
    Operation(
        "get",
        "/api/catalog/entity-facets",
        "GetEntityFacets",
        "The values of some fields, each with how many entities have it.",
        {200: "Facets"},
        parameters=(
            _query("facet", {**_WORDS, "minItems": 1}, "The path of a field.", required=True),
            FILTER,
            NONE_MATCH,
        ),
        errors=(304, 400),
        waits=True,
    ),
    Operation(
        "post",
        "/api/catalog/entity-facets",
        "QueryEntityFacetsByPredicate",
        "The values of some fields among the entities that satisfy a predicate.",
        {200: "Facets"},
        body=obj({"facets": {**_STRINGS, "minItems": 1}, "query": ref("Predicate")}, ["facets"]),
        waits=True,
        example={"facets": ["spec.type"], "query": {"kind": "component"}},
    ),
    Operation(
        "post",
        "/api/catalog/refresh",
        "RefreshEntity",
        "Read an entity anew from its source, soon.",
        {200: None},
        body=obj({"entityRef": text(), "authorizationToken": text()}, ["entityRef"], closed=True),
        errors=(400, 404),
        example={"entityRef": "component:default/lamp"},
    ),
    Operation(
        "post",
        "/api/catalog/validate-entity",
        "ValidateEntity",
        "Check an entity without storing it.",
        {200: None, 400: "ValidationAnswer"},
        body=obj(
            {"entity": {"type": "object"}, "location": text("Where it would come from: `url:https://…`.")},
            ["entity", "location"],
        ),
        example={"entity": _COMPONENT, "location": f"url:{_URL}"},
    ),
    Operation(
        "post",
        _L,
        "CreateLocation",
        "Register a location, or try what registering it would bring.",
        {201: "CreatedLocation"},
        tag="locations",
        parameters=(
            _query("dryRun", text(), "`true` (or `1`, `yes`, `y`, `on`): nothing is stored."),
            _query(
                "onConflict", {"enum": ["refresh", "reject"]}, "What to do when it is registered already."
            ),
        ),
        body=ref("NewLocation"),
        errors=(400, 403, 409),
        example={"type": "url", "target": _URL},
    ),
    Operation(
        "get",
        _L,
        "GetLocations",
        "All registered locations.",
        {200: "LocationList"},
        tag="locations",
        errors=(),
    ),
    Operation(
        "post",
        f"{_L}/by-query",
        "GetLocationsByQuery",
        "A page of the registered locations that satisfy a predicate over id, type, target and entityRef.",
        {200: "LocationsPage"},
        tag="locations",
        body=obj({"cursor": text(), "limit": {"type": "number"}, "query": ref("Predicate")}),
        body_required=False,
        example={"query": {"type": "url"}, "limit": 20},
    ),
    Operation(
        "get",
        f"{_L}/{{id}}",
        "GetLocation",
        "A registered location.",
        {200: "Location"},
        tag="locations",
        parameters=_path("id"),
        errors=(400, 404),
    ),
    Operation(
        "put",
        f"{_L}/{{id}}",
        "UpdateLocation",
        "Change where a location points.",
        {200: "Location"},
        tag="locations",
        parameters=_path("id"),
        body=ref("LocationInput"),
        errors=(400, 403, 404, 409),
        example={"type": "url", "target": _URL},
    ),
    Operation(
        "delete",
        f"{_L}/{{id}}",
        "DeleteLocation",
        "Unregister a location; what came from it alone goes with it.",
        {204: None},
        tag="locations",
        parameters=_path("id"),
        errors=(400, 403, 404),
    ),
    Operation(
        "get",
        f"{_L}/by-entity/{{kind}}/{{namespace}}/{{name}}",
        "getLocationByEntity",
        "The registered location an entity came from.",
        {200: "Location"},
        tag="locations",
        parameters=_NAMED,
        errors=(400, 404),
    ),
    Operation(
        "post",
        "/api/catalog/analyze-location",
        "AnalyzeLocation",
        "What a repository holds, or a suggestion of what to add to it.",
        {200: "Analysis"},
        tag="locations",
        body=obj({"location": ref("LocationInput"), "catalogFileName": text()}, ["location"]),
        example={"location": {"type": "url", "target": "https://example.org/team/lamp"}},
    ),
    *(
        Operation(
            "get",
            f"{_E}/unprocessed/{state}",
            f"GetUnprocessed{state.capitalize()}",
            f"Entities whose processing is {state}.",
            {200: "Unprocessed"},
            tag="callboard",
            parameters=(LIMIT, OFFSET, _query("owner", text(), "Only those with this `spec.owner`.")),
        )
        for state in ("failed", "pending")
    ),
    Operation(
        "delete",
        f"{_E}/unprocessed/delete/{{id}}",
        "DeleteUnprocessed",
        "Forget an entity that cannot be processed.",
        {204: None},
        tag="callboard",
        parameters=_path("id"),
        errors=(400, 404),
    ),
    Operation(
        "get",
        f"{_E}/by-name/{{kind}}/{{namespace}}/{{name}}/history",
        "GetEntityHistoryByName",
        "The versions of an entity, newest first, and what each changed; also of a deleted one.",
        {200: "History"},
        tag="callboard",
        parameters=(
            *_NAMED,
            LIMIT,
            _query("before", {"type": "number"}, "Only versions that began before this `validFrom`."),
        ),
        errors=(400, 404),
    ),
    Operation(
        "get",
        "/api/catalog/problems",
        "GetProblems",
        "Every error, conflict and held-back deletion, in one list.",
        {200: "Problems"},
        tag="callboard",
        errors=(),
    ),
    *(
        Operation(
            "post",
            f"/api/catalog/held-back/{{provider}}/{verb}",
            f"{verb.capitalize()}HeldBack",
            summary,
            {204: None},
            tag="callboard",
            parameters=_path("provider"),
            errors=(400, 404),
        )
        for verb, summary in (
            ("confirm", "Carry out a deletion that was held back because it was suspiciously large."),
            ("reject", "Keep the entities that a provider suddenly stopped giving."),
        )
    ),
    Operation(
        "post",
        "/api/catalog/reindex",
        "Reindex",
        "Process every entity anew.",
        {202: None},
        tag="callboard",
        errors=(),
    ),
    Operation(
        "get",
        "/.backstage/health/v1/readiness",
        "GetReadiness",
        "Whether the catalog is whole and answers.",
        {200: "Health", 503: "Health"},
        tag="health",
        errors=(),
    ),
    Operation(
        "get",
        "/.backstage/health/v1/liveness",
        "GetLiveness",
        "Whether the process answers at all.",
        {200: "Health"},
        tag="health",
        errors=(),
    ),
)
