"""Reads URLs that users wrote without becoming their tool: an allow-list, checked addresses, and limits."""

from callboard.core.reader.reader import ReadResult, UrlReader

__all__ = ["ReadResult", "UrlReader"]
