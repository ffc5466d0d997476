"""The records of the desk as the API shows them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from callboard.marketplace.desk.entities import artefact_path, moment
from callboard.marketplace.desk.records import (
    Domain,
    Event,
    Listing,
    Member,
    Publisher,
    Release,
    Report,
    Submission,
    Token,
)
from callboard.marketplace.desk.states import Action

Json = dict[str, Any]
"""JSON, hence Any."""


def publisher_json(one: Publisher, domains: Sequence[Domain] = (), members: Sequence[Member] = ()) -> Json:
    return {
        "name": one.name,
        "title": one.title,
        "type": one.type,
        "url": one.url,
        "contact": one.contact,
        "about": one.about,
        "state": one.state,
        "reason": one.reason,
        "appliedBy": one.applied_by,
        "appliedAt": moment(one.applied_at),
        "domains": [
            {
                "name": each.name,
                "token": each.token,
                "verifiedAt": moment(each.verified_at),
                "method": each.method or None,
            }
            for each in domains
        ],
        "members": [{"member": each.member, "role": each.role} for each in members],
    }


def submission_json(
    one: Submission, possible: Sequence[Action] = (), timeline: Iterable[Event] | None = None
) -> Json:
    told: Json = {
        "id": one.id,
        "publisher": one.publisher,
        "state": one.state,
        "listing": one.fields,
        "changelog": one.changelog,
        "wheel": {"filename": one.filename, "sha256": one.sha256} if one.sha256 else None,
        "pictures": one.pictures,
        "findings": one.findings,
        "reason": one.reason,
        "createdBy": one.created_by,
        "createdAt": moment(one.created_at),
        "changedAt": moment(one.changed_at),
        "possible": list(possible),
    }
    return told if timeline is None else {**told, "timeline": [event_json(each) for each in timeline]}


def event_json(one: Event) -> Json:
    return {"at": moment(one.at), "actor": one.actor, "action": one.action, "text": one.text}


def listing_json(one: Listing, releases: Sequence[Release] = ()) -> Json:
    return {
        "name": one.name,
        "title": one.title,
        "publisher": one.publisher,
        "package": one.distribution,
        "lifecycle": one.lifecycle,
        "replacedBy": one.replaced_by or None,
        "takenDown": one.taken_down or None,
        "offeredTo": one.transfer_to or None,
        "releases": [release_json(each) for each in releases],
    }


def release_json(one: Release) -> Json:
    return {
        "listing": one.listing,
        "version": one.version,
        "package": one.distribution,
        "filename": one.filename,
        "sha256": one.sha256,
        "size": one.size,
        "url": artefact_path(one.sha256, one.filename),
        "releasedBy": one.released_by,
        "releasedAt": moment(one.released_at),
        "yanked": {"at": moment(one.yanked_at), "reason": one.yanked_reason} if one.yanked_at else None,
    }


def token_json(one: Token) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "listing": one.listing or None,
        "scopes": one.scopes,
        "createdBy": one.created_by,
        "createdAt": moment(one.created_at),
        "expiresAt": moment(one.expires_at),
        "usedAt": moment(one.used_at),
    }


def report_json(one: Report) -> Json:
    return {
        "id": one.id,
        "listing": one.listing,
        "kind": one.kind,
        "text": one.text,
        "reporter": one.reporter,
        "reportedAt": moment(one.reported_at),
        "state": one.state,
        "decision": one.decision,
        "decidedBy": one.decided_by or None,
        "decidedAt": moment(one.decided_at),
    }
