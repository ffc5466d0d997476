"""Tells which links of the entities of a Callboard lead nowhere."""

from callboard_links_checker.plugin import PLUGIN

__all__ = ["PLUGIN"]
