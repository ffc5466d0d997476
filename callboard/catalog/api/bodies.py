"""What the writing endpoints read: one pydantic model a request body, and parameters of path and query."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict
from starlette.requests import Request

from callboard.core.errors import InputError

_YES = frozenset({"y", "yes", "true", "1", "on"})


def _storable(text: str) -> str:
    """PostgreSQL has no NUL in text, and no source has one in its address."""
    if "\0" in text:
        raise ValueError("must not contain NUL")
    return text


Text = Annotated[str, AfterValidator(_storable)]


class Strict(BaseModel):
    """Unknown properties are mistakes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Lenient(BaseModel):
    """Unknown properties are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class RefreshBody(Strict):
    """POST /refresh."""

    entityRef: Text  # noqa: N815  (the name on the wire)
    authorizationToken: str | None = None  # noqa: N815


class NewLocation(Strict):
    """POST /locations. `target` stands first because Backstage names it first when both are missing."""

    target: Text
    type: Text
    presence: Literal["required", "optional"] = "required"


class LocationBody(Strict):
    """PUT /locations/{id}, and the location of an analysis."""

    target: Text
    type: Text


class LocationsQuery(Lenient):
    """POST /locations/by-query."""

    cursor: str | None = None
    limit: float | None = None
    query: dict[str, Any] | None = None  # a predicate: any JSON


class AnalyzeBody(Lenient):
    """POST /analyze-location."""

    location: LocationBody
    catalogFileName: str | None = None  # noqa: N815
    catalogFilename: str | None = None  # noqa: N815  (Backstage's description and code disagree)


class ValidateBody(Lenient):
    """POST /validate-entity."""

    entity: dict[str, Any]  # whatever the sender believes to be an entity
    location: str


def path_text(request: Request, name: str) -> str:
    """A path parameter; InputError when no stored value could equal it."""
    value: str = request.path_params[name]
    if "\0" in value:
        raise InputError(f"request/params/{name} must not contain NUL")
    return value


def query_flag(request: Request, name: str) -> bool:
    """A yes-or-no parameter in any of the spellings Backstage accepts; anything else is no."""
    return request.query_params.get(name, "").strip().lower() in _YES


def query_choice(request: Request, name: str, allowed: tuple[str, ...], default: str) -> str:
    """A parameter out of a few words."""
    value = request.query_params.get(name, default)
    if value not in allowed:
        words = ", ".join(allowed)
        raise InputError(f"request/query/{name} must be equal to one of the allowed values: {words}")
    return value


def query_count(request: Request, name: str, default: int, most: int) -> int:
    """A whole number from 0 to `most`."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InputError(f"request/query/{name} must be an integer >= 0")
    return min(int(text), most)
