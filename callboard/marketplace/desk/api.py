"""Publishers and submissions over HTTP, below `/api/marketplace`. The services ask who may do what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from callboard.access.principals import principal_of
from callboard.core.errors import InputError
from callboard.core.http import UnsupportedMediaTypeError, empty, json_answer
from callboard.core.http_body import read_body, read_model
from callboard.marketplace.checks.declared import read_screenshot
from callboard.marketplace.checks.pictures import MAX_SCREENSHOT, Picture
from callboard.marketplace.desk import store
from callboard.marketplace.desk.artefacts import Artefacts
from callboard.marketplace.desk.compared import Compared, before_of, compared
from callboard.marketplace.desk.domains import Domains
from callboard.marketplace.desk.inside import Inside, inside
from callboard.marketplace.desk.members import Members
from callboard.marketplace.desk.office import Asker, Office
from callboard.marketplace.desk.publishers import Publishers
from callboard.marketplace.desk.records import Submission
from callboard.marketplace.desk.releases import Releases
from callboard.marketplace.desk.shapes import (
    compared_json,
    inside_json,
    publisher_json,
    submission_json,
    token_json,
)
from callboard.marketplace.desk.shelving import Shelving
from callboard.marketplace.desk.shots import Sent
from callboard.marketplace.desk.states import Action
from callboard.marketplace.desk.submissions import Submissions, Wheel
from callboard.plugins import PluginContext

PREFIX = "/api/marketplace"
PRIVATE = {"cache-control": "private, no-store"}
UPLOAD_SECONDS = 300.0


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Profile(Given):
    title: str
    url: str = ""
    contact: str = ""
    about: str = ""


class _Application(_Profile):
    name: str
    domain: str = ""


class _Decided(Given):
    type: str = "community"
    reason: str = ""


class _Named(Given):
    domain: str


class _Member(Given):
    member: str
    role: str | None


class _NewToken(Given):
    name: str
    scopes: list[str]
    listing: str = ""
    days: int = 90


class _NewSubmission(Given):
    publisher: str
    listing: dict[str, Any]  # read by `checks.declared`


class _Changed(Given):
    listing: dict[str, Any] | None = None
    changelog: str | None = None
    screenshots: list[dict[str, Any]] | None = None  # read by `checks.declared`


class _Said(Given):
    text: str = ""


@dataclass(frozen=True, slots=True)
class Counter:
    """The services for one request."""

    office: Office
    asker: Asker

    @staticmethod
    def of(context: PluginContext, request: Request) -> Counter:
        return Counter(Office(context), Asker(principal_of(request), request))

    @property
    def publishers(self) -> Publishers:
        return Publishers(self.office)

    @property
    def domains(self) -> Domains:
        return Domains(self.office)

    @property
    def members(self) -> Members:
        return Members(self.office)

    async def beside(self, known: Submission) -> tuple[Inside, Compared]:
        """What is inside the wheel of a submission, and that beside the release before it."""
        found = Inside()
        if known.sha256:
            artefacts = Artefacts(self.office.database, self.office.settings.artefacts)
            found = await inside(artefacts, known.filename, known.sha256)
        listing = await self.office.read(lambda rows: store.find_listing(rows, known.listing))
        releases = [] if listing is None else await self.shelving.releases(known.listing)
        before = before_of(releases, found.version, known.sha256)
        return found, compared(found, before, listing, known.fields)

    @property
    def submissions(self) -> Submissions:
        return Submissions(self.office)

    @property
    def releases(self) -> Releases:
        return Releases(self.office)

    @property
    def shelving(self) -> Shelving:
        return Shelving(self.office)


Handled = Callable[[Request, Counter], Awaitable[Response]]


def at(context: PluginContext, method: str, path: str, handle: Handled) -> Route:
    """A route whose handler is given the services."""

    async def endpoint(request: Request) -> Response:
        return await handle(request, Counter.of(context, request))

    return Route(f"{PREFIX}{path}", endpoint, methods=[method])


def desk_routes(context: PluginContext) -> Sequence[BaseRoute]:
    return [
        at(context, "GET", "/publishers", _own_publishers),
        at(context, "POST", "/publishers", _apply),
        at(context, "GET", "/applications", _applications),
        at(context, "GET", "/publishers/{name}", _publisher),
        at(context, "PUT", "/publishers/{name}", _edit_publisher),
        at(context, "POST", "/publishers/{name}/approve", _decide(True)),
        at(context, "POST", "/publishers/{name}/reject", _decide(False)),
        at(context, "POST", "/publishers/{name}/suspend", _suspend(True)),
        at(context, "POST", "/publishers/{name}/resume", _suspend(False)),
        at(context, "POST", "/publishers/{name}/domains", _add_domain),
        at(context, "DELETE", "/publishers/{name}/domains/{domain}", _drop_domain),
        at(context, "POST", "/publishers/{name}/domains/{domain}/verify", _prove),
        at(context, "POST", "/publishers/{name}/members", _member),
        at(context, "GET", "/publishers/{name}/tokens", _tokens),
        at(context, "POST", "/publishers/{name}/tokens", _create_token),
        at(context, "DELETE", "/publishers/{name}/tokens/{token}", _revoke_token),
        at(context, "GET", "/submissions", _queue),
        at(context, "POST", "/submissions", _create),
        at(context, "GET", "/submissions/{id}", _submission),
        at(context, "PUT", "/submissions/{id}", _edit),
        at(context, "PUT", "/submissions/{id}/wheel", _wheel),
        at(context, "POST", "/submissions/{id}/pictures", _picture),
        at(context, "DELETE", "/submissions/{id}/pictures", _drop_pictures),
        at(context, "POST", "/submissions/{id}/submit", _act("submit")),
        at(context, "POST", "/submissions/{id}/comment", _act("comment")),
        at(context, "POST", "/submissions/{id}/request-changes", _act("request-changes")),
        at(context, "POST", "/submissions/{id}/approve", _act("approve")),
        at(context, "POST", "/submissions/{id}/reject", _act("reject")),
        at(context, "POST", "/submissions/{id}/publish", _act("publish")),
        at(context, "POST", "/submissions/{id}/withdraw", _act("withdraw")),
    ]


# Publishers


async def _own_publishers(_: Request, here: Counter) -> Response:
    found = await here.publishers.of(here.asker)
    return json_answer(
        {"items": [{**publisher_json(one), "role": role} for one, role in found]}, headers=PRIVATE
    )


async def _applications(_: Request, here: Counter) -> Response:
    items = []
    for one in await here.publishers.applications(here.asker):
        found = await here.publishers.findings(one)
        items.append(publisher_json(one, await here.publishers.domains(one.name), findings=found))
    return json_answer({"items": items}, headers=PRIVATE)


async def _apply(request: Request, here: Counter) -> Response:
    given = await read_model(request, _Application)
    made = await here.publishers.apply(here.asker, **given.model_dump())
    return await _told(here, made.name, 201)


async def _publisher(request: Request, here: Counter) -> Response:
    await here.publishers.seen(here.asker, request.path_params["name"])
    return await _told(here, request.path_params["name"])


async def _edit_publisher(request: Request, here: Counter) -> Response:
    given = await read_model(request, _Profile)
    await here.publishers.edit(here.asker, request.path_params["name"], **given.model_dump())
    return await _told(here, request.path_params["name"])


def _decide(approve: bool) -> Handled:
    async def decide(request: Request, here: Counter) -> Response:
        given = await read_model(request, _Decided)
        name = request.path_params["name"]
        await here.publishers.decide(here.asker, name, approve=approve, type=given.type, reason=given.reason)
        return await _told(here, name)

    return decide


def _suspend(suspended: bool) -> Handled:
    async def suspend(request: Request, here: Counter) -> Response:
        given, name = await read_model(request, _Decided), request.path_params["name"]
        await here.publishers.suspend(here.asker, name, suspended=suspended, reason=given.reason)
        return await _told(here, name)

    return suspend


async def _add_domain(request: Request, here: Counter) -> Response:
    name = request.path_params["name"]
    await here.domains.add(here.asker, name, (await read_model(request, _Named)).domain)
    return await _told(here, name, 201)


async def _drop_domain(request: Request, here: Counter) -> Response:
    await here.domains.drop(here.asker, request.path_params["name"], request.path_params["domain"])
    return empty()


async def _prove(request: Request, here: Counter) -> Response:
    name, domain = request.path_params["name"], request.path_params["domain"]
    found, told = await here.domains.prove(here.asker, name, domain)
    return json_answer(
        {"verified": found.verified_at is not None, "method": found.method or None, "found": told},
        headers=PRIVATE,
    )


async def _member(request: Request, here: Counter) -> Response:
    given, name = await read_model(request, _Member), request.path_params["name"]
    if given.role is None:
        await here.members.drop(here.asker, name, given.member)
    else:
        await here.members.put(here.asker, name, given.member, given.role)
    return await _told(here, name)


async def _told(here: Counter, name: str, status: int = 200) -> Response:
    one = await here.publishers.find(name)
    domains, members = await here.publishers.domains(name), await here.publishers.members(name)
    findings = await here.publishers.findings(one)
    return json_answer(publisher_json(one, domains, members, findings), status, PRIVATE)


# Tokens


async def _tokens(request: Request, here: Counter) -> Response:
    found = await here.releases.tokens(here.asker, request.path_params["name"])
    return json_answer({"items": [token_json(one) for one in found]}, headers=PRIVATE)


async def _create_token(request: Request, here: Counter) -> Response:
    given = await read_model(request, _NewToken)
    made, text = await here.releases.create_token(
        here.asker, request.path_params["name"], **given.model_dump()
    )
    return json_answer({**token_json(made), "token": text}, 201, PRIVATE)


async def _revoke_token(request: Request, here: Counter) -> Response:
    await here.releases.revoke_token(here.asker, request.path_params["name"], request.path_params["token"])
    return empty()


# Submissions


async def _queue(request: Request, here: Counter) -> Response:
    publisher = request.query_params.get("publisher")
    if publisher:
        await here.publishers.seen(here.asker, publisher)
        found = [one for one in await here.submissions.of(publisher) if await _visible(here, one.id)]
    else:
        found = await here.submissions.queue(here.asker)
    return json_answer({"items": [submission_json(one) for one in found]}, headers=PRIVATE)


async def _visible(here: Counter, id: str) -> bool:
    """Drafts are seen by members only."""
    try:
        await here.submissions.seen(here.asker, id)
    except Exception as error:
        if getattr(error, "status", 500) == 404:
            return False
        raise
    return True


async def _create(request: Request, here: Counter) -> Response:
    given = await read_model(request, _NewSubmission)
    made = await here.submissions.create(here.asker, given.publisher, given.listing)
    return await _shown(here, made.id, 201)


async def _submission(request: Request, here: Counter) -> Response:
    one, possible = await here.submissions.seen(here.asker, request.path_params["id"])
    told = submission_json(one, possible, await here.submissions.timeline(one.id))
    if one.sha256:
        found, beside = await here.beside(one)
        told["wheel"] |= inside_json(found)
        told["compared"] = compared_json(beside)
    return json_answer(told, headers=PRIVATE)


async def _edit(request: Request, here: Counter) -> Response:
    given, id = await read_model(request, _Changed), request.path_params["id"]
    shots = None if given.screenshots is None else [read_screenshot(one) for one in given.screenshots]
    await here.submissions.edit(
        here.asker, id, fields=given.listing, changelog=given.changelog, screenshots=shots
    )
    return await _shown(here, id)


async def _wheel(request: Request, here: Counter) -> Response:
    id = request.path_params["id"]
    await here.submissions.seen(here.asker, id)
    content = await bytes_of(request, here.office.settings.max_wheel)
    wheel = Wheel(request.headers.get("x-filename", ""), content)
    await here.submissions.edit(here.asker, id, wheel=wheel)
    return await _shown(here, id)


async def _picture(request: Request, here: Counter) -> Response:
    id = request.path_params["id"]
    await here.submissions.seen(here.asker, id)
    use = request.query_params.get("use", "screenshot")
    if use not in ("icon", "screenshot"):
        raise InputError("use must be icon or screenshot")
    content = await bytes_of(request, MAX_SCREENSHOT)
    picture = Picture(use, request.headers.get("x-filename", "picture")[:100], content)  # type: ignore[arg-type]  # checked
    said = request.query_params
    sent = Sent(picture, said.get("alt", ""), said.get("caption", ""))
    await here.submissions.edit(here.asker, id, pictures=[sent])
    return await _shown(here, id)


async def _drop_pictures(request: Request, here: Counter) -> Response:
    await here.submissions.edit(here.asker, request.path_params["id"], drop_pictures=True)
    return await _shown(here, request.path_params["id"])


def _act(action: Action) -> Handled:
    async def act(request: Request, here: Counter) -> Response:
        text, id = (await read_model(request, _Said)).text, request.path_params["id"]
        await acted(here.submissions, here.asker, id, action, text)
        return await _shown(here, id)

    return act


async def acted(submissions: Submissions, asker: Asker, id: str, action: str, text: str) -> None:
    """Do what people can do with a submission beside editing it. Raises InputError for another action."""
    match action:
        case "submit":
            await submissions.submit(asker, id)
        case "comment":
            await submissions.comment(asker, id, text)
        case "request-changes":
            await submissions.request_changes(asker, id, text)
        case "approve":
            await submissions.approve(asker, id, text)
        case "reject":
            await submissions.reject(asker, id, text)
        case "publish":
            await submissions.publish(asker, id)
        case "withdraw":
            await submissions.withdraw(asker, id)
        case _:
            raise InputError("There is no such action")


async def _shown(here: Counter, id: str, status: int = 200) -> Response:
    one, possible = await here.submissions.seen(here.asker, id)
    timeline = await here.submissions.timeline(id)
    return json_answer(submission_json(one, possible, timeline), status, PRIVATE)


async def bytes_of(request: Request, most: int) -> bytes:
    """A file that was sent as it is. Raises UnsupportedMediaTypeError, PayloadTooLargeError."""
    if request.headers.get("content-type", "").strip().lower() != "application/octet-stream":
        raise UnsupportedMediaTypeError("send the file itself as application/octet-stream")
    return await read_body(request, limit=most, seconds=UPLOAD_SECONDS)
