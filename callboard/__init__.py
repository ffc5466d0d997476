"""Callboard: an internal developer portal, wire-compatible with Backstage."""

__version__ = "0.1.0"
