"""Sign-in: who a person is according to an identity provider, and which user of the catalog that is."""

from callboard.access.signin.api import SignInParts, signin_routes
from callboard.access.signin.contribution import SignInProvider
from callboard.access.signin.settings import SignInSettings, read_signin_settings

__all__ = ["SignInParts", "SignInProvider", "SignInSettings", "read_signin_settings", "signin_routes"]
