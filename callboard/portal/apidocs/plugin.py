"""What the API definitions contribute to the portal."""

from __future__ import annotations

from pathlib import Path

from callboard.plugins import Plugin
from callboard.portal.apidocs.pages import (
    definition_tab,
    is_api,
    raw_definition,
    to_catalog,
    try_operation,
)
from callboard.web.contributions import EntityTab, Page, Templates

PLUGIN = Plugin(
    "api-docs",
    "API definitions",
    (
        Templates("apidocs", Path(__file__).parent / "templates"),
        EntityTab("definition", "Definition", "apidocs/definition.html", definition_tab, is_api, order=15),
        Page("/api-docs", to_catalog),
        Page("/api-docs/raw/{namespace}/{name}", raw_definition),
        Page("/api-docs/try", try_operation, methods=("POST",)),
    ),
)
