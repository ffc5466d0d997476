"""Reads URLs that users wrote without becoming their tool: an allow-list, checked addresses, and limits."""

from callboard.core.reader.fetching import Answer, Limits
from callboard.core.reader.reader import ReadResult, UrlReader

__all__ = ["Answer", "Limits", "ReadResult", "UrlReader"]
