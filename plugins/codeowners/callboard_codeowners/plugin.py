"""What the plugin contributes."""

from __future__ import annotations

from callboard.catalog.contributions import EntityProcessor
from callboard.plugins import Need, Plugin
from callboard_codeowners import processor
from callboard_codeowners.settings import Settings

PLUGIN = Plugin(
    id="codeowners",
    title="Codeowners",
    description="Sets the owner of entities from the CODEOWNERS file of their repository.",
    config=Settings,
    needs=(
        Need("network", "Reads the CODEOWNERS file of the repositories that entities come from."),
        Need("catalog.write", "Reads it beside descriptors on disk, where the catalog may."),
    ),
    contributions=(EntityProcessor("CodeOwnersProcessor", processor.made, reads=True),),
)
