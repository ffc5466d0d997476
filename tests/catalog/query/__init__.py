"""Filters, predicates, cursors and answers."""
