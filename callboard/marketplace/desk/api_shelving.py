"""Releases, and what happens to listings later, over HTTP: by people, and by CI with a token."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from callboard.core.errors import AuthenticationError, InputError
from callboard.core.http import PayloadTooLargeError, json_answer
from callboard.core.http_body import read_model
from callboard.marketplace.desk.api import PRIVATE, Counter, Given, Handled, at, bytes_of
from callboard.marketplace.desk.order import Order
from callboard.marketplace.desk.records import Listing, Token
from callboard.marketplace.desk.releases import token_asker
from callboard.marketplace.desk.shapes import listing_json, release_json, report_json, takedown_json
from callboard.marketplace.desk_pages.multipart import read_parts
from callboard.plugins import PluginContext
from callboard.plugins.install.statements import MAX_BYTES

FORM = 16 * 1024
"""Bytes of a form beside its files."""


class _Reason(Given):
    reason: str = ""


class _Deprecated(_Reason):
    replacedBy: str = ""  # noqa: N815 - as it is on the wire


class _Offered(Given):
    publisher: str = ""


class _Reported(Given):
    listing: str
    kind: str
    text: str


class _Decision(Given):
    dismissed: bool
    decision: str


def shelving_routes(context: PluginContext) -> Sequence[BaseRoute]:
    listing = "/listings/{name}"
    return [
        at(context, "GET", f"{listing}/releases", _releases),
        at(context, "POST", f"{listing}/releases", _upload),
        at(context, "POST", f"{listing}/releases/{{version}}/yank", _yank(True)),
        at(context, "POST", f"{listing}/releases/{{version}}/unyank", _yank(False)),
        at(context, "POST", f"{listing}/deprecate", _deprecate(True)),
        at(context, "POST", f"{listing}/revive", _deprecate(False)),
        at(context, "POST", f"{listing}/transfer", _offer),
        at(context, "POST", f"{listing}/accept", _accept(True)),
        at(context, "POST", f"{listing}/decline", _accept(False)),
        at(context, "POST", f"{listing}/take-down", _take_down(True)),
        at(context, "POST", f"{listing}/restore", _take_down(False)),
        at(context, "GET", "/listings/{namespace}/{name}/order", _order),
        at(context, "POST", "/listings/{namespace}/{name}/take-down", _keep_order(True)),
        at(context, "POST", "/listings/{namespace}/{name}/restore", _keep_order(False)),
        at(context, "GET", "/reports", _reports),
        at(context, "POST", "/reports", _report),
        at(context, "POST", "/reports/{id}/decide", _decide),
    ]


def token_text(request: Request) -> str | None:
    """A publisher's token: as a bearer, or as the password of Basic, which installers can send."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip().startswith("cbm_"):
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return None


async def _token(request: Request, here: Counter, scope: str) -> Token | None:
    """The token of a request; None where a principal asks. Raises AuthenticationError where nobody does."""
    text = token_text(request)
    if text is not None:
        return await here.releases.token(text, scope)
    if here.asker.principal.type == "none":
        raise AuthenticationError("Missing credentials")
    return None


async def _releases(request: Request, here: Counter) -> Response:
    await _token(request, here, "read")
    listing = await here.shelving.find(request.path_params["name"])
    return await _told(here, listing)


async def _upload(request: Request, here: Counter) -> Response:
    token = await _token(request, here, "release")
    if token is None:
        raise AuthenticationError("Releases are uploaded with a token of the publisher")
    asker = token_asker(token, request)
    filename, content, attestation = await _sent(request, here.office.settings.max_wheel)
    made, new = await here.releases.upload(
        token,
        asker,
        request.path_params["name"],
        filename=filename,
        content=content,
        changelog=request.query_params.get("changelog", "")[:20_000],
        attestation=attestation,
    )
    return json_answer(release_json(made), 201 if new else 200, PRIVATE)


async def _sent(request: Request, most: int) -> tuple[str, bytes, bytes | None]:
    """Name and content of a wheel with its attestation: the file alone, or a form with both files."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return request.headers.get("x-filename", ""), await bytes_of(request, most), None
    parts = await read_parts(request, limit=most + MAX_BYTES + FORM)
    files = {name: found[-1] for name, found in parts.files.items()}
    if "wheel" not in files or not files.keys() <= {"wheel", "attestation"} or parts.fields:
        raise InputError("The form must have the file `wheel`, also `attestation`, and nothing else")
    if len(files["wheel"].content) > most:
        raise PayloadTooLargeError(f"A wheel has at most {most:,} bytes")
    attestation = files.get("attestation")
    return files["wheel"].filename, files["wheel"].content, attestation.content if attestation else None


def _yank(yanked: bool) -> Handled:
    async def yank(request: Request, here: Counter) -> Response:
        token = await _token(request, here, "yank")
        asker = here.asker if token is None else token_asker(token, request)
        given = await read_model(request, _Reason)
        name, version = request.path_params["name"], request.path_params["version"]
        made = await here.shelving.yank(asker, name, version, yanked=yanked, reason=given.reason, token=token)
        return json_answer(release_json(made), headers=PRIVATE)

    return yank


def _deprecate(deprecated: bool) -> Handled:
    async def deprecate(request: Request, here: Counter) -> Response:
        given = await read_model(request, _Deprecated)
        made = await here.shelving.deprecate(
            here.asker,
            request.path_params["name"],
            deprecated=deprecated,
            reason=given.reason,
            replaced_by=given.replacedBy,
        )
        return await _told(here, made)

    return deprecate


async def _offer(request: Request, here: Counter) -> Response:
    given = await read_model(request, _Offered)
    return await _told(
        here, await here.shelving.offer(here.asker, request.path_params["name"], given.publisher)
    )


def _accept(accepted: bool) -> Handled:
    async def accept(request: Request, here: Counter) -> Response:
        name = request.path_params["name"]
        return await _told(here, await here.shelving.accept(here.asker, name, accepted=accepted))

    return accept


def _take_down(down: bool) -> Handled:
    async def take_down(request: Request, here: Counter) -> Response:
        given, name = await read_model(request, _Reason), request.path_params["name"]
        return await _told(
            here, await here.shelving.take_down(here.asker, name, down=down, reason=given.reason)
        )

    return take_down


async def _order(request: Request, here: Counter) -> Response:
    ref, found = await Order(here.office).of(here.asker, _ref(request))
    return json_answer(takedown_json(ref, found), headers=PRIVATE)


def _keep_order(down: bool) -> Handled:
    """Of a listing of any source, which is named with its namespace."""

    async def keep_order(request: Request, here: Counter) -> Response:
        given = await read_model(request, _Reason)
        ref, found = await Order(here.office).take_down(
            here.asker, _ref(request), down=down, reason=given.reason
        )
        return json_answer(takedown_json(ref, found), headers=PRIVATE)

    return keep_order


def _ref(request: Request) -> str:
    return f"listing:{request.path_params['namespace']}/{request.path_params['name']}"


async def _reports(request: Request, here: Counter) -> Response:
    state = request.query_params.get("state", "open")
    found = await here.shelving.reports(here.asker, None if state == "all" else state)
    return json_answer({"items": [report_json(one) for one in found]}, headers=PRIVATE)


async def _report(request: Request, here: Counter) -> Response:
    given = await read_model(request, _Reported)
    made = await here.shelving.report(here.asker, given.listing, given.kind, given.text)
    return json_answer(report_json(made), 201, PRIVATE)


async def _decide(request: Request, here: Counter) -> Response:
    given = await read_model(request, _Decision)
    made = await here.shelving.decide_report(
        here.asker, request.path_params["id"], dismissed=given.dismissed, decision=given.decision
    )
    return json_answer(report_json(made), headers=PRIVATE)


async def _told(here: Counter, listing: Listing) -> Response:
    found = await here.shelving.releases(listing.name)
    return json_answer(listing_json(listing, found), headers=PRIVATE)
