"""The records of the desk as the API shows them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from callboard.marketplace.checks.findings import Finding
from callboard.marketplace.desk.compared import Compared
from callboard.marketplace.desk.entities import artefact_path, moment
from callboard.marketplace.desk.inside import Inside
from callboard.marketplace.desk.records import (
    Domain,
    Event,
    Listing,
    Member,
    Publisher,
    Release,
    Report,
    Submission,
    Takedown,
    Token,
)
from callboard.marketplace.desk.states import Action

Json = dict[str, Any]
"""JSON, hence Any."""


def publisher_json(
    one: Publisher,
    domains: Sequence[Domain] = (),
    members: Sequence[Member] = (),
    findings: Iterable[Finding] = (),
) -> Json:
    """`findings` are about its names, while it is not approved."""
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
        "findings": [each.as_json() for each in findings],
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


def inside_json(found: Inside) -> Json:
    """What the wheel itself says; `wrong` is why it cannot be read."""
    return {
        "version": found.version or None,
        "manifest": found.manifest,
        "requiresPython": found.requires_python or None,
        "requires": list(found.requires),
        "wrong": found.wrong or None,
    }


def compared_json(it: Compared) -> Json:
    """What the release `before` did not have; null for a first one."""
    return {
        "before": it.before or None,
        "newNeeds": [one.name for one in it.needs if one.new],
        "newContributions": [
            f"{group.title}: {line.text}" for group in it.groups for line in group.lines if line.new
        ],
    }


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
        "deprecatedReason": one.deprecated_reason or None,
        "takenDown": one.taken_down or None,
        "offeredTo": one.transfer_to or None,
        "releases": [release_json(each) for each in releases],
    }


def takedown_json(ref: str, one: Takedown | None) -> Json:
    """How a listing of any source stands; `one` is None where it is shown."""
    return {
        "ref": ref,
        "takenDown": one is not None,
        "reason": one.reason if one is not None else None,
        "by": one.taken_by if one is not None else None,
        "at": moment(one.taken_at) if one is not None else None,
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
        "attested": {name: one.attested[name] for name in ("state", "publisher", "reason")}
        if one.attested
        else None,
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
