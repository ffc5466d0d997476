"""The page of all search results, and the suggestions of the palette."""
