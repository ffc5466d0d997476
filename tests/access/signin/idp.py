"""The identity providers of `provider/server.mjs` as a child process, and a person's way through them."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.node import PROGRAMS, installed

FOLDER = Path(__file__).parent / "provider"
PORTAL = "http://portal.example"


@contextmanager
def identity_providers() -> Iterator[Mapping[str, str]]:
    """The addresses of the issuers by name: oidc, other, github, gitlab."""
    installed(FOLDER)
    process = subprocess.Popen(
        [PROGRAMS / "node", "server.mjs", f"{PORTAL}/api/auth"],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        ready, _, _ = select.select([process.stdout], [], [], 60)
        line = process.stdout.readline() if ready else ""
        assert line, f"the identity providers did not start, status {process.poll()}"
        yield json.loads(line)
    finally:
        process.stdin.close()  # the server ends with it
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


async def through(authorization_url: str, login: str) -> str:
    """Where the provider sends the browser after somebody logged in there: the portal's callback.

    `login` is a person of server.mjs; any other name leaves without logging in.
    """
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(authorization_url)
        while True:
            if answer.status_code == 200:
                answer = await browser.post(answer.url, data={"login": login})
            assert answer.is_redirect, answer.text
            target = answer.url.join(answer.headers["location"])
            if urlsplit(str(target)).netloc == urlsplit(PORTAL).netloc:
                return str(target)
            answer = await browser.get(target)
