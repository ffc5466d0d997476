"""Data pipelines: sources, a lake of Parquet, models and marts (see docs/design/0008-pipelines.md)."""
