"""What went wrong and waits for someone: unprocessed entities, problems, and held-back deletions.

The unprocessed endpoints are those of Backstage's module of that name; the rest is Callboard's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.catalog.api.bodies import path_text, query_count
from callboard.core.http import empty, json_answer

if TYPE_CHECKING:
    from callboard.catalog.api.permit import PermittedOf

MOST_UNPROCESSED = 1000  # in one answer


class _Anything(Convertor[str]):
    """Part of a path with slashes and line breaks in it: a provider may name itself after a URL."""

    regex = r"[\s\S]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())


def problem_routes(permitted: PermittedOf) -> list[Route]:
    """`/entities/unprocessed/*`, `/problems` and `/held-back/*`."""

    async def unprocessed(request: Request, state: Literal["failed", "pending"]) -> Response:
        limit = query_count(request, "limit", MOST_UNPROCESSED, MOST_UNPROCESSED)
        offset = query_count(request, "offset", 0, 10**9)
        owner = request.query_params.get("owner")
        entities = await permitted(request).unprocessed(state, owner, limit, offset)
        return json_answer({"type": state, "entities": entities})

    async def failed(request: Request) -> Response:
        return await unprocessed(request, "failed")

    async def pending(request: Request) -> Response:
        return await unprocessed(request, "pending")

    async def delete(request: Request) -> Response:
        catalog = permitted(request)
        await catalog.delete_unprocessed(path_text(request, "id"))
        await catalog.caught_up()
        return empty()

    async def problems(request: Request) -> Response:
        return json_answer({"items": await permitted(request).problems()})

    async def confirm(request: Request) -> Response:
        catalog = permitted(request)
        await catalog.confirm_held_back(path_text(request, "provider"))
        await catalog.caught_up()
        return empty()

    async def reject(request: Request) -> Response:
        await permitted(request).reject_held_back(path_text(request, "provider"))
        return empty()

    return [
        Route("/entities/unprocessed/failed", failed, methods=["GET"]),
        Route("/entities/unprocessed/pending", pending, methods=["GET"]),
        Route("/entities/unprocessed/delete/{id}", delete, methods=["DELETE"]),
        Route("/problems", problems, methods=["GET"]),
        Route("/held-back/{provider:anything}/confirm", confirm, methods=["POST"]),
        Route("/held-back/{provider:anything}/reject", reject, methods=["POST"]),
    ]
