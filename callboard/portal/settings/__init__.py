"""The settings of the visitor."""
