"""What the desk adds to the OpenAPI description of the whole API."""

from __future__ import annotations

from functools import partial
from typing import Any

from callboard.access.openapi_operations import Call
from callboard.access.openapi_schemas import shape

Json = dict[str, Any]
"""JSON, hence Any."""

_call = partial(Call, tag="marketplace")
_M = "/api/marketplace"
_P, _S, _L = f"{_M}/publishers/{{name}}", f"{_M}/submissions/{{id}}", f"{_M}/listings/{{name}}"
_FILE = "application/octet-stream"
_NAME = (("x-filename", "The name of the file."),)
_GONE, _CONFLICT = (404,), (404, 409)

_SUBMISSION_ACTS = (
    ("submit", "Hand in; the checks run, and what comes of them is the answer"),
    ("comment", "Say something about it"),
    ("request-changes", "Send it back, with what to change"),
    ("approve", "Approve it"),
    ("reject", "Reject it, with a reason"),
    ("publish", "Put what was approved on the shelf"),
    ("withdraw", "Take it back"),
)
_LISTING_ACTS = (
    ("deprecate", "Deprecated", "Say that it has no future"),
    ("revive", "Deprecated", "Say that it has one again"),
    ("transfer", "Offered", "Offer it to another publisher, or to nobody any more"),
    ("accept", None, "Take over what was offered"),
    ("decline", None, "Decline what was offered"),
    ("take-down", "Reason", "Take it off the shelf"),
    ("restore", "Reason", "Put it back on the shelf"),
)


def _id(*words: str) -> str:
    parts = [part for word in words for part in word.split("-")]
    return parts[0] + "".join(part.capitalize() for part in parts[1:])


OPERATIONS = (
    _call("get", f"{_M}/publishers", "ownPublishers", "The publishers that one is a member of", "Publishers"),
    _call(
        "post", f"{_M}/publishers", "applyAsPublisher", "Apply as a publisher", "Publisher",
        status=201, body="Application", errors=(409,),
    ),
    _call("get", f"{_M}/applications", "publisherApplications", "Applications that wait for a reviewer",
          "Publishers"),
    _call("get", _P, "publisher", "One publisher, for its members and reviewers", "Publisher", errors=_GONE),
    _call("put", _P, "editPublisher", "Change what it says of itself", "Publisher", body="Profile",
          errors=_GONE),
    *(
        _call("post", f"{_P}/{act}", _id(act, "publisher"), words, "Publisher", body="Decided",
              errors=_CONFLICT)
        for act, words in (
            ("approve", "Approve an application"),
            ("reject", "Reject an application, with a reason"),
            ("suspend", "Keep it from submitting and releasing"),
            ("resume", "Let it submit and release again"),
        )
    ),
    _call("post", f"{_P}/domains", "addDomain", "Name a domain to prove", "Publisher", status=201,
          body="NamedDomain", errors=_CONFLICT),
    _call("delete", f"{_P}/domains/{{domain}}", "dropDomain", "Take a domain away", status=204,
          errors=_CONFLICT),
    _call("post", f"{_P}/domains/{{domain}}/verify", "verifyDomain", "Look whether a domain shows its token",
          "DomainProof", errors=(400, *_CONFLICT)),
    _call("post", f"{_P}/members", "setMember", "Add, change or (role null) remove a member", "Publisher",
          body="MemberChange", errors=_CONFLICT),
    _call("get", f"{_P}/tokens", "publisherTokens", "The tokens for CI, without their secrets",
          "PublisherTokens", errors=_GONE),
    _call("post", f"{_P}/tokens", "createPublisherToken", "Make a token; its text is shown this once",
          "PublisherTokenMade", status=201, body="PublisherTokenWanted", errors=_CONFLICT),
    _call("delete", f"{_P}/tokens/{{token}}", "revokePublisherToken", "Revoke a token", status=204,
          errors=_GONE),
    _call(
        "get", f"{_M}/submissions", "submissions", "What waits for review, or a publisher's", "Submissions",
        query=(("publisher", "The submissions of this publisher, for its members."),),
    ),
    _call("post", f"{_M}/submissions", "createSubmission", "Begin a submission", "Submission", status=201,
          body="SubmissionWanted", errors=(409,)),
    _call("get", _S, "submission", "One submission with its findings and timeline", "Submission",
          errors=_GONE),
    _call("put", _S, "editSubmission", "Change its listing or changelog", "Submission",
          body="SubmissionChange", errors=_CONFLICT),
    _call("put", f"{_S}/wheel", "sendWheel", "Send its wheel", "Submission", body=_FILE, headers=_NAME,
          errors=_CONFLICT),
    _call(
        "post", f"{_S}/pictures", "sendPicture", "Send an icon or a screenshot", "Submission", body=_FILE,
        headers=_NAME, errors=_CONFLICT,
        query=(("use", "`icon` or `screenshot`."), ("alt", "What it shows, for those who do not see it."),
               ("caption", "What stands below a screenshot.")),
    ),
    _call("delete", f"{_S}/pictures", "dropPictures", "Drop its pictures", "Submission", errors=_CONFLICT),
    *(
        _call("post", f"{_S}/{act}", _id(act, "submission"), words, "Submission", body="Said",
              errors=_CONFLICT)
        for act, words in _SUBMISSION_ACTS
    ),
    _call("get", f"{_L}/releases", "deskReleases", "What the desk knows of a listing", "DeskListing",
          errors=_GONE),
    _call(
        "post", f"{_L}/releases", "uploadRelease", "Release a version, with a token of the publisher",
        "DeskRelease", status=201, body=_FILE, headers=_NAME, errors=_CONFLICT,
        query=(("changelog", "What is new, as Markdown."),),
    ),
    *(
        _call("post", f"{_L}/releases/{{version}}/{act}", f"{act}Release", words, "DeskRelease",
              body="Reason", errors=_CONFLICT)
        for act, words in (("yank", "Yank a version, with a reason"), ("unyank", "Take a yank back"))
    ),
    _call("put", f"{_L}/releases/{{version}}/attestation", "attestRelease",
          "Say who built a release: an attestation of PEP 740 or a bundle of Sigstore", "DeskRelease",
          body="Attestation", errors=_CONFLICT),
    _call("get", f"{_L}/releases/{{version}}/provenance", "releaseProvenance",
          "Who built a release, as provenance of PEP 740", "application/vnd.pypi.integrity.v1+json",
          errors=_GONE),
    *(
        _call("post", f"{_L}/{act}", _id(act, "listing"), words, "DeskListing", body=body, errors=_CONFLICT)
        for act, body, words in _LISTING_ACTS
    ),
    *(
        _call("post", f"{_M}/listings/{{namespace}}/{{name}}/{act}", _id(act, "any", "listing"), words,
              "ListingOrder", body="Reason", errors=_CONFLICT)
        for act, words in (
            ("take-down", "Take a listing of any source off the shelf"),
            ("restore", "Put a listing of any source back on the shelf"),
        )
    ),
    _call("get", f"{_M}/listings/{{namespace}}/{{name}}/order", "listingOrder",
          "Whether a listing of any source is taken down, and why", "ListingOrder", errors=_GONE),
    _call("get", f"{_M}/reports", "reports", "Reports of abuse", "Reports",
          query=(("state", "`open` (if nothing is said), `dismissed`, `acted-on` or `all`."),)),
    _call("post", f"{_M}/reports", "report", "Report a listing", "Report", status=201, body="ReportWanted"),
    _call("post", f"{_M}/reports/{{id}}/decide", "decideReport", "Decide about a report", "Report",
          body="ReportDecision", errors=_CONFLICT),
    _call("get", f"{_M}/artefacts/{{sha256}}/{{filename}}", "artefact", "A wheel or a picture", _FILE,
          errors=_GONE),
    *(
        _call("get", f"{_M}/simple{path}", f"{name}{suffix}", words, "application/vnd.pypi.simple.v1+json",
              errors=(404,))
        for path, name, suffix, words in (
            ("", "simpleIndex", "", "The packages, as an index for installers"),
            ("/", "simpleIndex", "Slash", "The packages, as an index for installers"),
            ("/{name}", "simpleProject", "", "The files of a package"),
            ("/{name}/", "simpleProject", "Slash", "The files of a package"),
        )
    ),
)  # fmt: skip

_SHAPES = {
    "Publishers": "items: [Publisher]",
    "Publisher": (
        "name: text; title: text; type: first-party|verified-partner|community; url: text; contact: text; "
        "about: text; state: applied|approved|rejected|suspended; reason: text; appliedBy: text; "
        "appliedAt: time; domains: [PublisherDomain]; members: [PublisherMember]; "
        "findings: [Finding]; role?: text"
    ),
    "PublisherDomain": "name: text; token: text; verifiedAt: time or null; method: text or null",
    "PublisherMember": "member: text; role: owner|maintainer|viewer",
    "Profile": "title: text; url?: text; contact?: text; about?: text",
    "Application": "name: text; title: text; domain?: text; url?: text; contact?: text; about?: text",
    "Decided": "type?: first-party|verified-partner|community; reason?: text",
    "NamedDomain": "domain: text",
    "DomainProof": "verified: boolean; method: text or null; found: [text]",
    "MemberChange": "member: text; role: text or null",
    "PublisherToken": (
        "id: text; name: text; listing: text or null; scopes: [text]; createdBy: text; createdAt: time; "
        "expiresAt: time; usedAt: time or null"
    ),
    "PublisherTokens": "items: [PublisherToken]",
    "PublisherTokenWanted": "name: text; scopes: [text]; listing?: text; days?: integer",
    "PublisherTokenMade": (
        "id: text; name: text; listing: text or null; scopes: [text]; createdBy: text; createdAt: time; "
        "expiresAt: time; usedAt: time or null; token: text"
    ),
    "Submissions": "items: [Submission]",
    "Submission": (
        "id: text; publisher: text; state: text; listing: object; changelog: text; wheel: object or null; "
        "pictures: object; findings: [Finding]; reason: text; createdBy: text; createdAt: time; "
        "changedAt: time; possible: [text]; timeline?: [TimelineEvent]; compared?: Compared"
    ),
    "Compared": "before: text or null; newNeeds: [text]; newContributions: [text]",
    "Finding": "level: error|warning|info; code: text; message: text; field: text",
    "TimelineEvent": "at: time; actor: text; action: text; text: text",
    "SubmissionWanted": "publisher: text; listing: object",
    "SubmissionChange": (
        "listing?: object or null; changelog?: text or null; screenshots?: [ScreenshotWords] or null"
    ),
    "ScreenshotWords": "sha256: text; alt?: text; caption?: text",
    "Said": "text?: text",
    "DeskListing": (
        "name: text; title: text; publisher: text; package: text; lifecycle: text; replacedBy: text or null; "
        "deprecatedReason: text or null; takenDown: text or null; offeredTo: text or null; "
        "releases: [DeskRelease]"
    ),
    "DeskRelease": (
        "listing: text; version: text; package: text; filename: text; sha256: text; size: integer; "
        "url: text; releasedBy: text; releasedAt: time; yanked: object or null; attested: object or null"
    ),
    "ListingOrder": (
        "ref: text; takenDown: boolean; reason: text or null; by: text or null; at: time or null"
    ),
    "Attestation": "version?: integer; mediaType?: text",
    "Reason": "reason?: text",
    "Deprecated": "reason?: text; replacedBy?: text",
    "Offered": "publisher?: text",
    "Report": (
        "id: text; listing: text; kind: text; text: text; reporter: text; reportedAt: time; state: text; "
        "decision: text; decidedBy: text or null; decidedAt: time or null"
    ),
    "Reports": "items: [Report]",
    "ReportWanted": "listing: text; kind: text; text: text",
    "ReportDecision": "dismissed: boolean; decision: text",
}
_TAG = {
    "name": "marketplace",
    "description": "Publishers, submissions, releases and their wheels.",
}


def extended(document: Json) -> Json:
    """A description together with what is described here; `document` has the schema `Error`."""
    paths: Json = {path: dict(operations) for path, operations in document["paths"].items()}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _renamed(one.described())
    components = document["components"]
    known = {one["name"] for one in document["tags"]}
    schemas = {f"Market{name}": _renamed(shape(text)) for name, text in _SHAPES.items()}
    return {
        **document,
        "tags": document["tags"] if _TAG["name"] in known else [*document["tags"], _TAG],
        "paths": paths,
        "components": {**components, "schemas": {**components["schemas"], **schemas}},
    }


def _renamed(value: Any) -> Any:
    """Our schemas under names that no other part has (JSON, hence Any)."""
    if isinstance(value, dict):
        ref = value.get("$ref")
        if isinstance(ref, str) and (name := ref.rpartition("/")[2]) in _SHAPES:
            return {"$ref": f"#/components/schemas/Market{name}"}
        return {key: _renamed(item) for key, item in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list) else value
