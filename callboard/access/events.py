"""Takes in events from outside over HTTP, as Backstage does (contract note C5), and hands them to plugins.

A topic of a source host is believed by its signature; any other needs credentials like the rest of the API.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from callboard.access.principals import principal_of
from callboard.core.config import Config
from callboard.core.errors import AuthenticationError, InputError, NotAllowedError, NotFoundError
from callboard.core.http import json_answer
from callboard.core.http_body import read_body
from callboard.plugins.contributions import Event
from callboard.plugins.events import Events

PATH = r"/api/events/http/[^/]+"
"""Open to everyone: the topics decide."""
KNOWN_KEYS = {
    "events.http.topics",
    "events.modules.github.webhookSecret",
    "events.modules.gitlab.webhookSecret",
}
MAX_BODY = 5 * 1024 * 1024
_KEPT = ("x-github-event", "x-github-delivery", "x-gitlab-event", "x-gitlab-event-uuid", "content-type")
"""The headers that subscribers are told; signatures and cookies are not among them."""

Check = Callable[[Mapping[str, str], bytes, bytes], bool]
"""Whether headers and body are signed with a secret."""


@dataclass(frozen=True, slots=True)
class EventSettings:
    """`topics` are taken in; those in `secrets` by signature."""

    topics: frozenset[str]
    secrets: Mapping[str, bytes]


def read_event_settings(config: Config) -> EventSettings:
    """Raises ConfigError for what is no text."""
    topics = {str(topic) for topic in config.sequence("events.http.topics", [])}
    secrets = {}
    for topic in CHECKS:
        secret = config.string(f"events.modules.{topic}.webhookSecret", None)
        if secret:
            secrets[topic] = secret.encode()
    return EventSettings(frozenset(topics | secrets.keys()), secrets)


def event_routes(events: Events, settings: EventSettings) -> list[Route]:
    """`POST /api/events/http/{topic}` answers 202 once the event is handed on."""

    async def take(request: Request) -> Response:
        topic = request.path_params["topic"]
        known = topic in settings.topics
        secret = settings.secrets.get(topic)
        if secret is None and principal_of(request).type == "none":
            raise AuthenticationError("Missing credentials")
        if not known:
            raise NotFoundError(f"There is no topic {topic}")
        body = await read_body(request, limit=MAX_BODY)
        if secret is not None and not CHECKS[topic](request.headers, body, secret):
            raise NotAllowedError("The event is not signed with the secret of its topic")
        try:
            payload = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise InputError("The event is not valid JSON") from None
        told = {name: value for name in _KEPT if (value := request.headers.get(name)) is not None}
        events.publish(Event(topic, payload, told))
        return json_answer({"status": "accepted"}, 202)

    return [Route("/api/events/http/{topic}", take, methods=["POST"])]


def _github(headers: Mapping[str, str], body: bytes, secret: bytes) -> bool:
    wanted = "sha256=" + hmac.new(secret, body, sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), headers.get("x-hub-signature-256", "").encode())


def _gitlab(headers: Mapping[str, str], _: bytes, secret: bytes) -> bool:
    return hmac.compare_digest(secret, headers.get("x-gitlab-token", "").encode())


CHECKS: Mapping[str, Check] = {"github": _github, "gitlab": _gitlab}
