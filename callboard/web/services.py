"""What all pages share in one process."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment

from callboard.catalog.query import Queries
from callboard.catalog.service import Catalog
from callboard.core.config import Config
from callboard.model import Model
from callboard.plugins import Registry
from callboard.plugins.live import Live
from callboard.search import Search
from callboard.web.language import Texts
from callboard.web.preferences import PreferenceStore


@dataclass(frozen=True, slots=True)
class Services:
    """`development` shows the page of all components."""

    catalog: Catalog
    queries: Queries
    search: Search
    preferences: PreferenceStore
    model: Model
    config: Config
    live: Live
    templates: Environment
    texts: Texts
    development: bool = False

    @property
    def registry(self) -> Registry:
        """The plugins that run."""
        return self.live.registry
