"""The definition of an API as pages to read, and trying its operations."""
