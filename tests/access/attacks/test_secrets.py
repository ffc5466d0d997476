"""Secrets go in, and come out nowhere: not in answers, not in the audit log, not in the server's log."""

from __future__ import annotations

import logging

import pytest

from callboard.access.identity.cookies import SESSION_COOKIE
from tests.access.attacks.siege import FIXED, HTML, JANE, NARROW, READS, ROOT, Siege
from tests.access.signin.door import begin
from tests.access.signin.idp import through

CANARY = "canary-that-nobody-may-repeat"


@pytest.mark.asyncio(loop_scope="package")
async def test_no_secret_is_told_anywhere(
    siege: Siege, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "httpx")  # the browser of the test
    told = []
    personal, user = await siege.personal(JANE, "write"), await siege.token(JANE)
    async with siege.browser(**HTML) as browser:
        url = await through(await begin(browser, "oidc"), "jane")
        told.append((await browser.get(url)).text)
        session = browser.cookies[SESSION_COOKIE]
        told += [
            (await browser.get(path)).text for path in ("/settings", "/catalog", "/api/auth/v1/sessions")
        ]
    secrets = {"portal-secret-of-the-tests", CANARY, FIXED, NARROW, READS, personal, user, session}
    for token in (personal, user, FIXED, NARROW, READS, CANARY):
        async with siege.bearing(token) as browser:
            for path in ("/api/catalog/entities?limit=1", f"/api/catalog/nothing?token={CANARY}", "/nothing"):
                told.append((await browser.get(path)).text.replace(f"token={CANARY}", ""))
            body = {"password": CANARY, "entityRef": "component:default/none", "token": CANARY}
            answer = await browser.post(f"/api/catalog/refresh?access_token={CANARY}", json=body)
            told.append(answer.text.replace(f"access_token={CANARY}", ""))
    async with await siege.user(ROOT) as root:
        for path in (
            "/api/audit/events?limit=1000",
            "/api/audit/events.csv",
            "/admin/audit",
            "/admin/plugins/auth",
        ):
            answer = await root.get(path)
            assert answer.status_code == 200, path
            told.append(answer.text)
        assert "refresh" in told[-4], "the log of what happened is written"
    told += [caplog.text, *capsys.readouterr()]
    for secret in secrets:
        for text in told:
            at = text.find(secret)
            assert at < 0, text[max(0, at - 200) : at + 40]
