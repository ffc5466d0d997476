"""The relation graph: any entities with what surrounds them, as a picture and as text."""
