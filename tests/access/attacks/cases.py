"""What a row of the table of attacks is, and the shortest ways to write one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from tests.access.attacks.siege import Siege
from tests.portal.hidden import CANARY

Attack = Callable[[Siege], Awaitable[int]]
"""Attacks, and tells the status it met. What else must hold of the answers it asserts itself."""
MakeToken = Callable[[Siege], Awaitable[str]]
ENTITIES = "/api/catalog/entities?limit=1"


@dataclass(frozen=True, slots=True)
class Case:
    """`status` 0 is a server that hangs up without an answer."""

    category: str
    name: str
    attack: Attack
    status: int


def showing(make: MakeToken, path: str = ENTITIES, method: str = "GET") -> Attack:
    """Shows a token and asks for something. A refusal never says what is wrong with the token."""

    async def attack(siege: Siege) -> int:
        async with siege.bearing(await make(siege)) as browser:
            answer = await browser.request(method, path)
        if answer.status_code == 401:
            assert answer.json()["error"]["message"] == "Illegal token"
        return answer.status_code

    return attack


def asking(
    path: str, method: str = "GET", *, cookies: str = "", body: object = None, **headers: str
) -> Attack:
    """Asks for something without having signed in."""

    async def attack(siege: Siege) -> int:
        sent = {**named(headers), **({"cookie": cookies} if cookies else {})}
        async with siege.browser(**sent) as browser:
            answer = await browser.request(method, path, json=body)
        return answer.status_code

    return attack


def named(headers: dict[str, str]) -> dict[str, str]:
    """Header names as keyword arguments can be written."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def silent(answer: httpx.Response, *unsaid: str) -> None:
    """The answer says nothing of what is hidden; `unsaid` is what the question itself said of it."""
    text = answer.text.lower()
    for one in unsaid:
        text = text.replace(one.lower(), "")
    at = text.find(CANARY)
    assert at < 0, f"{answer.request.url}: …{text[max(0, at - 100) : at + 100]}…"
