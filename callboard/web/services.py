"""What all pages share in one process."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment

from callboard.access.permissions import Permissions
from callboard.access.service import Access
from callboard.catalog.query import Queries
from callboard.catalog.service import Catalog
from callboard.catalog.visibility import Visibility
from callboard.core.config import Config
from callboard.model import Model
from callboard.plugins import Registry
from callboard.plugins.live import Live
from callboard.search import Search
from callboard.web.language import Texts
from callboard.web.preferences import PreferenceStore
from callboard.web.usage import Usage


@dataclass(frozen=True, slots=True)
class Services:
    """`development` shows the page of all components.

    `queries`, `catalog` and `search` know everything; pages use those of `View`, which are the visitor's.
    `visibility` says what each visitor sees; without it everyone sees and may do everything.
    """

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
    visibility: Visibility | None = None
    access: Access | None = None
    usage: Usage | None = None
    """Is told what visitors do; None: nobody is."""

    @property
    def registry(self) -> Registry:
        """The plugins that run."""
        return self.live.registry

    @property
    def permissions(self) -> Permissions | None:
        """Decides what visitors may do; None: everything."""
        return None if self.visibility is None else self.visibility.permissions
