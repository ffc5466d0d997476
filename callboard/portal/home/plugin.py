"""What the home page contributes."""

from __future__ import annotations

from pathlib import Path

from callboard.plugins import Plugin
from callboard.portal.home.pages import home
from callboard.web.contributions import NavigationItem, Page, Templates

PLUGIN = Plugin(
    id="home",
    title="Home",
    contributions=(
        Page("/", home),
        NavigationItem("Home", "/", "home", order=10),
        Templates("home", Path(__file__).parent / "templates"),
    ),
)
