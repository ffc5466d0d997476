"""What the desk keeps, as it is read from the tables: frozen, with the columns' names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

import orjson

from callboard.marketplace.desk.states import State

MemberRole = Literal["owner", "maintainer", "viewer"]
MEMBER_ROLES: tuple[MemberRole, ...] = ("owner", "maintainer", "viewer")
PublisherType = Literal["first-party", "verified-partner", "community"]
PUBLISHER_TYPES: tuple[PublisherType, ...] = ("first-party", "verified-partner", "community")

Json = dict[str, Any]
"""JSON of many shapes, hence Any."""
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Publisher:
    name: str
    title: str
    type: PublisherType
    url: str
    contact: str
    about: str
    state: Literal["applied", "approved", "rejected", "suspended"]
    reason: str
    applied_by: str
    applied_at: float
    changed_at: float

    @property
    def subject(self) -> str:
        return f"publisher:{self.name}"


@dataclass(frozen=True, slots=True)
class Domain:
    publisher: str
    name: str
    token: str
    verified_at: float | None
    method: str


@dataclass(frozen=True, slots=True)
class Member:
    publisher: str
    member: str
    role: MemberRole
    added_by: str
    added_at: float


@dataclass(frozen=True, slots=True)
class Listing:
    name: str
    publisher: str
    distribution: str
    fields: Json
    pictures: Json
    needs: list[str]
    lifecycle: Literal["active", "deprecated"]
    replaced_by: str
    deprecated_reason: str
    taken_down: str
    transfer_to: str
    added_at: float
    changed_at: float

    @property
    def subject(self) -> str:
        return f"listing:{self.name}"

    @property
    def title(self) -> str:
        return str(self.fields.get("title") or self.name)


@dataclass(frozen=True, slots=True)
class Submission:
    id: str
    publisher: str
    listing: str
    state: State
    revision: int
    fields: Json
    pictures: Json
    filename: str
    sha256: str
    changelog: str
    findings: list[Json]
    reason: str
    created_by: str
    created_at: float
    changed_at: float

    @property
    def subject(self) -> str:
        return f"submission:{self.id}"

    @property
    def title(self) -> str:
        return str(self.fields.get("title") or self.listing)


@dataclass(frozen=True, slots=True)
class Release:
    listing: str
    version: str
    distribution: str
    filename: str
    sha256: str
    size: int
    manifest: Json
    requires_python: str
    supports: Json
    changelog: str
    released_by: str
    released_at: float
    yanked_at: float | None
    yanked_reason: str
    attested: Json
    """`state` (stated, verified), `publisher`, `reason`, `sha256` of the provenance; or empty."""


@dataclass(frozen=True, slots=True)
class Token:
    """Without its secret, of which only a hash is kept."""

    id: str
    publisher: str
    name: str
    listing: str
    scopes: list[str]
    created_by: str
    created_at: float
    expires_at: float
    used_at: float | None


@dataclass(frozen=True, slots=True)
class Report:
    id: str
    listing: str
    kind: str
    text: str
    reporter: str
    reported_at: float
    state: Literal["open", "dismissed", "acted-on"]
    decision: str
    decided_by: str
    decided_at: float | None


@dataclass(frozen=True, slots=True)
class Takedown:
    """A listing of another source that nobody shall see."""

    ref: str
    reason: str
    taken_by: str
    taken_at: float


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    subject: str
    at: float
    actor: str
    action: str
    text: str


_JSON = {"fields", "pictures", "needs", "findings", "manifest", "supports", "scopes", "attested"}


def record(kind: type[Record], row: Mapping[str, Any]) -> Record:
    """A row as the dataclass of its table."""
    names = [one.name for one in fields(kind)]  # type: ignore[arg-type]  # every record is a dataclass
    return kind(**{name: orjson.loads(row[name]) if name in _JSON else row[name] for name in names})


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as their columns hold them."""
    return {
        name: orjson.dumps(value).decode() if name in _JSON else _clean(value)
        for name, value in values.items()
    }


def _clean(value: Any) -> Any:
    """PostgreSQL has no NUL in texts."""
    return value.replace("\0", "") if isinstance(value, str) else value
