"""What the settings contribute."""

from __future__ import annotations

from pathlib import Path

from callboard.plugins import Plugin
from callboard.portal.settings.access import change_sessions, revoke_token
from callboard.portal.settings.pages import new_token, save, show
from callboard.web.contributions import NavigationItem, Page, Templates

PLUGIN = Plugin(
    id="settings",
    title="Settings",
    contributions=(
        Page("/settings", show),
        Page("/settings", save, methods=("POST",)),
        Page("/settings/sessions", change_sessions, methods=("POST",)),
        Page("/settings/tokens", new_token, methods=("POST",)),
        Page("/settings/tokens/revoke", revoke_token, methods=("POST",)),
        NavigationItem("Settings", "/settings", "settings", order=90, section="end"),
        Templates("settings", Path(__file__).parent / "templates"),
    ),
)
