"""What is written down of requests, through the application as it is put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from callboard.access.audit import Audit, Audited, Event, audit_event, unaudited
from callboard.access.audit.api import AUDIT_READ, audit_routes
from callboard.access.audit.filters import Filter
from callboard.access.audit.tables import audit_events
from callboard.access.permissions import Permission
from callboard.access.principals import NOBODY, SCOPE_KEY, Principal
from callboard.core.errors import AuthenticationError, ConflictError, NotAllowedError
from callboard.core.http import EXCEPTION_HANDLERS, empty, error_answer, json_answer
from callboard.core.http_body import read_json
from callboard.core.http_edge import Edge

CANARY = "c4n4ry-S3cr3t"
PEOPLE = {
    "jane": Principal("user", "user:default/jane", actor="plugin:ci", means="plugin"),
    "auditor": Principal("user", "user:default/auditor", means="session"),
}


class Known:
    """Who asks is whoever the header `authorization` names; a real verification is tested elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
        if given and given not in PEOPLE:
            await error_answer(scope, AuthenticationError(f"Invalid token {given}"))(scope, receive, send)
            return
        scope[SCOPE_KEY] = PEOPLE.get(given, NOBODY)
        await self.app(scope, receive, send)


async def change(request: Request) -> Response:
    await read_json(request)
    answers: dict[str, Exception] = {
        "conflict": ConflictError(f"exists: {CANARY}"),
        "denied": NotAllowedError("no"),
        "broken": RuntimeError(CANARY),
    }
    if (error := answers.get(request.path_params["how"])) is not None:
        raise error
    return json_answer({"secret": CANARY})


async def named(request: Request) -> Response:
    audit_event(request, "token-create", severity="high", plugin="auth", name="ci", token=CANARY)
    audit_event(request, "token-create", severity="high", count=1)
    return empty()


async def reading(request: Request) -> Response:
    unaudited(request)
    if "denied" in request.query_params:
        raise NotAllowedError("no")
    return empty(200)


async def streamed(_: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"begun"
        raise RuntimeError("broken off")

    return StreamingResponse(parts())


async def slow(_: Request) -> Response:
    await asyncio.sleep(30)
    return empty()


async def require(principal: Principal, permission: Permission) -> None:
    assert permission is AUDIT_READ
    if principal.subject != "user:default/auditor":
        raise NotAllowedError("You may not read the audit log")


def application(audit: Audit) -> Starlette:
    routes = [
        Route("/api/catalog/things/{how}", change, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        Route("/api/catalog/entities/by-query", change_nothing, methods=["POST"]),
        Route("/api/permission/authorize", change_nothing, methods=["POST"]),
        Route(
            "/api/catalog/.well-known/backstage/permissions/apply-conditions",
            change_nothing,
            methods=["POST"],
        ),
        Route("/api/auth/tokens", named, methods=["GET", "POST"]),
        Route("/api/catalog/reading", reading, methods=["POST"]),
        Route("/api/catalog/streamed", streamed, methods=["POST"]),
        Route("/api/catalog/slow", slow, methods=["POST"]),
        Route("/admin/held-back", named_page, methods=["POST"]),
        *audit_routes(audit, require),
    ]
    middleware = [Middleware(Audited, audit), Middleware(Edge, log_requests=False), Middleware(Known)]
    return Starlette(routes=routes, middleware=middleware, exception_handlers=EXCEPTION_HANDLERS)


async def change_nothing(_: Request) -> Response:
    return empty(200)


async def named_page(_: Request) -> Response:
    return empty(303)


@pytest.fixture
async def client(audit: Audit) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application(audit), client=("10.0.0.7", 4711), raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url="http://here", headers={"authorization": "Bearer jane"}
    )


async def stored(audit: Audit) -> list[Event]:
    """What is in the database now, without what waits."""
    return (await audit.store.find(Filter(limit=1000)))[0]


async def test_a_change_is_written_down_with_who_what_from_where_and_outcome(
    client: httpx.AsyncClient, audit: Audit
) -> None:
    headers = {"user-agent": "curl/8\t"}
    await client.post("/api/catalog/things/well?a=%20b", json={}, headers=headers)
    (event,) = await stored(audit)
    assert (event.actor, event.via, event.means) == ("user:default/jane", "plugin:ci", "plugin")
    assert (event.plugin, event.event) == ("catalog", "POST /things/{how}")
    assert (event.method, event.url, event.ip) == ("POST", "/api/catalog/things/well?a=%20b", "10.0.0.7")
    assert (event.status, event.http_status, event.error, event.severity) == ("succeeded", 200, "", "low")
    assert event.user_agent.startswith("curl/8")


async def test_the_event_is_stored_before_the_answer_is_finished(audit: Audit) -> None:
    seen: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            seen.append(len(await stored(audit)))

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/catalog/things/well/",
        "query_string": b"",
        "headers": [(b"authorization", b"jane")],
    }
    await application(audit)(scope, receive, send)
    assert seen == [1]
    assert (await stored(audit))[0].actor == "user:default/jane"  # known in spite of the slash at the end


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_every_method_that_changes_something_is_written_down(
    client: httpx.AsyncClient, audit: Audit, method: str
) -> None:
    await client.request(method, "/api/catalog/things/well")
    assert [event.method for event in await stored(audit)] == [method]


async def test_what_only_reads_is_not(client: httpx.AsyncClient, audit: Audit) -> None:
    await client.get("/api/catalog/things/well")
    for path in (
        "/api/catalog/entities/by-query",
        "/api/catalog/entities/by-query/",
        "/api/permission/authorize",
        "/api/catalog/.well-known/backstage/permissions/apply-conditions",
        "/api/catalog/reading",
    ):
        assert (await client.post(path, json={})).status_code == 200
    await audit.flush()
    assert await stored(audit) == []


@pytest.mark.parametrize(
    ("how", "status", "error"), [("conflict", 409, "ConflictError"), ("broken", 500, "Error")]
)
async def test_a_failure_is_written_down_by_name_without_its_message(
    client: httpx.AsyncClient, audit: Audit, how: str, status: int, error: str
) -> None:
    await client.post(f"/api/catalog/things/{how}")
    (event,) = await stored(audit)
    assert (event.status, event.http_status, event.error) == ("failed", status, error)


async def test_refusals_are_written_down_more_gravely_reads_among_them(
    client: httpx.AsyncClient, audit: Audit
) -> None:
    await client.get("/api/catalog/things/denied")
    await client.post("/api/catalog/reading?denied")
    await client.get("/api/catalog/things/well", headers={"authorization": "Bearer wrong"})
    await client.post("/api/catalog/things/well", headers={"origin": "https://evil.example"})
    await audit.flush()
    events = await stored(audit)
    assert {event.severity for event in events} == {"medium"}
    assert {event.status for event in events} == {"failed"}
    assert [(event.http_status, event.actor) for event in reversed(events)] == [
        (403, "user:default/jane"),
        (403, "user:default/jane"),
        (401, "anonymous"),
        (403, "anonymous"),
    ]
    assert [event.error for event in events if event.http_status == 401] == ["AuthenticationError"]


async def test_a_feature_names_its_event_and_secrets_in_its_meta_are_removed(
    client: httpx.AsyncClient, audit: Audit
) -> None:
    await client.get("/api/auth/tokens?code=x")  # a GET that says what it did is written down too
    (event,) = await stored(audit)
    assert (event.plugin, event.event, event.severity) == ("auth", "token-create", "high")
    assert event.meta == {"name": "ci", "token": "[removed]", "count": 1}
    assert event.url == "/api/auth/tokens?code=[removed]"


async def test_a_form_of_a_page_belongs_to_the_pages(client: httpx.AsyncClient, audit: Audit) -> None:
    await client.post("/admin/held-back")
    (event,) = await stored(audit)
    assert (event.plugin, event.event, event.status) == ("pages", "POST /admin/held-back", "succeeded")


async def test_an_answer_that_breaks_off_is_a_failure(client: httpx.AsyncClient, audit: Audit) -> None:
    await client.post("/api/catalog/streamed")
    await audit.flush()
    (event,) = await stored(audit)
    assert (event.status, event.error) == ("failed", "aborted")


async def test_a_request_that_is_cancelled_is_not_lost(client: httpx.AsyncClient, audit: Audit) -> None:
    task = asyncio.create_task(client.post("/api/catalog/slow"))
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await audit.flush()
    (event,) = await stored(audit)
    assert (event.event, event.status) == ("POST /slow", "failed")


async def test_a_form_that_ends_at_the_sign_in_was_turned_away(audit: Audit) -> None:
    async def signing_in(_: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", b"/sign-in")]})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(Audited(signing_in, audit))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        await client.post("/admin/held-back")
    await audit.flush()
    (event,) = await stored(audit)
    assert (event.actor, event.status, event.severity) == ("anonymous", "failed", "medium")


async def test_posts_to_nowhere_cannot_fill_the_database(client: httpx.AsyncClient, audit: Audit) -> None:
    for number in range(150):
        await client.post(f"/api/nowhere/{number}")
    await audit.flush()
    assert len(await stored(audit)) == 101


async def test_no_body_token_cookie_or_secret_reaches_the_log_or_the_table(
    client: httpx.AsyncClient, audit: Audit
) -> None:
    with structlog.testing.capture_logs() as lines:
        for how in ("well", "conflict", "denied"):
            await client.post(
                f"/api/catalog/things/{how}?token={CANARY}&client_secret={CANARY}&%63ode={CANARY}",
                json={"password": CANARY},
                headers={
                    "x-secret": CANARY,
                    "cookie": f"callboard-session={CANARY}",
                    "referer": f"http://x/{CANARY}",
                },
            )
        await client.post("/api/auth/tokens", content=CANARY, headers={"sec-fetch-site": "same-origin"})
        await client.post("/api/catalog/things/well", headers={"authorization": f"Bearer {CANARY}"})
        await audit.flush()
    assert len(await stored(audit)) == 5
    assert len(lines) == 5
    assert CANARY not in str(lines)
    async with audit.store._database.read() as rows:
        assert CANARY not in str((await rows.execute(select(audit_events))).all())


async def test_the_api_gives_the_newest_first_page_by_page(client: httpx.AsyncClient, audit: Audit) -> None:
    for _ in range(5):
        await client.post("/api/catalog/things/well")
    asked, seen = {"limit": "2", "plugin": "catalog"}, []
    while True:
        answer = await client.get("/api/audit/events", params=asked, headers={"authorization": "auditor"})
        assert answer.headers["cache-control"] == "private, no-store"
        seen += [item["id"] for item in answer.json()["items"]]
        if (cursor := answer.json()["pageInfo"].get("nextCursor")) is None:
            break
        asked = {**asked, "cursor": cursor}
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


async def test_an_item_has_the_shape_of_backstages_auditor(client: httpx.AsyncClient) -> None:
    await client.post("/api/catalog/things/conflict")
    answer = await client.get("/api/audit/events", headers={"authorization": "auditor"})
    (item,) = answer.json()["items"]
    assert item.pop("id") > 0
    assert item.pop("at").endswith("Z")
    assert item == {
        "plugin": "catalog",
        "eventId": "POST /things/{how}",
        "severityLevel": "low",
        "status": "failed",
        "actor": {
            "actorId": "user:default/jane",
            "via": "plugin:ci",
            "means": "plugin",
            "ip": "10.0.0.7",
            "userAgent": item["actor"]["userAgent"],
        },
        "meta": {},
        "request": {"method": "POST", "url": "/api/catalog/things/conflict"},
        "response": {"statusCode": 409},
        "error": "ConflictError",
    }


@pytest.mark.parametrize("path", ["events", "events.csv", "events.jsonl"])
async def test_without_the_permission_nothing_is_told(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/api/audit/{path}")
    assert (answer.status_code, answer.json()["error"]["name"]) == (403, "NotAllowedError")


@pytest.mark.parametrize("path", ["events", "events.csv", "events.jsonl"])
async def test_a_filter_that_cannot_be_read_is_told(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/api/audit/{path}?severity=grave", headers={"authorization": "auditor"})
    assert answer.status_code == 400


async def test_an_export_is_all_that_matches_and_is_written_down_itself(
    client: httpx.AsyncClient, audit: Audit
) -> None:
    await client.post("/api/catalog/things/well", headers={"user-agent": "=cmd|'/c calc'!A0, \"x\"\n"})
    await client.delete("/api/catalog/things/conflict", headers={"user-agent": "@SUM(1)"})
    auditor = {"authorization": "auditor"}
    answer = await client.get("/api/audit/events.csv?plugin=catalog", headers=auditor)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-events.csv"'
    header, second, first = answer.text.split("\r\n")[:3]
    assert header.startswith("id,at,plugin,event,")
    assert ",'@SUM(1)," in second
    assert '"\'=cmd|\'/c calc\'!A0, ""x""' in first
    lines = (await client.get("/api/audit/events.jsonl?outcome=failed", headers=auditor)).text.splitlines()
    assert len(lines) == 1
    exports = [event for event in await stored(audit) if event.event == "audit-export"]
    assert [(event.meta["format"], event.meta["filter"]) for event in reversed(exports)] == [
        ("csv", {"plugin": "catalog"}),
        ("jsonl", {"outcome": "failed"}),
    ]
