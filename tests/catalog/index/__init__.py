"""The read index."""
