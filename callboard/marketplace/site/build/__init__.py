"""Writes the public site as files that any web server or CDN can serve."""
