"""What authors of plugins test with: a whole portal, the catalog alone, and a page in a browser, as fixtures.

pytest finds the fixtures by itself where Callboard is installed; else a conftest names them:

    pytest_plugins = ["callboard.testing.fixtures"]
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from callboard.testing.catalog import CatalogUnderTest, UnhealthyEntityError
    from callboard.testing.portal import PortalUnderTest, Visitor
    from callboard.testing.web import Sent, WebServer

__all__ = ["CatalogUnderTest", "PortalUnderTest", "Sent", "UnhealthyEntityError", "Visitor", "WebServer"]

_MODULES = {
    "CatalogUnderTest": "catalog",
    "PortalUnderTest": "portal",
    "Sent": "web",
    "UnhealthyEntityError": "catalog",
    "Visitor": "portal",
    "WebServer": "web",
}


def __getattr__(name: str) -> Any:
    """Import a class when it is asked for: every run of pytest loads this package, and few test a portal."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
