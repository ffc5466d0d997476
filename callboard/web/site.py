"""Makes routes of the pages that plugins contribute, and pages of the errors their handlers raise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ExceptionHandler

from callboard.core.errors import CallboardError, ConfigError
from callboard.core.http import on_http_exception
from callboard.plugins import Plugin
from callboard.web.contributions import Page
from callboard.web.services import Services
from callboard.web.view import View

SECONDS = 60.0  # after which a page is given up
_TITLES = {400: "That cannot be read", 403: "Not allowed", 404: "Not found", 409: "In conflict"}


def page_routes(services: Services) -> list[Route]:
    """One route a contributed page, in the order of the plugins."""
    return [
        Route(page.path, _endpoint(services, plugin, page), methods=list(page.methods))
        for plugin, page in services.registry.owned(Page)
    ]


def _endpoint(services: Services, plugin: Plugin, page: Page) -> Callable[[Request], Awaitable[Response]]:
    where = f"the page {page.path}"

    async def endpoint(request: Request) -> Response:
        view = View(services, request)
        view.place = (plugin.id, page.path)
        if page.first is not None:
            first = await services.live.health.guarded(
                plugin.id, where, page.first(services, request), SECONDS
            )
            if first is not None:
                return first
        await view.open()
        try:
            answer = await services.live.health.guarded(plugin.id, where, page.handler(view), SECONDS)
        except CallboardError as error:
            title = _TITLES.get(error.status, "That did not work")
            problems = error.problems if isinstance(error, ConfigError) else ()
            return await view.error(error.status, title, str(error), problems)
        except HTTPException:
            raise
        except Exception:  # a page must say that it failed, and the log why
            message = "The page could not be made. What went wrong stands in the server's log."
            return await view.error(500, "Something broke", message)
        if request.method == "GET" and answer.status_code == 200 and not view.htmx:
            view.note("navigate", request.url.path)
        return answer

    return endpoint


def not_found_pages(services: Services) -> ExceptionHandler:
    """Answers unknown paths with a page where a person asks, and as the API does where a client does."""

    async def on_refusal(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        person = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
        if error.status_code != 404 or not person:
            return await on_http_exception(request, error)
        return await View(services, request).not_found(f"There is no page at {request.url.path}.")

    return on_refusal
