"""Answers as registries give them: recorded ones, and counts of downloads in the documented shape."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.core.reader.servers import Route, answer

RECORDED = Path(__file__).parents[1] / "recorded"


def recorded(name: str, **changed: Any) -> Route:
    """A recorded answer with an entity tag, which answers 304 to who has it; `changed` replaces fields."""
    body = {**json.loads((RECORDED / f"{name}.json").read_text()), **changed}
    return tagged(json.dumps(body).encode())


def tagged(content: bytes, tag: str = '"one"') -> Route:
    def send(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("If-None-Match") == tag:
            answer(status=304, ETag=tag)(handler)
        else:
            answer(content, ETag=tag)(handler)

    return send


def in_turn(*routes: Route) -> Route:
    """The first answer, then the second; the last one again and again."""
    left = list(routes)

    def send(handler: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return send


def counts(package: str, first: str, numbers: Sequence[int]) -> dict[str, Any]:
    """What /downloads/range says about one package."""
    start = date.fromisoformat(first)
    days = [
        {"day": (start + timedelta(days=place)).isoformat(), "downloads": number}
        for place, number in enumerate(numbers)
    ]
    return {"downloads": days, "start": first, "end": days[-1]["day"], "package": package}


def as_json(body: Any, **headers: str) -> Route:
    return answer(json.dumps(body).encode(), 200, **headers)
