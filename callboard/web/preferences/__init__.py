"""What a visitor starred, visited and set; kept in the database, by browser until there is a sign-in."""

from callboard.web.preferences.preferences import Preferences
from callboard.web.preferences.store import PreferenceStore

__all__ = ["PreferenceStore", "Preferences"]
