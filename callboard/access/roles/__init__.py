"""Roles: who may do what, kept as one versioned document. See README.md."""
