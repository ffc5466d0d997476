"""Source-code hosts: what their URLs mean, and which request fetches a file from them.

Pure functions of configuration and URLs; the requests themselves are made by `callboard.core.reader`.
"""

from callboard.core.integrations.integration import Integration, RawRequest, RepositoryPath
from callboard.core.integrations.registry import Integrations

__all__ = ["Integration", "Integrations", "RawRequest", "RepositoryPath"]
