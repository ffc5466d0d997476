"""The first page: search, and what is the visitor's own."""
