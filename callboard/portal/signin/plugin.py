"""What sign-in contributes."""

from __future__ import annotations

from pathlib import Path

from callboard.plugins import Plugin
from callboard.portal.signin.pages import sign_in, sign_out
from callboard.web.contributions import Page, Templates

PLUGIN = Plugin(
    id="signin",
    title="Sign-in",
    contributions=(
        Page("/sign-in", sign_in),
        Page("/sign-out", sign_out),
        Templates("signin", Path(__file__).parent / "templates"),
    ),
)
