"""What authors of plugins test with: a whole portal, the catalog alone, and a page in a browser, as fixtures.

pytest finds the fixtures by itself where Callboard is installed; else a conftest names them:

    pytest_plugins = ["callboard.testing.fixtures"]
"""

from callboard.testing.catalog import CatalogUnderTest, UnhealthyEntityError
from callboard.testing.portal import PortalUnderTest, Visitor
from callboard.testing.web import Sent, WebServer

__all__ = ["CatalogUnderTest", "PortalUnderTest", "Sent", "UnhealthyEntityError", "Visitor", "WebServer"]
