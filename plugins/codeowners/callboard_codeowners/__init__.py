"""Sets the owner of entities of a Callboard from the CODEOWNERS file of their repository."""

from callboard_codeowners.plugin import PLUGIN

__all__ = ["PLUGIN"]
