"""Waits for the numbers of the example: the portal makes them by itself soon after it started."""

from __future__ import annotations

import time

import httpx

from tests.servers import Server

LISTING = "/marketplace/plugins/rhdh/3scale"
PATIENCE = 240  # seconds, on a machine that does much else


def first_run(portal: Server) -> str:
    """The id of the portal's first run, once it finished and the Marketplace shows what it measured."""
    until = time.monotonic() + PATIENCE
    with httpx.Client(base_url=portal.base_url) as client:
        while time.monotonic() < until:
            found = client.get("/api/pipelines/runs").json()["items"]
            assert not found or found[-1]["status"] in ("running", "finished"), portal.log_text()
            if found and found[-1]["status"] == "finished" and "of 100" in client.get(LISTING).text:
                return str(found[-1]["id"])
            time.sleep(0.5)
    raise AssertionError(f"nothing was measured within {PATIENCE} seconds\n{portal.log_text()}")
