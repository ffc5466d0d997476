"""The page that takes in descriptors: what a URL or a text would do to the catalog, and registering a URL."""
