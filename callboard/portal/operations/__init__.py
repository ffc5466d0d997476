"""The pages of whoever runs the catalog: its sources, what waits, what went wrong, and what to decide."""
