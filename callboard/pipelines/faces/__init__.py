"""The pages and routes of the pipelines."""
