"""What entities are: references, the envelope, kinds and their relations. Pure: no database, no network."""

from callboard.model.model import Kind, Model, Relation, load_kind

__all__ = ["Kind", "Model", "Relation", "load_kind"]
