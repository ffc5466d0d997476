"""Identity: signing keys, tokens, browser sessions, personal tokens, external access, and the gate before
every request. Enters: requests and the config (`auth`, `backend.auth`). Leaves: a `Principal` a request."""

from callboard.access.identity.credentials import Credentials
from callboard.access.identity.directory import Directory
from callboard.access.identity.paths import Paths
from callboard.access.identity.service import Identity, signed_in
from callboard.access.identity.sessions import Session

__all__ = ["Credentials", "Directory", "Identity", "Paths", "Session", "signed_in"]
