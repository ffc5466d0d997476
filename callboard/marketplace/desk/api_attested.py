"""Attestations of releases over HTTP: sent by CI, and given out as provenance (PEP 740)."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from callboard.catalog.visibility import Visibility
from callboard.core.errors import AuthenticationError, NotFoundError
from callboard.core.http import UnsupportedMediaTypeError, json_answer
from callboard.core.http_body import read_body
from callboard.marketplace.desk import store
from callboard.marketplace.desk.api import PRIVATE, UPLOAD_SECONDS, Counter, at
from callboard.marketplace.desk.api_files import let_in, sees
from callboard.marketplace.desk.api_shelving import token_text
from callboard.marketplace.desk.attested import MEDIA, Attested
from callboard.marketplace.desk.releases import token_asker
from callboard.marketplace.desk.shapes import release_json
from callboard.plugins import PluginContext
from callboard.plugins.install.statements import MAX_BYTES


def attested_routes(context: PluginContext) -> Sequence[BaseRoute]:
    release = "/listings/{name}/releases/{version}"

    async def provenance(request: Request, here: Counter) -> Response:
        await let_in(request, here)
        name, version = request.path_params["name"], request.path_params["version"]
        found = None
        if await sees(here, context.get(Visibility), name):
            listing = await here.office.read(lambda rows: store.listing(rows, name))
            if not listing.taken_down:
                one = await here.office.read(lambda rows: store.release(rows, name, version))
                found = await Attested(here.office).provenance(one)
        if found is None:
            raise NotFoundError(f"Nobody attests {name} {version}")
        return Response(found, media_type=MEDIA, headers={"cache-control": "private, max-age=10"})

    return [
        at(context, "PUT", f"{release}/attestation", _attest),
        at(context, "GET", f"{release}/provenance", provenance),
    ]


async def _attest(request: Request, here: Counter) -> Response:
    text = token_text(request)
    if text is None:
        raise AuthenticationError("Attestations are sent with a token of the publisher")
    token = await here.releases.token(text, "release")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaTypeError("send the attestation as application/json")
    content = await read_body(request, limit=MAX_BYTES, seconds=UPLOAD_SECONDS)
    made = await Attested(here.office).attest(
        token,
        token_asker(token, request),
        request.path_params["name"],
        request.path_params["version"],
        content,
    )
    return json_answer(release_json(made), headers=PRIVATE)
