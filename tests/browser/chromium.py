"""The Chromium of the browser tests: found on the machine, installed where there is none, and launched.

usage: python -m tests.browser.chromium

`CHROMIUM` names one; else the first on PATH is taken; else the one that Playwright downloaded.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright
from playwright.sync_api import sync_playwright

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No page of ours needs another host, and a test must not depend on whether one answers.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
_APT = ("apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=120")


def find() -> str | None:
    """The program of a Chromium on this machine; raises when `CHROMIUM` names none."""
    named = os.environ.get(VARIABLE)
    if named:
        program = shutil.which(named)
        if program is None:
            raise FileNotFoundError(f"{VARIABLE}={named}: no such program")
        return program
    return next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A headless browser with a new profile, which ends with the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find(),
            headless=True,
            args=FLAGS,
            chromium_sandbox=os.geteuid() != 0,  # the sandbox refuses to work for root
        )
        try:
            yield browser
        finally:
            await browser.close()


def obtain() -> str:
    """Finds a Chromium or installs one; raises RuntimeError with what to do when neither works."""
    found = find() or _downloaded()
    if found:
        return found
    _install_from_distribution()
    if found := find():
        return found
    print("downloading a Chromium with Playwright", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if found := _downloaded():
        return found
    raise RuntimeError(
        "The browser tests need Chromium: none is on PATH, and neither apt-get nor Playwright could "
        f"install one (their output is above). Install it, or name one: "
        f"{VARIABLE}=/path/to/chromium make test"
    )


def _downloaded() -> str | None:
    with sync_playwright() as playwright:
        program = playwright.chromium.executable_path
    return program if Path(program).exists() else None


def _install_from_distribution() -> None:
    """Debian's package, when we may; the package lists are fetched only when they do not suffice."""
    if not shutil.which("apt-get"):
        return
    allowed: list[str] = []
    if os.geteuid() != 0:
        allowed = ["sudo", "-n"]
        if not shutil.which("sudo") or subprocess.run([*allowed, "true"], check=False).returncode:
            return
    print("installing Chromium with apt-get", flush=True)
    # `env`, because sudo passes no variables on.
    apt = [*allowed, "env", "DEBIAN_FRONTEND=noninteractive", *_APT]
    install = [*apt, "install", "--no-install-recommends", "chromium", "fonts-liberation"]
    if subprocess.run(install, stdout=subprocess.DEVNULL, check=False).returncode:
        subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, check=False)
        subprocess.run(install, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    try:
        obtain()
    except (RuntimeError, FileNotFoundError) as error:
        sys.exit(str(error))
