"""The page of one entity: its frame, its tabs and cards, and what can be done to it."""
